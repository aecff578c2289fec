"""ip4-input: which packets are sound."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Engine

from .conftest import TWO_SUBNETS, Network, configure
from .frames import broken, ethernet, ip4, parse, udp

PACKET = udp("10.0.0.2", "10.0.1.2")


def reason(net, packet):
    """Why a packet was dropped, None when it was forwarded."""
    run = net.send(ethernet(packet))
    (drop,) = run.drops or [None]
    return drop


def test_a_sound_packet_goes_on(net):
    (frame,) = net.send(ethernet(PACKET)).frames["pg1"]
    assert frame[:14].hex() == "02000000010202fe000000010800"
    sent = parse(frame).data
    assert (sent.ttl, bytes(sent.data)) == (63, bytes(parse(ethernet(PACKET)).data.data))


@pytest.mark.parametrize(
    ("packet", "text"),
    [
        (PACKET[:10] + b"\x12\x34" + PACKET[12:], "bad ip4 checksum"),
        (broken(PACKET, 0, 0x65), "ip4 version != 4"),
        (broken(PACKET, 7, 1), "ip4 fragment offset == 1"),
        (broken(PACKET, 3, 19), "ip4 length < 20 bytes"),
        (broken(PACKET, 3, len(PACKET) + 1), "ip4 length > l2 length"),
        (PACKET[:12], "ip4 length > l2 length"),
        (b"", "ip4 length > l2 length"),
        (ip4("10.0.0.2", "10.0.1.2", bytes(8), opts=b"\x01\x01\x01\x01", hl=6), "ip4 options present"),
        (udp("10.0.0.2", "224.0.0.5"), "Multicast RPF check failed"),
    ],
)
def test_errors(net, packet, text):
    assert reason(net, packet) == ("ip4-input", text)


def test_of_several_errors_the_last_counts(net):
    worse = bytearray(broken(PACKET, 3, 19))
    worse[10] ^= 1
    assert reason(net, bytes(worse)) == ("ip4-input", "ip4 length < 20 bytes")


def test_padding_stays(net):
    (frame,) = net.send(ethernet(PACKET) + bytes(20)).frames["pg1"]
    assert len(frame) == len(ethernet(PACKET)) + 20


def test_an_interface_without_address_takes_no_ip4(net):
    net.cli("create packet-generator interface pg2")
    net.cli("set interface mac address pg2 02:fe:00:00:00:00")
    net.cli("set interface state pg2 up")
    run = net.send(ethernet(PACKET), interface="pg2")
    assert run.dropped == 1
    assert net.interfaces.counters(net.interfaces.get("pg2"))["drops"] == 1
    net.cli("set interface ip address pg2 10.2.2.1/24")
    assert net.send(ethernet(PACKET), interface="pg2").transmitted == 1


def test_counts_per_interface(net):
    frames = [ethernet(PACKET)] * 300
    net.send(*frames, together=True)
    assert net.interfaces.counters(net.interfaces.get("pg0"))["ip4"] == 300
    load_balance = net.fib.tables[0].find(0x0A000102, 32).load_balance
    assert net.fib.load_balance_counters(load_balance)[0] == (300, 300 * len(PACKET))


def test_mixed_vector_keeps_order(net):
    """Good and bad packets of one vector: the good ones leave in their order."""
    frames = [ethernet(udp("10.0.0.2", "10.0.1.2", sport=i, ttl=0 if i % 7 == 0 else 64)) for i in range(1, 250)]
    run = net.send(*frames, together=True)
    ports = [parse(frame).data.data.sport for frame in run.frames["pg1"]]
    assert ports == [i for i in range(1, 250) if i % 7]
    assert len(run.frames["pg0"]) == len(frames) - len(ports)


@settings(max_examples=200)
@given(st.binary(max_size=100), st.sampled_from([0x0800, 0x0806, 0x86DD, 0x8847, 0x0040]))
def test_no_bytes_do_harm(data, kind):
    net = hostile_network()
    net.send(ethernet(data, kind=kind))


@settings(max_examples=200)
@given(st.data())
def test_no_changed_bytes_do_harm(data):
    net = hostile_network()
    packet = bytearray(udp("10.0.0.2", data.draw(st.sampled_from(["10.0.0.1", "10.0.1.2", "10.9.9.9"]))))
    for place, value in data.draw(st.lists(st.tuples(st.integers(0, 27), st.integers(0, 255)), max_size=4)):
        packet[place] = value
    right = bytes(packet) if packet[0] & 15 < 5 else broken(bytes(packet), 0, packet[0])
    net.send(ethernet(right))


_hostile = []


def hostile_network():
    """One engine for all examples, since making one takes longer than an example."""
    if not _hostile:
        vpp = Engine(profile="18.10")
        configure(vpp, TWO_SUBNETS)
        _hostile.append(Network(vpp))
    return _hostile[0]
