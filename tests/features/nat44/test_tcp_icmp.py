"""TCP connections to their end, and ICMP errors about translated packets."""

import struct
from dataclasses import replace

import pytest

from .packets import ACK, FIN, ICMP, SYN, TCP, UDP, Packet, checksum, engine, send, send_one

NAT = ("nat44 add address 10.0.1.100", "set interface nat44 in pg0 out pg1")


def connection(vpp):
    """A TCP connection with both FINs and their ACKs; the number of sessions after each packet."""
    inside = Packet("10.0.0.2", "10.0.1.2", TCP, 1000, 80)
    sent = send_one(vpp, replace(inside, flags=SYN, seq=100))
    outside = Packet("10.0.1.2", sent.src, TCP, 80, sent.sport)
    steps = [replace(outside, flags=SYN | ACK, seq=500, ack=101), replace(inside, seq=101, ack=501),
             replace(inside, flags=FIN | ACK, seq=101, ack=501), replace(outside, seq=501, ack=102),
             replace(outside, flags=FIN | ACK, seq=501, ack=102), replace(inside, seq=102, ack=502)]  # fmt: skip
    counts = []
    for step in steps:
        assert send_one(vpp, step) is not None
        counts.append(vpp.cli_data("show nat44 sessions")["count"])
    return counts


@pytest.mark.parametrize(
    ("profile", "nat", "left"), [("18.01", "", 0), ("18.10", "endpoint-dependent", 0), ("18.10", "", 1)]
)
def test_a_closed_connection_gives_its_session_up(profile, nat, left):
    vpp = engine(*NAT, profile=profile, nat=nat)
    assert connection(vpp) == [1, 1, 1, 1, 1, left]
    assert vpp.nat44.state.addresses()[0][2]["tcp"] == left


def test_service_connections_end_too():
    vpp = engine(*NAT, "nat44 add load-balancing static mapping protocol tcp external 10.0.1.200:80 "
                 "local 10.0.0.6:80 probability 1 local 10.0.0.6:80 probability 1 out2in-only")  # fmt: skip
    client = Packet("10.0.1.2", "10.0.1.200", TCP, 1000, 80)
    server = Packet("10.0.0.6", "10.0.1.2", TCP, 80, 1000)
    steps = [
        replace(client, flags=SYN, seq=1),
        replace(server, flags=SYN | ACK, seq=9, ack=2),
        replace(client, flags=FIN | ACK, seq=2, ack=10),
        replace(server, flags=FIN | ACK, seq=10, ack=3),
    ]
    for step in steps:
        assert send_one(vpp, step) is not None
        assert vpp.cli_data("show nat44 sessions")["count"] == 1
    assert send_one(vpp, replace(client, seq=3, ack=11)).dst == "10.0.0.6"
    assert vpp.cli_data("show nat44 sessions")["count"] == 0


def icmp_error(src, dst, quoted: bytes, icmp_type=3):
    return Packet(src, dst, ICMP, payload=quoted, icmp_type=icmp_type)


@pytest.mark.parametrize("nat", ["", "endpoint-dependent"])
@pytest.mark.parametrize("protocol", [UDP, TCP, ICMP])
def test_errors_from_outside_reach_the_inside_host(nat, protocol):
    vpp = engine(*NAT, nat=nat)
    flow = Packet("10.0.0.2", "10.0.1.2", protocol, 1000, 53)
    sent = send_one(vpp, flow)
    got = send_one(vpp, icmp_error("10.0.1.9", sent.src, sent.ip()[:28]))
    quoted = got.payload
    assert got.dst == "10.0.0.2"
    assert quoted[12:16] == bytes([10, 0, 0, 2])
    at = 24 if protocol == ICMP else 20
    assert struct.unpack("!H", quoted[at : at + 2]) == (1000,)


@pytest.mark.parametrize("nat", ["", "endpoint-dependent"])
@pytest.mark.parametrize("protocol", [UDP, TCP, ICMP])
def test_errors_from_inside_hide_the_inside_host(nat, protocol):
    vpp = engine(*NAT, nat=nat)
    sent = send_one(vpp, Packet("10.0.0.2", "10.0.1.2", protocol, 1000, 53))
    if protocol == ICMP:
        back = replace(sent, src=sent.dst, dst=sent.src, icmp_type=0, ttl=64)
    else:
        back = replace(sent, src=sent.dst, dst=sent.src, sport=sent.dport, dport=sent.sport, ttl=64)
    answer = send_one(vpp, back)
    got = send_one(vpp, icmp_error("10.0.0.2", "10.0.1.2", answer.ip()[:28]))
    quoted = got.payload
    assert got.src == "10.0.1.100"
    assert quoted[16:20] == bytes([10, 0, 1, 100])
    assert checksum(quoted[:20]) == 0


@pytest.mark.parametrize("quoted", [b"", b"\x45", b"\x45" * 20, b"\x4f" + b"\0" * 19, b"\x40" + b"\xff" * 40])
@pytest.mark.parametrize("nat", ["", "endpoint-dependent"])
def test_errors_that_quote_nonsense_are_dropped(nat, quoted):
    vpp = engine(*NAT, nat=nat)
    for src, dst in (("10.0.0.2", "10.0.1.2"), ("10.0.1.2", "10.0.1.100")):
        send(vpp, icmp_error(src, dst, quoted))
    assert vpp.cli_data("show nat44 sessions")["count"] == 0


def test_bad_icmp_checksum_is_dropped():
    vpp = engine(*NAT)
    frame = bytearray(Packet("10.0.0.2", "10.0.1.2", ICMP, 5, 1).frame())
    frame[36] ^= 1
    assert vpp.replay({"pg0": [bytes(frame)]}).dropped == 1


def test_mss_is_clamped():
    vpp = engine(*NAT, "nat mss-clamping 1000")
    syn = Packet("10.0.0.2", "10.0.1.2", TCP, 1000, 80, b"\x02\x04\x05\xb4", SYN)
    ip = bytearray(syn.ip())
    ip[32] = 0x60
    ip[36:38] = b"\0\0"
    pseudo = bytes(ip[12:20]) + struct.pack("!BBH", 0, 6, len(ip) - 20)
    ip[36:38] = checksum(pseudo + bytes(ip[20:])).to_bytes(2, "big")
    run = vpp.replay({"pg0": [syn.frame()[:14] + bytes(ip)]})
    out = run.frames["pg1"][0][14:]
    assert out[40:44] == b"\x02\x04\x03\xe8"
    assert checksum(out[12:20] + struct.pack("!BBH", 0, 6, len(out) - 20) + out[20:]) == 0
