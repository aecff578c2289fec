"""`vppsh replay`: its options, what it prints where, and its exit status."""

import json

import pytest
from dpkt.pcap import Writer

CONFIG = "create packet-generator interface pg0\nset interface state pg0 up\n"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "node.vpp").write_text(CONFIG)
    with open(tmp_path / "in.pcap", "wb") as file:
        Writer(file)
    return ["--config", "node.vpp", "--input", "pg0=in.pcap"]


def test_the_trace_and_then_the_shows_in_order(vppsh, files):
    status, out, err = vppsh("replay", *files, "--show", "show interface", "--show", "show version")
    assert (status, err) == (0, "")
    assert "No packets in trace buffer" in out
    assert out.index("No packets") < out.index("local0") < out.index("vpp v")


def test_no_trace(vppsh, files):
    assert vppsh("replay", *files, "--trace", "0") == (0, "", "")


def test_what_the_configuration_prints_is_kept_back(vppsh, files, tmp_path):
    (tmp_path / "node.vpp").write_text(CONFIG + "show version\n")
    assert "vpp v" not in vppsh("replay", *files)[1]


def test_json(vppsh, files):
    status, out, err = vppsh("replay", *files, "--json", "--show", "show interface")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert found["packets"] == []
    assert found["run"]["received"] == 0
    assert found["shows"]["show interface"]["interfaces"][0]["name"] == "local0"


def test_a_configuration_that_is_refused(vppsh, files, tmp_path):
    (tmp_path / "more.vpp").write_text("\nset interface state pg9 up\n")
    status, out, err = vppsh("replay", *files, "--config", "more.vpp")
    assert (status, out) == (1, "")
    assert err == "more.vpp:2: set interface state: unknown interface `pg9 up'\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--input", "pg1=none.pcap"], "none.pcap: No such file"),
        (["--config", "none.vpp"], "none.vpp: No such file"),
        (["--input", "pg9=in.pcap"], "pg9"),
        (["--input", "pg0=in.pcap"], "pg0 is given twice"),
        (["--input", "pg0"], "expected INTERFACE=FILE"),
        (["--trace", "-1"], "expected a number of packets"),
        (["--trace", "many"], "expected a number of packets"),
        (["--nonsense"], "--nonsense"),
        (["--profile", "99.99"], "99.99"),
        (["--show", "show foo"], "show: unknown input `foo'"),
    ],
)
def test_wrong_usage(vppsh, files, arguments, said):
    status, _, err = vppsh("replay", *files, *arguments)
    assert status == 2
    assert said in err
    assert "Traceback" not in err


def test_a_capture_that_is_none(vppsh, files, tmp_path):
    (tmp_path / "in.pcap").write_text("no capture")
    status, out, err = vppsh("replay", *files)
    assert (status, out) == (2, "")
    assert "in.pcap" in err


@pytest.mark.parametrize("missing", ["--config", "--input"])
def test_what_must_be_given(vppsh, files, missing):
    index = files.index(missing)
    status, _, err = vppsh("replay", *files[:index], *files[index + 2 :])
    assert status == 2
    assert missing in err
