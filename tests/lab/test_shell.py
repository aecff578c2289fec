"""`vppsh lab` and `vppsh replay --lab`."""

import json
import os
import subprocess
import sys

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import create_pipe_input

from engine.devices.pcap.capture import open_capture
from engine.devices.pcap.writer import PcapWriter
from shell.client import Client
from shell.console import Console, EngineCompleter
from shell.lab import Session
from tests.shell.conftest import ENGINE, ROOT, vppsh  # noqa: F401
from tests.shell.test_console import plain, screen  # noqa: F401

from .frames import udp


@pytest.fixture
def session(folder):
    path = str(folder / "lab.sock")
    process = subprocess.Popen(
        [*ENGINE, "--socket", path, "--lab", str(folder / "lab.toml")], stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert process.stdout.readline() == f"listening on {path}\n".encode()
    with Client(path) as client:
        yield Session(client, client.nodes())
    process.terminate()
    assert process.wait(10) == 0
    process.stdout.close()


def test_a_line_is_for_the_current_node(session):
    assert session.prompt == "a# "
    assert "tap1" in session.cli("show interface")
    assert session.cli("node b") == "" and session.prompt == "b# "
    assert "tap2" in session.cli("show interface")
    assert "tap1" in session.cli("node a show  interface") and session.current == "b"
    assert session.cli("node") == "  a\n* b\n"


def test_all_runs_a_line_on_every_node_below_a_heading(session):
    text = session.cli("all   show interface")
    assert text.index("==== a ====") < text.index("tap1") < text.index("==== b ====") < text.index("tap2")
    assert session.current == "a"


@pytest.mark.parametrize(("line", "said"), [
    ("node c", "node: there is no node c, only a, b\n"),
    ("node c show interface", "node: there is no node c, only a, b\n"),
    ("all", "all: expected a command\n"),
    ("node b foo", "unknown input `foo'\n"),
    ("foo", "unknown input `foo'\n")])
def test_lines_that_make_no_sense(session, line, said):
    assert session.cli(line) == said


@pytest.mark.parametrize(("text", "found", "missing"), [
    ("", {"all", "node", "show"}, {"a", "b"}),
    ("no", {"node"}, {"all"}),
    ("node", {"node"}, {"a"}),
    ("node ", {"a", "b"}, {"show"}),
    ("node b set interface state t", {"tap2"}, {"tap1"}),
    ("node c set interface state t", set(), {"tap1", "tap2"}),
    ("all sh", {"show"}, {"all"}),
    ("set interface state t", {"tap1"}, {"tap2"}),
    ("set interface state tap1 ", {"up", "down"}, {"all", "node"})])
def test_completion(session, text, found, missing):
    words = {completion.text.strip() for completion in
             EngineCompleter(session).get_completions(Document(text), CompleteEvent())}
    assert found <= words and not missing & words


def test_the_console(session, screen):  # noqa: F811
    with create_pipe_input() as keys:
        keys.send_text("show version\rnode b\rshow version\rquit\r")
        assert Console(session, keys=keys, screen=screen, history=InMemoryHistory()).run() == 0
    text = plain(screen)
    assert "a# show version" in text and "b# show version" in text


def test_one_command_for_all_nodes(vppsh, folder):  # noqa: F811
    status, out, err = vppsh("lab", str(folder / "lab.toml"), "show", "interface")
    assert (status, err) == (0, "")
    assert out.index("==== a ====") < out.index("tap1") < out.index("==== b ====") < out.index("tap2")


def test_a_file_of_lines(vppsh, folder):  # noqa: F811
    lines = ["# where are we", "node b", "", "set interface state tap2 down # now", "show interface tap2"]
    (folder / "lines").write_text("\n".join(lines))
    lab, file = ["lab", str(folder / "lab.toml")], ["-f", "lines"]
    for arguments in ([*lab, *file], [*file, *lab]):
        status, out, err = vppsh(*arguments)
        assert (status, err) == (0, "") and "down" in out and "====" not in out


@pytest.mark.parametrize(("line", "said"), [
    ("node c", "node: there is no node c, only a, b"), ("all foo", "unknown input `foo'"), ("all", "all: expected")])
def test_a_file_that_is_refused(vppsh, folder, line, said):  # noqa: F811
    (folder / "lines").write_text(f"show version\n{line}\nshow clock\n")
    status, out, err = vppsh("lab", str(folder / "lab.toml"), "-f", "lines")
    assert status == 1 and err.startswith(f"vppsh: lines:2: {said}")
    assert "vpp v" in out and "Time now" not in out


@pytest.mark.parametrize(("arguments", "status", "said"), [
    (["lab"], 2, "expected a lab file"),
    (["lab", "none.toml", "show", "version"], 2, "none.toml: No such file"),
    (["--socket", "x", "lab", "lab.toml"], 2, "a lab has engines of its own"),
    (["--profile", "18.10", "lab", "lab.toml"], 2, "a lab has engines of its own"),
    (["--profile", "18.10", "replay", "--lab", "lab.toml", "--input", "a:tap1=in.pcap"], 2, "or --profile with"),
    (["lab", "lab.toml", "-f", "none"], 1, "cannot read none"),
    (["replay", "--lab", "none.toml", "--input", "a:tap1=in.pcap"], 2, "none.toml: No such file"),
    (["replay", "--lab", "lab.toml", "--input", "tap1=in.pcap"], 2, "expected NODE:INTERFACE"),
    (["replay", "--lab", "lab.toml", "--input", "c:tap1=in.pcap"], 2, "no node c"),
    (["replay", "--lab", "lab.toml", "--input", "a:tap9=in.pcap"], 2, "a: no interface tap9"),
    (["replay", "--lab", "lab.toml", "--config", "a.vpp", "--input", "a:tap1=in.pcap"], 2, "not allowed with"),
    (["replay", "--lab", "lab.toml", "--startup", "nat {}", "--input", "a:tap1=in.pcap"], 2, "no --startup"),
    (["replay", "--input", "a:tap1=in.pcap"], 2, "--config --lab"),
    (["replay", "--lab", "lab.toml", "--input", "a:tap1=in.pcap", "--show", "b: foo"], 2, "unknown input `foo'"),
    (["replay", "--lab", "refused.toml", "--input", "a:tap1=in.pcap"], 1, "b: bad.vpp:1: unknown input"),
    (["lab", "refused.toml"], 1, "b: bad.vpp:1: unknown input")])
def test_wrong_usage(vppsh, folder, capture, monkeypatch, arguments, status, said):  # noqa: F811
    monkeypatch.chdir(folder)
    (folder / "bad.vpp").write_text("foo\n")
    (folder / "refused.toml").write_text('[nodes.a]\n[nodes.b]\nconfig = "bad.vpp"\n')
    found, _, err = vppsh(*arguments)
    assert (found, said in err) == (status, True), err


@pytest.fixture
def capture(folder):
    with PcapWriter(folder / "in.pcap") as capture:
        for i in range(3):
            capture.append(udp(1, "10.2.0.2"), i)
    return folder / "in.pcap"


def test_replay_prints_the_traces_and_shows_of_all_nodes(vppsh, folder, capture):  # noqa: F811
    status, out, err = vppsh(
        "replay", "--lab", str(folder / "lab.toml"), "--input", f"a:tap1={capture}", "--output", "b:tap2=out.pcap",
        "--trace", "2", "--show", "b: show interface tap2", "--show", "show version")
    assert (status, err) == (0, "")
    assert out.count("==== a ====") == 2 and out.count("==== b ====") == 3
    assert out.index("wan-output") < out.index("dpdk-input") < out.index("tap2-output")
    assert out.count("Packet 2") == 2 and "Packet 3" not in out
    assert len(list(open_capture(folder / "out.pcap"))) == 3


def test_replay_as_json(vppsh, folder, capture):  # noqa: F811
    status, out, err = vppsh(
        "replay", "--lab", str(folder / "lab.toml"), "--input", f"a:tap1={capture}", "--json",
        "--show", "b: show interface tap2", "--show", "show version")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert [len(node["packets"]) for node in found["nodes"].values()] == [3, 3]
    assert set(found["nodes"]["a"]["shows"]) == {"show version"}
    assert set(found["nodes"]["b"]["shows"]) == {"show version", "show interface tap2"}
    assert found["run"]["transmitted"] == 3 and found["run"]["wires"][0]["sent"] == 3


def test_piped_lines(folder):
    ran = subprocess.run(
        [sys.executable, "-m", "shell.main", "lab", str(folder / "lab.toml")], input="node b\nshow interface\nquit\n",
        capture_output=True, text=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True)
    assert "tap2" in ran.stdout and ran.stderr == ""


def test_a_running_lab_is_attached_to(session, vppsh, folder):  # noqa: F811
    status, out, _ = vppsh("--socket", str(folder / "lab.sock"), "node", "b", "show", "interface")
    assert status == 0 and "tap2" in out
