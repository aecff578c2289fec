"""Reading arguments, and what errors quote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cli import (
    GROUP,
    HEX,
    INT,
    IP4,
    MAC,
    PREFIX4,
    REST,
    U8,
    U16,
    U32,
    U64,
    WORD,
    Cursor,
    Names,
)

TYPES = [GROUP, HEX, INT, IP4, MAC, PREFIX4, REST, U8, U16, U32, U64, WORD, Names({"tcp": 6, "udp": 17})]


@pytest.mark.parametrize(
    ("read", "text", "value", "rest"),
    [
        (Cursor.integer, "12 x", 12, "x"),
        (Cursor.integer, "-3", -3, ""),
        (Cursor.integer, "0x1F", 31, ""),
        (Cursor.integer, "12abc", 12, "abc"),
        (Cursor.integer, "x", None, "x"),
        (Cursor.decimal, "-3", None, "-3"),
        (Cursor.hexadecimal, "0xff", 255, ""),
        (Cursor.ip4, "10.0.0.1/24", "10.0.0.1", "/24"),
        (Cursor.ip4, "300.1.1.1", None, "300.1.1.1"),
        (Cursor.ip4, "10.1.1", None, "10.1.1"),
        (Cursor.prefix4, "10.9.1.1/16", "10.9.1.1/16", ""),
        (Cursor.prefix4, "10.9.1.1/33", None, "10.9.1.1/33"),
        (Cursor.prefix4, "10.9.1.1", None, "10.9.1.1"),
        (Cursor.mac, "02:FE:0:0:0:1", "02:fe:00:00:00:01", ""),
        (Cursor.mac, "0200.0000.0102", "02:00:00:00:01:02", ""),
        (Cursor.mac, "02:fe:00", None, "02:fe:00"),
        (Cursor.group, "{ a { b } c } d", "a { b } c", "d"),
        (Cursor.group, "{ a", None, "{ a"),
        (Cursor.group, "word next", "word", "next"),
    ],
)
def test_readers(read, text, value, rest):
    cursor = Cursor(text)
    found = read(cursor)
    assert (str(found) if isinstance(value, str) else found) == value
    assert cursor.rest() == rest


def test_ranges():
    assert U16.parse(Cursor("65535"), None) == 65535
    assert U16.parse(Cursor("65536"), None) is None
    assert U16.parse(Cursor("-1"), None) is None
    assert INT.parse(Cursor("-1"), None) == -1


def test_a_longer_name_goes_first():
    assert Names({"tcp": 1, "tcp-established": 2}).parse(Cursor("tcp-established 5"), None) == 2


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("foo  \n", "foo"),
        ("a\tb", "a\\tb"),
        ("x" * 29 + "\n", "x" * 29),
        ("x" * 30, "x" * 30),
        ("x" * 30 + "\n", "x" * 30 + "..."),
        ("via 10.3.3.3 pg1 via 10.3.3.4 pg1", "via 10.3.3.3 pg1 via 10.3.3.4 ..."),
    ],
)
def test_quote(text, quoted):
    assert Cursor(text).quote() == quoted
    assert Cursor(" " + text).quote() == quoted


@given(st.text())
def test_no_input_breaks_a_type(text):
    for each in TYPES:
        cursor = Cursor(text)
        each.parse(cursor, None)
        assert 0 <= cursor.pos <= len(text)


@given(st.from_regex(r"[0-9.:/a-fx{}-]{0,400}", fullmatch=True))
def test_no_address_like_input_breaks_a_type(text):
    for each in TYPES:
        each.parse(Cursor(text), None)


@given(st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_addresses_read_back(address, length):
    text = ".".join(str(octet) for octet in address.to_bytes(4, "big"))
    assert int(Cursor(text).ip4()) == address
    assert str(Cursor(f"{text}/{length}").prefix4()) == f"{text}/{length}"
