"""The VXLAN nodes: clocks a packet at full vectors, and the way of a pod's packets through both nodes of a cluster.

VPP's figures for the same: vxlan4-encap 40, vxlan4-input 21.
"""

from pathlib import Path

import dpkt
import pytest

from engine import Engine

from .paths import configured

CONTIV = Path(__file__).parents[1] / "pcaps" / "contiv"
FLOW = "pod-to-service-different-nodes"
UPLINK = "GigabitEthernet0/8/0"
N = 65_536
TUNNEL = """
create tap id 0
create tap id 1
set interface state tap0 up
set interface state tap1 up
set interface mac address tap1 02:00:00:00:00:03
set interface ip address tap1 192.168.16.{own}/24
set ip arp static tap1 192.168.16.{other} 02:00:00:00:00:04
create vxlan tunnel src 192.168.16.{own} dst 192.168.16.{other} vni 10
set interface l2 bridge tap0 1
set interface l2 bridge vxlan_tunnel0 1
"""


def end(own: int) -> Engine:
    return configured(TUNNEL.format(own=own, other=3 - own), "l2fib add 02:00:00:00:00:01 1 vxlan_tunnel0 static")


def test_encap(run_path, captures):
    run_path(end(1), captures("W1"))


def test_decap(run_path, captures, tmp_path):
    """What the other end encapsulated, addressed to this one."""
    wire = tmp_path / "wire.pcap"
    end(2).replay({"tap0": str(captures("W1", N))}, {"tap1": str(wire)}, together=True, collect=False)
    vpp = configured(TUNNEL.format(own=1, other=2), "set interface mac address tap1 02:00:00:00:00:04",
                     "set bridge-domain learn 1 disable", "l2fib add 02:00:00:00:00:01 1 tap0 static")  # fmt: skip
    run_path(vpp, wire, interface="tap1")


def many(path: Path, source: Path) -> Path:
    """A capture of one frame, N times."""
    with open(source, "rb") as file:
        ((_, frame),) = dpkt.pcap.Reader(file)
    with open(path, "wb") as file:
        writer = dpkt.pcap.Writer(file)
        for _ in range(N):
            writer.writepkt(frame, ts=0)
    return path


@pytest.mark.parametrize(
    ("node", "enters", "capture"),
    [
        ("node1", "tap2", "request"),
        ("node2", UPLINK, "request-node2"),
        ("node2", "tap3", "response"),
        ("node1", UPLINK, "response-node1"),
    ],
)
def test_contiv(run_path, tmp_path, node, enters, capture):
    """A pod calls a service on the other node: ACLs, NAT, bridge and tunnel."""
    vpp = Engine(profile="18.01")
    vpp.exec(str(CONTIV / f"{node}.vpp"))
    if capture.startswith("response") and node == "node1":
        vpp.replay({"tap2": str(CONTIV / f"{FLOW}-request.pcap")})
    run_path(vpp, many(tmp_path / "many.pcap", CONTIV / f"{FLOW}-{capture}.pcap"), interface=enters)
