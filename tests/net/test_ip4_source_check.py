"""The reverse path check against a scan of the routes."""

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import CliError, Engine

from .conftest import TWO_SUBNETS, configure
from .frames import ethernet, udp

FAR = "10.0.1.2"
REJECTED = ("ip4-input", "ip4 unicast source check fails")
ROUTES = {"10.0.0.0/24": "pg0", "10.0.1.0/24": "pg1", "20.0.0.0/8": "pg0", "20.1.0.0/16": "pg1", "20.1.2.0/24": None}


def passes(source, mode):
    """Longest match by scanning; a route that drops has no interface."""
    found = [prefix for prefix in ROUTES if IPv4Address(source) in IPv4Network(prefix)]
    interface = ROUTES[max(found, key=lambda prefix: IPv4Network(prefix).prefixlen)] if found else None
    return interface == "pg0" if mode == "strict" else interface is not None


@pytest.fixture(scope="module", params=["strict", "loose"])
def checked(request):
    with Engine(profile="18.10") as vpp:
        configure(vpp, TWO_SUBNETS)
        vpp.cli("ip route add 20.0.0.0/8 via 10.0.0.2 pg0")
        vpp.cli("ip route add 20.1.0.0/16 via 10.0.1.2 pg1")
        vpp.cli("ip route add 20.1.2.0/24 via drop")
        vpp.cli(f"set interface ip source-check pg0 {request.param}")
        yield vpp, request.param


@given(
    source=st.one_of(
        st.sampled_from(["10.0.0.2", "10.0.1.9", "20.9.9.9", "20.1.9.9", "20.1.2.3", "99.1.1.1"]),
        st.integers(0x01000001, 0xDFFFFFFF).map(lambda n: str(IPv4Address(n))),
        st.integers(0x14000001, 0x14FFFFFF).map(lambda n: str(IPv4Address(n))),
    )
)
def test_as_a_scan_says(checked, source):
    vpp, mode = checked
    if source in ("10.0.0.0", "10.0.0.255", "10.0.0.1", "10.0.1.0", "10.0.1.255", "10.0.1.1"):
        return  # entries of their own: addresses of the vswitch, networks and broadcasts
    run = vpp.replay({"pg0": [ethernet(udp(source, FAR))]})
    assert (run.transmitted == 1) == passes(source, mode)
    assert run.drops.get(REJECTED, 0) == (not passes(source, mode))


@pytest.mark.parametrize("source", ["224.0.0.5", "239.255.255.255", "255.255.255.255"])
def test_groups_and_broadcast_pass(checked, source):
    vpp, _ = checked
    assert vpp.replay({"pg0": [ethernet(udp(source, FAR))]}).transmitted == 1


def test_the_other_interface_is_not_checked(checked):
    vpp, _ = checked
    frame = ethernet(udp("99.1.1.1", "10.0.0.2"), dst=bytes.fromhex("02fe00000001"))
    assert vpp.replay({"pg1": [frame]}).transmitted == 1


def test_turned_off_again(net):
    frame = ethernet(udp("99.1.1.1", FAR))
    net.cli("set interface ip source-check pg0 loose")
    assert net.send(frame).dropped == 1
    net.cli("set interface ip source-check pg0 loose del")
    assert net.send(frame).transmitted == 1
    with pytest.raises(CliError, match="unknown interface"):
        net.cli("set interface ip source-check pg9")


def test_a_packet_that_passed_is_dropped_in_the_name_of_the_check(net):
    """The check sets its error on every packet, as in VPP; a drop without a reason of its own shows it."""
    net.cli("ip route add 30.0.0.0/8 via drop")
    net.cli("set interface ip source-check pg0 strict")
    assert net.send(ethernet(udp("10.0.0.2", "30.1.1.1"))).drops == {REJECTED: 1}
