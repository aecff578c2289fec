from ipaddress import IPv4Address

import pytest

from engine import Engine
from engine.explain import Packet
from engine.lab import Lab
from shell.client import RemoteError
from tests.golden.test_golden import NODE1

CONTIV = NODE1.parent


class Ask:
    """What pictures ask, answered by an engine or a lab in this process; `shut` refuses all but traces, as a VPP."""

    def __init__(self, vpp, shut=False):
        self.vpp, self.shut = vpp, shut

    def nodes(self):
        return list(self.vpp) if isinstance(self.vpp, Lab) else []

    def wires(self):
        return self.vpp.wires() if isinstance(self.vpp, Lab) else []

    def data(self, line, node=None):
        if self.shut and not line.startswith("show trace"):
            raise RemoteError(f"{line} is text only")
        return (self.vpp if node is None else self.vpp[node]).cli_data(line)


@pytest.fixture(scope="module")
def same_node():
    """A pod's call to a service of the same node, and the answer, traced."""
    flow = str(CONTIV / "pod-to-service-same-node")
    with Engine(buffers=1024) as vpp:
        vpp.exec(str(NODE1))
        vpp.replay({"tap2": f"{flow}-request.pcap", "tap4": f"{flow}-response.pcap"}, trace=10)
        yield Ask(vpp)


@pytest.fixture(scope="module")
def two_nodes():
    """A pod's call to a service of the other node, and the answer, traced on both nodes."""
    flow = str(CONTIV / "pod-to-service-different-nodes")
    with Lab(CONTIV / "lab.toml") as lab:
        lab.replay({"node1:tap2": f"{flow}-request.pcap", "node2:tap3": f"{flow}-response.pcap"}, trace=10)
        yield Ask(lab)


@pytest.fixture(scope="module")
def drops():
    """A packet that an ACL denies, and one whose neighbour is asked for."""
    with Engine(buffers=1024) as vpp:
        vpp.exec(str(NODE1))
        vpp.replay({"tap2": [frame(vpp, "tap2", "10.1.1.3", "10.1.1.6")]}, trace=1)
        vpp.replay({"tap0": [frame(vpp, "tap0", "172.30.1.2", "172.30.1.77")]}, trace=1)
        yield Ask(vpp)


def frame(vpp, interface, src, dst):
    return Packet(IPv4Address(src), IPv4Address(dst), 6, 1, 22).frame(vpp, vpp.interfaces.get(interface))
