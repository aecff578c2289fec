"""ip4-rewrite and ip4-frag: time to live, size, and what the sender hears of it."""

import pytest

from .frames import ethernet, parse, udp


def test_ttl_expired_tells_the_sender(net):
    run = net.send(ethernet(udp("10.0.0.2", "10.0.1.2", ttl=1)))
    answer = parse(run.frames["pg0"][0]).data
    assert (answer.p, answer.ttl, answer.data.type, answer.data.code) == (1, 254, 11, 0)
    quoted = bytes(answer.data.data)[4:]
    assert quoted[8] == 0
    assert not run.frames["pg1"]


def test_ttl_two_is_forwarded_with_one(net):
    (frame,) = net.send(ethernet(udp("10.0.0.2", "10.0.1.2", ttl=2))).frames["pg1"]
    assert parse(frame).data.ttl == 1


def test_error_for_an_error_is_sent_too(net):
    """As VPP does, which has no rate limit and no such exception."""
    expired = parse(net.send(ethernet(udp("10.0.0.2", "10.0.1.2", ttl=1))).frames["pg0"][0]).data
    expired.dst, expired.src, expired.ttl, expired.sum = b"\x0a\0\x01\x02", b"\x0a\0\0\x02", 1, 0
    run = net.send(ethernet(bytes(expired)))
    assert parse(run.frames["pg0"][0]).data.data.type == 11


def test_too_long_with_dont_fragment(net):
    net.cli("set interface mtu packet 600 pg1")
    packet = udp("10.0.0.2", "10.0.1.2", data=bytes(1000), df=1)
    answer = parse(net.send(ethernet(packet)).frames["pg0"][0]).data
    assert (answer.data.type, answer.data.code, answer.len) == (3, 4, 576)
    assert int.from_bytes(bytes(answer.data)[6:8], "big") == 600


@pytest.mark.parametrize("size", [573, 574, 1000, 1472, 1980])
def test_fragments_make_up_the_packet(net, size):
    net.cli("set interface mtu packet 600 pg1")
    data = bytes(i * 7 & 255 for i in range(size))
    packet = udp("10.0.0.2", "10.0.1.2", data=data)
    run = net.send(ethernet(packet))
    pieces = [parse(frame).data for frame in run.frames["pg1"]]
    assert b"".join(bytes(piece.data) for piece in pieces) == packet[20:]
    assert all(piece.len <= 600 and len(bytes(piece)) == piece.len for piece in pieces)
    assert [piece.mf for piece in pieces] == [1] * (len(pieces) - 1) + [0]
    offset = 0
    for piece in pieces:
        assert (piece.offset * 8, piece.ttl) == (offset, 62)
        offset += len(bytes(piece.data))
    assert (run.consumed, run.generated) == (1, len(pieces))


def test_fragment_of_a_fragment_keeps_its_place(net):
    net.cli("set interface mtu packet 600 pg1")
    packet = udp("10.0.0.2", "10.0.1.2", data=bytes(1000), mf=1, offset=100)
    pieces = [parse(frame).data for frame in net.send(ethernet(packet)).frames["pg1"]]
    assert [(piece.offset, piece.mf) for piece in pieces] == [(100, 1), (172, 1)]


def test_a_tiny_mtu_drops(net):
    net.cli("set interface mtu packet 20 pg1")
    run = net.send(ethernet(udp("10.0.0.2", "10.0.1.2")))
    assert run.drops == {("ip4-frag", "can't fragment this packet"): 1}


def test_mtu_zero_is_no_limit(net):
    net.interfaces.set_mtu(net.interfaces.get("pg1"), 0)
    assert net.send(ethernet(udp("10.0.0.2", "10.0.1.2", data=bytes(1500)))).transmitted == 1
