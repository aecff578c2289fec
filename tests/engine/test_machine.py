"""`show cpu` and `show plugins`."""

from engine import Engine
from engine.machine import cpu

CPUINFO = """processor\t: 0
cpu family\t: 15
model\t\t: 17
model name\t: AMD EPYC
cpu MHz\t\t: 2600.000
flags\t\t: fpu pni ssse3 avx2 nonstop_tsc

processor\t: 1
model name\t: another
"""


def test_first_core(tmp_path):
    path = tmp_path / "cpuinfo"
    path.write_text(CPUINFO)
    assert cpu(path) == {
        "model_name": "AMD EPYC",
        "family": 15,
        "model": 17,
        "flags": ["sse3", "ssse3", "avx2", "invariant_tsc"],
        "base_ghz": 2.6,
    }


def test_no_such_file(tmp_path):
    assert cpu(tmp_path / "none")["model_name"] == "unknown"


def test_layout():
    with Engine() as vpp:
        first, *others = vpp.cli("show cpu").splitlines()
        plugins = vpp.cli("show plugins").splitlines()
    assert first.startswith("Model name:               ")
    assert others[0].startswith("Microarchitecture:        unknown (family 0x")
    assert plugins[2] == f"     {'Plugin':41}{'Version':33}Description"
    assert plugins[3].startswith("  1. ")
    assert any(line[5:45].rstrip() == "acl_plugin.so" for line in plugins)
