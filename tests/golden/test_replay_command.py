"""The same from the command line: `vppsh replay`, as a user types it."""

import subprocess
import sys

import pytest

from engine.devices.pcap.capture import open_capture

from .compare import HERE, differences, golden, packets
from .test_golden import FLOWS, NODE1, frames

COMMAND = [sys.executable, "-m", "shell.main", "replay", "--config", str(NODE1)]


def vppsh(*options):
    return subprocess.run([*COMMAND, *map(str, options)], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("flow", ["pod-to-service-same-node", "host-to-pod"])
def test_flow(flow, tmp_path):
    options = []
    for enters, leaves, name in FLOWS[flow]:
        options += ["--input", f"{enters}={HERE / flow / name}.pcap", "--output", f"{leaves}={tmp_path / leaves}.pcap"]
    result = vppsh(*options, "--trace", 10)
    assert (result.returncode, result.stderr) == (0, "")
    traced = packets(result.stdout)
    for number, (_, leaves, name) in enumerate(FLOWS[flow], 1):
        assert differences(golden(flow, name), traced[number]) == []
        assert [frame for _, frame, *_ in open_capture(tmp_path / f"{leaves}.pcap")] == frames(flow, f"{name}.out")


def test_trace_of_the_first_packet_only():
    (enters, _, request), (answers, _, response) = FLOWS["pod-to-service-same-node"]
    folder = HERE / "pod-to-service-same-node"
    result = vppsh("--input", f"{enters}={folder / request}.pcap", "--input", f"{answers}={folder / response}.pcap",
                   "--trace", 1, "--show", "show nat44 sessions")  # fmt: skip
    assert list(packets(result.stdout)) == [1]
    assert "10.1.1.5" in result.stdout


def test_a_refused_line_is_named(tmp_path):
    config = tmp_path / "node.vpp"
    config.write_text("create tap id 7\nset interface state tap9 up\n")
    given = HERE / "pod-to-service-same-node" / "01-request-node1.pcap"
    command = [*COMMAND[:-1], str(config), "--input", f"tap7={given}"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 1
    assert f"{config}:2: set interface state: unknown interface `tap9 up'" in result.stderr


@pytest.mark.parametrize("content", [None, b"this is no capture"])
def test_an_input_that_cannot_be_read(tmp_path, content):
    path = tmp_path / "frames.pcap"
    if content is not None:
        path.write_bytes(content)
    result = vppsh("--input", f"tap2={path}")
    assert result.returncode == 2
    assert str(path) in result.stderr
    assert "Traceback" not in result.stderr


def test_a_capture_that_is_cut_names_the_packet(tmp_path):
    name = HERE / "pod-to-service-same-node" / "01-request-node1.pcap"
    path = tmp_path / "cut.pcap"
    path.write_bytes(name.read_bytes()[:-1])
    result = vppsh("--input", f"tap2={path}")
    assert result.returncode == 2
    assert f"{path}: packet 1: the file ends inside the frame" in result.stderr


@pytest.mark.parametrize("options", [["--input", "tap2"], ["--frobnicate"], ["--trace", "many"]])
def test_wrong_usage(options):
    assert vppsh(*options).returncode == 2
