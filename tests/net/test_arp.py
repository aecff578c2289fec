"""Neighbours: answering, asking, learning, and the table."""

import pytest

from engine import CliError

from .frames import BROADCAST, ROUTER_MAC, arp, ethernet, parse, udp

NOBODY = bytes(6)


def mac(last):
    return bytes([2, 0, 0, 0, 0, last])


def reason(run):
    ((node, text),) = run.drops
    assert node == "arp-input"
    return text


def neighbours(net):
    return {row["address"]: (row["mac"], row["flags"]) for row in net.cli_data("show ip arp")["neighbours"]}


def test_request_for_us_is_answered_and_the_asker_learned(net):
    run = net.send(arp(1, mac(3), "10.0.0.3", NOBODY, "10.0.0.1"))
    (frame,) = run.frames["pg0"]
    answer = parse(frame)
    assert (answer.dst, answer.src, answer.data.op) == (mac(3), ROUTER_MAC, 2)
    assert (answer.data.sha, answer.data.spa, answer.data.tha) == (ROUTER_MAC, b"\x0a\0\0\x01", mac(3))
    assert neighbours(net)["10.0.0.3"] == (mac(3).hex(":"), "D")
    assert net.send(ethernet(udp("10.0.1.2", "10.0.0.3"), dst=bytes.fromhex("02fe00000001")), interface="pg1").frames[
        "pg0"
    ]


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (arp(1, mac(3), "10.0.0.3", NOBODY, "10.0.0.99"), "ARP replies sent"),
        (arp(1, mac(3), "10.0.0.3", NOBODY, "10.0.1.1"), "ARP replies sent"),
        (arp(1, mac(3), "10.0.0.3", NOBODY, "10.9.9.9"), "IP4 destination address not local to subnet"),
        (arp(1, mac(3), "172.16.0.1", NOBODY, "10.0.0.1"), "IP4 source address not local to subnet"),
        (arp(1, mac(3), "10.0.1.7", NOBODY, "10.0.0.1"), "IP4 source address not local to subnet"),
        (arp(1, mac(3), "10.0.0.3", NOBODY, "10.0.0.3"), "ARP probe or announcement dropped"),
        (arp(1, mac(3), "0.0.0.0", NOBODY, "10.0.0.1"), "IP4 destination address is unset"),
        (arp(1, mac(3), "10.0.0.3", NOBODY, "10.0.0.1", src=mac(4)), "ARP hw addr does not match L2 frame src addr"),
        (arp(2, mac(3), "10.0.0.3", ROUTER_MAC, "10.0.0.1"), "ARP request IP4 source address learned"),
        (arp(3, mac(3), "10.0.0.3", NOBODY, "10.0.0.1"), "ARP opcode not request"),
        (arp(1, mac(3), "10.0.0.1", NOBODY, "10.0.0.99"), "IP4 source address matches local interface"),
        (arp(1, mac(3), "10.0.0.3", NOBODY, "10.0.0.1")[:30], "L2 type not ethernet"),
        (
            arp(1, mac(3), "10.0.0.3", NOBODY, "10.0.0.1").replace(b"\0\x01\x08\0", b"\0\x06\x08\0"),
            "L2 type not ethernet",
        ),
        (arp(1, mac(3), "10.0.0.3", NOBODY, "10.0.0.1").replace(b"\0\x01\x08\0", b"\0\x01\x86\xdd"), "L3 type not IP4"),
    ],
)
def test_what_is_not_answered(net, frame, text):
    run = net.send(frame)
    assert reason(run) == text
    assert not run.frames["pg0"]


def test_announcement_of_a_known_neighbour_moves_it(net):
    net.cli("set ip arp pg0 10.0.0.9 02:00:00:00:00:09")
    assert reason(net.send(arp(1, mac(10), "10.0.0.9", NOBODY, "10.0.0.9"))) == "ARP request IP4 source address learned"
    assert neighbours(net)["10.0.0.9"] == (mac(10).hex(":"), "D")


def test_a_static_entry_is_not_moved(net):
    net.send(arp(1, mac(10), "10.0.0.2", NOBODY, "10.0.0.2"))
    assert neighbours(net)["10.0.0.2"] == (mac(2).hex(":"), "S")


def test_unknown_neighbour_is_asked_for_and_the_packet_dropped(net):
    run = net.send(ethernet(udp("10.0.0.2", "10.0.1.77")))
    (frame,) = run.frames["pg1"]
    question = parse(frame)
    assert len(frame) == 42
    assert (question.dst, question.data.op, question.data.spa, question.data.tpa) == (
        BROADCAST, 1, b"\x0a\0\x01\x01", b"\x0a\0\x01\x4d")  # fmt: skip
    assert run.drops == {("ip4-glean", "ARP requests sent"): 1}
    net.send(arp(2, mac(77), "10.0.1.77", bytes.fromhex("02fe00000001"), "10.0.1.1"), interface="pg1")
    (frame,) = net.send(ethernet(udp("10.0.0.2", "10.0.1.77"))).frames["pg1"]
    assert frame[:6] == mac(77)


def test_unresolved_next_hop_is_asked_for(net):
    net.cli("ip route add 10.9.0.0/16 via 10.0.1.78 pg1")
    run = net.send(ethernet(udp("10.0.0.2", "10.9.9.9")))
    assert parse(run.frames["pg1"][0]).data.tpa == b"\x0a\0\x01\x4e"
    assert run.drops == {("ip4-arp", "ARP requests sent"): 1}


def test_throttle(net):
    target = ethernet(udp("10.0.0.2", "10.0.1.77"))
    run = net.send(*[target] * 50, together=True)
    assert run.generated == 1
    assert run.drops == {("ip4-glean", "ARP requests sent"): 1, ("ip4-glean", "address overflow drops"): 49}
    net.advance(0.01)
    assert net.send(target).generated == 1


def test_new_neighbour_of_a_route_is_asked_for_at_once(net):
    before = net.interfaces.counters(net.interfaces.get("pg1")).get("tx packets", 0)
    net.cli("ip route add 10.9.0.0/16 via 10.0.1.78 pg1")
    assert net.interfaces.counters(net.interfaces.get("pg1"))["tx packets"] == before + 1


def test_without_an_address_nobody_asks(net):
    net.cli("create packet-generator interface pg2")
    net.cli("set interface state pg2 up")
    net.cli("ip route add 10.9.0.0/16 via 10.8.8.8 pg2")
    run = net.send(ethernet(udp("10.0.0.2", "10.9.9.9")))
    assert run.drops == {("ip4-arp", "no source address for ARP request"): 1}


# ---- the table


def test_entries(net):
    net.cli("set ip arp pg1 10.0.1.9 0200.0000.0109 no-fib-entry")
    net.cli("set ip arp pg1 10.0.1.20 02:00:00:00:01:20 count 3")
    assert list(neighbours(net)) == ["10.0.0.2", "10.0.1.2", "10.0.1.9", "10.0.1.20", "10.0.1.21", "10.0.1.22"]
    assert neighbours(net)["10.0.1.9"] == ("02:00:00:00:01:09", "DN")
    assert net.fib.tables[0].find(0x0A000109, 32) is None
    net.cli("set ip arp del pg1 10.0.1.20 02:00:00:00:01:20 count 3")
    net.cli("set ip arp del pg1 10.0.1.9 02:00:00:00:01:09")
    assert list(neighbours(net)) == ["10.0.0.2", "10.0.1.2"]


def test_forgotten_neighbour_is_incomplete_again(net):
    net.cli("ip route add 10.9.0.0/16 via 10.0.1.2 pg1")
    net.cli("set ip arp del pg1 10.0.1.2 02:00:00:00:01:02")
    assert "arp-ipv4: via 10.0.1.2 pg1" in net.cli("show ip fib 10.9.0.0/16")


def test_another_mac_of_the_interface_shows_in_its_adjacencies(net):
    net.cli("set interface mac address pg1 02:fe:00:00:00:99")
    (frame,) = net.send(ethernet(udp("10.0.0.2", "10.0.1.2"))).frames["pg1"]
    assert frame[6:12].hex() == "02fe00000099"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("pg0", "unknown input `pg0'"),
        ("pg0 10.0.0.2", "unknown input `pg0 10.0.0.2'"),
        ("pg9 10.0.0.2 02:00:00:00:00:02", "unknown input `pg9 10.0.0.2 02:00:00:00:00:02...'"),
        ("pg0 10.0.0.9 02:00:00:00:00:09 fib-id 9", "fib ID 9 doesn't exist"),
    ],
)
def test_refused(net, line, text):
    before = neighbours(net)
    with pytest.raises(CliError) as caught:
        net.cli(f"set ip arp {line}")
    assert str(caught.value) == f"set ip arp: {text}"
    assert neighbours(net) == before


def test_table_is_full_of_dynamic_entries(net, monkeypatch):
    monkeypatch.setattr("engine.net.arp.config.MOST_ENTRIES", 4)
    for last in range(10, 14):
        net.cli(f"set ip arp pg1 10.0.1.{last} 02:00:00:00:01:{last:02d}")
    assert list(neighbours(net)) == ["10.0.0.2", "10.0.1.2", "10.0.1.12", "10.0.1.13"]
