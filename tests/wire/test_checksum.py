"""Checksums against full recomputation and against dpkt."""

import struct

import dpkt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.wire import checksum

halves = st.integers(0, 0xFFFF)
words = st.integers(0, 0xFFFFFFFF)


def plain(data: bytes) -> int:
    """RFC 1071, as plainly as it can be said."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def same(one: int, other: int) -> bool:
    """Equal in one's complement arithmetic, which has two zeros."""
    return one % 0xFFFF == other % 0xFFFF


@given(st.binary(max_size=2000))
def test_any_bytes(data):
    assert checksum.of(data) == plain(data) == dpkt.in_cksum(data)


@given(st.binary(min_size=1, max_size=100), st.integers(0, 7))
def test_alignment_does_not_matter(data, offset):
    assert checksum.of(memoryview(bytes(offset) + data)[offset:]) == plain(data)


@given(st.binary(min_size=20, max_size=60).filter(lambda data: len(data) % 4 == 0))
def test_ip4_header(header):
    blank = header[:10] + b"\0\0" + header[12:]
    value = checksum.ip4_header(header)
    assert value == plain(blank)
    filled = header[:10] + struct.pack("!H", value) + header[12:]
    assert checksum.ip4_header_ok(filled)
    assert checksum.ip4_header_ok(header) == (plain(header) == 0)


@given(st.binary(min_size=4, max_size=64).filter(lambda data: len(data) % 4 == 0), st.data())
def test_incremental_equals_full(data, draw):
    """Replace one field; the incremental result verifies like the full one."""
    width = draw.draw(st.sampled_from([2, 4]))
    offset = draw.draw(st.integers(0, (len(data) - width) // 2)) * 2
    old = data[offset : offset + width]
    new = draw.draw(st.binary(min_size=width, max_size=width))
    after = data[:offset] + new + data[offset + width :]
    update = checksum.update16 if width == 2 else checksum.update32
    got = update(plain(data), int.from_bytes(old, "big"), int.from_bytes(new, "big"))
    assert same(got, plain(after))


@given(halves, words, words)
def test_update32_is_vpps_arithmetic(value, old, new):
    """c + old - new on raw little-endian loads in 64 bits with the borrow brought round, then folded."""
    raw = int.from_bytes(value.to_bytes(2, "big"), "little")
    old_raw, new_raw = (int.from_bytes(n.to_bytes(4, "big"), "little") for n in (old, new))
    total = raw + old_raw - new_raw
    if total < 0:
        total += (1 << 64) - 1
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    assert checksum.update32(value, old, new) == int.from_bytes(total.to_bytes(2, "little"), "big")


@given(halves, words, words)
def test_update_there_and_back(value, old, new):
    assert same(checksum.update32(checksum.update32(value, old, new), new, old), value)


@given(st.binary(min_size=20, max_size=20), st.integers(1, 255))
def test_ttl(header, ttl):
    before = header[:8] + bytes([ttl]) + header[9:]
    after = header[:8] + bytes([ttl - 1]) + header[9:]
    got = checksum.ttl_decremented(checksum.ip4_header(before))
    assert same(got, checksum.ip4_header(after))
    assert got != 0xFFFF


@pytest.mark.parametrize(("before", "after"), [(0xFEFE, 0xFFFE), (0xFEFF, 0x0000), (0xFFFF, 0x0100), (0x0000, 0x0100)])
def test_ttl_carries(before, after):
    assert checksum.ttl_decremented(before) == after


@given(words, words, st.binary(max_size=1480), halves, halves)
def test_tcp_and_udp_as_dpkt(source, destination, payload, sport, dport):
    for l4, protocol, ours in (
        (dpkt.tcp.TCP(sport=sport, dport=dport, data=payload), 6, checksum.ip4_tcp),
        (dpkt.udp.UDP(sport=sport, dport=dport, ulen=8 + len(payload), data=payload), 17, checksum.ip4_udp),
    ):
        blank = bytes(l4)
        expected = plain(struct.pack("!IIBBH", source, destination, 0, protocol, len(blank)) + blank)
        if protocol == 17 and expected == 0:
            expected = 0xFFFF
        assert ours(source, destination, blank) == expected


def test_a_whole_packet_as_dpkt():
    tcp = dpkt.tcp.TCP(sport=1000, dport=80, data=b"GET / HTTP/1.1\r\n\r\n")
    packet = dpkt.ip.IP(src=b"\x0a\x01\x01\x03", dst=b"\x0a\x60\x00\x0a", p=6, data=tcp)
    packet.len = len(packet)
    raw = bytes(packet)
    assert checksum.ip4_header_ok(raw[:20])
    segment = raw[20:36] + b"\0\0" + raw[38:]
    assert checksum.ip4_tcp(0x0A010103, 0x0A60000A, segment) == struct.unpack("!H", raw[36:38])[0]


@pytest.mark.parametrize("length", [0, 19, 21, 64])
def test_header_length_is_checked(length):
    with pytest.raises(ValueError, match="IPv4 header"):
        checksum.ip4_header(bytes(length))


@pytest.mark.parametrize(
    ("function", "length"), [(checksum.ip4_tcp, 19), (checksum.ip4_udp, 7), (checksum.ip4_udp, 65516)]
)
def test_datagram_length_is_checked(function, length):
    with pytest.raises(ValueError, match="L4 datagram"):
        function(0, 0, bytes(length))
