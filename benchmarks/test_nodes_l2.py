"""The nodes of the bridge: clocks a packet at full vectors.

VPP's figures for the same: l2-input 29, l2-learn 35, l2-fwd 24 to 37, l2-output 17.
"""

import pytest

from engine import Engine

from .paths import configured

BRIDGE = """
create tap id 0
create tap id 1
set interface state tap0 up
set interface state tap1 up
set interface l2 bridge tap0 1
set interface l2 bridge tap1 1
l2fib add 02:00:00:00:00:01 1 tap1 static
"""
REFLECT = """
set acl-plugin acl permit+reflect
set acl-plugin interface tap0 input acl 0
"""


def routed_into_the_bridge() -> Engine:
    """From a tap up to L3 and down into the bridge by the BVI, to a host behind the other tap."""
    return configured(BRIDGE, """
create tap id 2
set interface mac address tap2 02:00:00:00:00:01
set interface ip address tap2 10.2.1.1/32
set interface state tap2 up
create loopback interface
set interface state loop0 up
set interface ip address loop0 10.5.0.254/24
set interface l2 bridge loop0 1 bvi
set ip arp static loop0 10.5.0.1 02:aa:00:00:00:05
l2fib add 02:aa:00:00:00:05 1 tap1 static
ip route add 0.0.0.0/0 via 10.5.0.1 loop0
""")


@pytest.mark.parametrize("load", ["W1", "W2"])
def test_bridge_forward(run_path, captures, load):
    """One address learned, one destination known."""
    run_path(configured(BRIDGE), captures(load))


def test_bridge_flood(run_path, captures):
    """Nobody knows the destination: each frame goes to three others."""
    more = "create tap id {0}\nset interface state tap{0} up\nset interface l2 bridge tap{0} 1"
    vpp = configured(BRIDGE, more.format(2), more.format(3), "l2fib del 02:00:00:00:00:01 1")
    run_path(vpp, captures("W1", 65_536))


def test_bridge_acl(run_path, captures):
    """With a reflective ACL on the L2 path; sessions are established."""
    run_path(configured(BRIDGE, REFLECT), captures("W1"))


def test_bvi(run_path, captures):
    run_path(routed_into_the_bridge(), captures("W1"), interface="tap2")
