"""The Geneve nodes: clocks a packet at full vectors, with the same frames as those of VXLAN."""

import pytest

from engine import Engine

from .paths import configured

N = 65_536
TUNNEL = """
create tap id 0
create tap id 1
set interface state tap0 up
set interface state tap1 up
set interface mac address tap1 02:00:00:00:00:03
set interface ip address tap1 192.168.16.{own}/24
set ip arp static tap1 192.168.16.{other} 02:00:00:00:00:04
create geneve tunnel local 192.168.16.{own} remote 192.168.16.{other} vni 10 {options}
set interface l2 bridge tap0 1
set interface l2 bridge geneve_tunnel0 1
"""


def end(own: int, options: str = "") -> Engine:
    lines = TUNNEL.format(own=own, other=3 - own, options=options)
    return configured(lines, "l2fib add 02:00:00:00:00:01 1 geneve_tunnel0 static")


@pytest.mark.parametrize("options", ["", "src_port 28240"], ids=["flow", "fixed-port"])
def test_encap(run_path, captures, options):
    run_path(end(1, options), captures("W1"))


def test_decap(run_path, captures, tmp_path):
    """What the other end encapsulated, addressed to this one."""
    wire = tmp_path / "wire.pcap"
    end(2).replay({"tap0": str(captures("W1", N))}, {"tap1": str(wire)}, together=True, collect=False)
    vpp = configured(TUNNEL.format(own=1, other=2, options=""), "set interface mac address tap1 02:00:00:00:00:04",
                     "set bridge-domain learn 1 disable", "l2fib add 02:00:00:00:00:01 1 tap0 static")  # fmt: skip
    run_path(vpp, wire, interface="tap1")
