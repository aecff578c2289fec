"""ARP answered on behalf of others."""

import pytest

from engine import CliError

from .frames import ROUTER_MAC, arp, parse
from .test_arp import NOBODY, mac, neighbours, reason

ENABLED = ("set ip arp proxy 10.0.0.50 - 10.0.0.99", "set ip arp proxy 10.9.0.0 - 10.9.255.255",
           "set interface proxy-arp pg0 enable")  # fmt: skip


@pytest.fixture
def proxy(net):
    for line in ENABLED:
        net.cli(line)
    return net


def counted(net):
    return {row["reason"]: row["count"] for row in net.cli_data("show errors")["errors"] if row["node"] == "arp-input"}


def ask(target, sender="10.0.0.3"):
    return arp(1, mac(3), sender, NOBODY, target)


@pytest.mark.parametrize(("target", "learned"), [("10.0.0.50", True), ("10.0.0.99", True), ("10.9.1.2", False)])
def test_answered_for_another(proxy, target, learned):
    """Who asks for a host of his own subnet is learned, who asks for one elsewhere is not, as in VPP."""
    (frame,) = proxy.send(ask(target)).frames["pg0"]
    answer = parse(frame)
    assert (answer.dst, answer.src, answer.data.op) == (mac(3), ROUTER_MAC, 2)
    assert (answer.data.sha, answer.data.spa) == (ROUTER_MAC, bytes(map(int, target.split("."))))
    assert counted(proxy) == {"Proxy ARP replies sent": 1}
    assert ("10.0.0.3" in neighbours(proxy)) == learned


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (ask("10.0.0.49"), "ARP replies sent"),
        (ask("10.0.0.100"), "ARP replies sent"),
        (ask("10.8.255.255"), "IP4 destination address not local to subnet"),
        (ask("10.10.0.0"), "IP4 destination address not local to subnet"),
        (ask("10.0.0.60", "10.0.0.60"), "ARP probe or announcement dropped"),
        (ask("10.0.0.60", "172.16.0.1"), "IP4 source address not local to subnet"),
        (arp(2, mac(3), "10.0.0.3", NOBODY, "10.9.1.2"), "IP4 destination address not local to subnet"),
        (arp(1, mac(3), "10.0.0.3", NOBODY, "10.0.0.60", src=mac(4)), "ARP hw addr does not match L2 frame src addr"),
    ],
)
def test_not_answered(proxy, frame, text):
    run = proxy.send(frame)
    assert (reason(run), run.frames["pg0"]) == (text, [])


def test_a_host_with_our_own_address_is_answered(proxy):
    """A tap's host may have the address that VPP has on another interface."""
    (frame,) = proxy.send(ask("10.9.1.2", "10.0.0.1")).frames["pg0"]
    assert parse(frame).data.op == 2
    assert "10.0.0.1" not in neighbours(proxy)


def test_own_addresses_come_first(proxy):
    proxy.cli("set ip arp proxy 10.0.0.0 - 10.0.0.255")
    assert proxy.send(ask("10.0.0.1")).frames["pg0"]
    assert counted(proxy) == {"ARP replies sent": 1}


def test_only_where_enabled_and_as_long(proxy):
    frame = arp(1, mac(3), "10.0.1.3", NOBODY, "10.9.1.2")
    assert reason(proxy.send(frame, interface="pg1")) == "IP4 destination address not local to subnet"
    proxy.cli("set interface proxy-arp pg0")
    assert reason(proxy.send(ask("10.9.1.2"))) == "IP4 destination address not local to subnet"
    proxy.cli("set interface proxy-arp on pg0")
    proxy.cli("set ip arp del proxy 10.9.0.0 - 10.9.255.255")
    assert reason(proxy.send(ask("10.9.1.2"))) == "IP4 destination address not local to subnet"


def test_a_table_has_its_own_ranges(new_net):
    new_net.cli("ip table add 7")
    new_net.cli("set arp proxy table-ID 7 start 10.9.0.0 end 10.9.0.9")
    new_net.cli("set interface proxy-arp pg0 enable")
    assert reason(new_net.send(ask("10.9.0.2"))) == "IP4 destination address not local to subnet"
    new_net.cli("set arp proxy start 10.9.0.0 end 10.9.0.9")
    assert new_net.send(ask("10.9.0.2")).frames["pg0"]
    assert new_net.cli("show ip arp").splitlines()[-3:] == [
        "Proxy arps enabled for:",
        "Fib_index 1   10.9.0.0 - 10.9.0.9 ",
        "Fib_index 0   10.9.0.0 - 10.9.0.9 ",
    ]


def test_commands_refuse(new_net):
    for line, text in (
        ("set interface proxy-arp enable", "unknown input ''"),
        ("set ip arp proxy 10.0.0.1", "unknown input `proxy 10.0.0.1'"),
        ("set arp proxy start 10.0.0.1", "need start and end addresses"),
        ("set arp proxy table-ID 9 start 10.0.0.1 end 10.0.0.2", "no such table"),
    ):
        with pytest.raises(CliError, match=text):
            new_net.cli(line)
    assert new_net.vpp.arp.proxies == []
    assert new_net.cli("set ip arp del proxy 10.0.0.1 - 10.0.0.2") == ""


def test_messages(new_net):
    api = new_net.vpp.api
    proxy = {"table_id": 0, "low": "10.9.0.0", "hi": "10.9.0.9"}
    assert api.proxy_arp_add_del(proxy=proxy).retval == 0
    assert api.proxy_arp_add_del(proxy=proxy | {"table_id": 3}).retval == -3
    assert [dict(row) for row in api.proxy_arp_dump()] == [{"proxy": proxy}]
    assert api.proxy_arp_intfc_enable_disable(sw_if_index=1, enable=True).retval == 0
    assert api.proxy_arp_intfc_enable_disable(sw_if_index=9, enable=True).retval == -2
    assert [row.sw_if_index for row in api.proxy_arp_intfc_dump()] == [1]
    assert new_net.send(ask("10.9.0.2")).frames["pg0"]
    assert api.proxy_arp_add_del(proxy=proxy, is_add=False).retval == 0
    assert api.proxy_arp_add_del(proxy=proxy, is_add=False).retval == -6


def test_several_neighbours_count_both_addresses_up(new_net):
    new_net.cli("set ip arp pg0 10.0.0.20 02:00:00:00:00:ff count 2")
    assert [neighbours(new_net)[f"10.0.0.{n}"][0] for n in (20, 21)] == ["02:00:00:00:00:ff", "02:00:00:00:01:00"]
