"""Numbers and columns as VPP prints them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cli import format as vpp


@pytest.mark.parametrize(
    ("template", "args", "text"),
    [
        ("%5d|", (42,), "   42|"),
        ("%05d", (42,), "00042"),
        ("%-6s|", ("ab",), "ab    |"),
        ("%=6s|", ("abc",), "  abc |"),
        ("%=5s|", ("ab",), "  ab |"),
        ("%-3s|", ("abcdef",), "abc|"),
        ("%3d", (123456,), "123"),
        ("%10.4s", ("abcdef",), "      abcd"),
        ("%16Ld", (2**40,), "   1099511627776"),
        ("%08x: %02x %X", (255, 10, 255), "000000ff: 0a FF"),
        ("%.2f", (0.25,), ".25"),
        ("%.2f", (0.0,), "0.00"),
        ("%.2f", (-0.001,), "0.00"),
        ("%.2f", (-0.25,), "-.25"),
        ("%.4f", (20.1914,), "20.1914"),
        ("%f%%", (20.0,), "20%"),
        ("%.2e", (1340,), "1.34e3"),
        ("%.2e", (0.00419,), "4.19e-3"),
        ("%.2e", (0,), "0.00e0"),
        ("%s", (None,), "(nil)"),
        (
            "%=32s%=5s%=10s%=21s%=16s%=16s",
            ("Name", "Idx", "State", "MTU (L3/IP4/IP6/MPLS)", "Counter", "Count"),
            "              Name               Idx    State  MTU (L3/IP4/IP6/MPLS)     Counter          Count     ",
        ),
    ],
)
def test_vformat(template, args, text):
    assert vpp.vformat(template, *args) == text


@pytest.mark.parametrize(("template", "args"), [("%d", ()), ("%d", (1, 2)), ("%q", (1,))])
def test_vformat_refuses(template, args):
    with pytest.raises(ValueError, match=r"arguments|directive"):
        vpp.vformat(template, *args)


@given(st.text(), st.integers(1, 60))
def test_a_column_never_shifts(text, width):
    for place in (vpp.left, vpp.right, vpp.centre):
        assert len(place(text, width)) == width


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0"), (1023, "1023"), (1024, "1k"), (1536, "1.50k"), (65536, "64k"), (2 << 20, "2m"), (3 << 29, "1.50g")],
)
def test_memory_size(size, text):
    assert vpp.format_memory_size(size) == text


def test_hex_bytes():
    assert vpp.format_hex_bytes(b"\x02\xfe") == "02fe"
    assert vpp.format_hex_bytes(bytes(32)) == "00" * 32
    assert vpp.format_hex_bytes(bytes(33), column=2) == f"00000000: {'00' * 32}\n  00000020: 00"


def test_time_wraps_at_a_day():
    assert vpp.format_time(50.461163) == "00:00:50:461163"
    assert vpp.format_time(86400 + 3661.5) == "01:01:01:500000"


def test_nest_indents_to_the_start_column():
    assert vpp.nest("a\n    [0] ", "x\ny") == "a\n    [0] x\n        y"
    assert vpp.nest("ab", "x\ny", extra=2) == "abx\n    y"


def test_interfaces_sort_by_number_with_sub_interfaces_below():
    names = ["pg10", "pg2.10", "loop0", "pg2", "local0", "pg2.9", "pg"]
    assert sorted(names, key=vpp.interface_key) == ["local0", "loop0", "pg", "pg2", "pg2.9", "pg2.10", "pg10"]


@given(st.lists(st.text()))
def test_any_name_can_be_sorted(names):
    assert len(sorted(names, key=vpp.interface_key)) == len(names)
