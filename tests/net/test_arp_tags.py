"""ARP on routed sub-interfaces: what is asked and answered has their tags."""

import struct

import pytest

from .frames import BROADCAST, ROUTER_MAC, arp, ethernet, udp
from .test_arp import NOBODY, mac

TAGS = {
    "dot1q 10": struct.pack(">HH", 0x8100, 10),
    "dot1ad 10": struct.pack(">HH", 0x88A8, 10),
    "dot1q 10 inner-dot1q 20": struct.pack(">HHHH", 0x8100, 10, 0x8100, 20),
    "dot1ad 10 inner-dot1q 20": struct.pack(">HHHH", 0x88A8, 10, 0x8100, 20),
}
TO_PG1 = bytes.fromhex("02fe00000001")
ARP = b"\x08\x06"


@pytest.fixture(params=TAGS)
def tagged(net, request):
    """pg0.7 with 10.7.0.1/24; the network and the tags."""
    net.cli(f"create sub-interfaces pg0 7 {request.param} exact-match")
    net.cli("set interface state pg0.7 up")
    net.cli("set interface ip address pg0.7 10.7.0.1/24")
    return net, TAGS[request.param]


def test_a_request_for_a_neighbour(tagged):
    net, tags = tagged
    (frame,) = net.send(ethernet(udp("10.0.1.2", "10.7.0.9"), dst=TO_PG1), interface="pg1").frames["pg0"]
    plain = arp(1, ROUTER_MAC, "10.7.0.1", NOBODY, "10.7.0.9")
    assert frame == BROADCAST + ROUTER_MAC + tags + plain[12:]


def test_a_request_for_the_next_hop_of_a_new_route(tagged):
    net, tags = tagged
    net.cli("ip route add 10.99.0.0/16 via 10.7.0.8 pg0.7")
    (frame,) = net.send(
        ethernet(udp("10.0.1.2", "10.99.0.1"), dst=TO_PG1), interface="pg1"
    ).frames["pg0"]
    assert frame[12 : 14 + len(tags)] == tags + ARP


def test_an_answer(tagged):
    net, tags = tagged
    request = arp(1, mac(3), "10.7.0.3", NOBODY, "10.7.0.1")
    (frame,) = net.send(request[:12] + tags + request[12:]).frames["pg0"]
    answer = arp(2, ROUTER_MAC, "10.7.0.1", mac(3), "10.7.0.3", dst=mac(3))
    assert frame == answer[:12] + tags + answer[12:]
    found = net.send(ethernet(udp("10.0.1.2", "10.7.0.3"), dst=TO_PG1), interface="pg1")
    assert found.frames["pg0"][0][: 14 + len(tags)] == mac(3) + ROUTER_MAC + tags + b"\x08\x00"


def test_an_answer_for_another(tagged):
    net, tags = tagged
    net.cli("set ip arp proxy 10.9.0.0 - 10.9.0.9")
    net.cli("set interface proxy-arp pg0.7 enable")
    request = arp(1, mac(3), "10.7.0.3", NOBODY, "10.9.0.1")
    (frame,) = net.send(request[:12] + tags + request[12:]).frames["pg0"]
    assert frame[12 : 14 + len(tags)] == tags + ARP


def test_priority_tags_are_answered_without(net):
    """As in VPP the answer has the interface's tags, not those of the request."""
    net.cli("create sub-interfaces pg0 8 default")
    net.cli("set interface state pg0.8 up")
    net.cli("set interface ip address pg0.8 10.8.0.1/24")
    request = arp(1, mac(3), "10.8.0.3", NOBODY, "10.8.0.1")
    run = net.send(request[:12] + struct.pack(">HH", 0x8100, 99) + request[12:])
    assert run.frames["pg0"] == [arp(2, ROUTER_MAC, "10.8.0.1", mac(3), "10.8.0.3", dst=mac(3))]
