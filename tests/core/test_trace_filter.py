"""`trace filter`: what is shown, and what is forgotten by showing it."""

import pytest

from engine import Engine

UNKNOWN = bytes(12) + b"\x12\x34" + bytes(46)  # an EtherType nobody knows: dropped by ethernet-input
ARP = b"\xff" * 6 + bytes(6) + b"\x08\x06" + bytes(46)  # dropped by arp-input


@pytest.fixture
def vpp():
    with Engine(profile="18.10") as engine:
        engine.cli("create packet-generator interface pg0")
        engine.cli("set interface state pg0 up")
        yield engine


def trace(vpp, *frames):
    vpp.cli("trace add pg-input 50")
    vpp.replay({"pg0": list(frames)})


def shown(vpp, command="show trace"):
    return [[entry["node"] for entry in packet["entries"]] for packet in vpp.cli_data(command)["packets"]]


def test_include_keeps_paths_with_the_node(vpp):
    vpp.cli("trace filter include arp-input 10")
    trace(vpp, UNKNOWN, ARP, UNKNOWN, ARP)
    assert len(shown(vpp)) == 2 and all("arp-input" in nodes for nodes in shown(vpp))


def test_exclude_keeps_paths_without_it_up_to_the_count(vpp):
    vpp.cli("trace filter exclude arp-input 3")
    trace(vpp, *[UNKNOWN, ARP] * 5)
    assert len(shown(vpp)) == 3 and not any("arp-input" in nodes for nodes in shown(vpp))


def test_what_was_rejected_does_not_come_back(vpp):
    trace(vpp, UNKNOWN, ARP, UNKNOWN)
    vpp.cli("trace filter include arp-input 10")
    assert len(shown(vpp, "show trace max 1")) == 1
    vpp.cli("trace filter none")
    assert len(shown(vpp)) == 1
    trace(vpp, UNKNOWN)
    assert len(shown(vpp)) == 2


def test_what_a_limit_hides_stays(vpp):
    trace(vpp, UNKNOWN, ARP, UNKNOWN)
    assert len(shown(vpp, "show trace max 1")) == 1
    assert len(shown(vpp)) == 3


def test_a_new_filter_takes_back_what_was_asked_for(vpp):
    vpp.cli("trace add pg-input 50")
    vpp.cli("trace filter none")
    vpp.replay({"pg0": [UNKNOWN]})
    assert shown(vpp) == []
