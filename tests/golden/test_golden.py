"""The two nodes of a Contiv cluster and the frames in it: every line and every byte as VPP had them."""

import struct
from pathlib import Path

import pytest

from engine import Engine
from engine.devices.pcap.capture import open_capture

from .compare import HERE, differences, golden, packets

CONTIV = Path(__file__).parents[2] / "pcaps" / "contiv"
NODE1 = CONTIV / "node1.vpp"
UPLINK = "GigabitEthernet0/8/0"

# flow on one node: (interface a packet enters by, the one it leaves by, its files)
FLOWS = {
    "pod-to-service-same-node": [("tap2", "tap4", "01-request-node1"), ("tap4", "tap2", "02-response-node1")],
    "host-to-pod": [("tap0", "tap5", "01-request-node1"), ("tap5", "tap0", "02-response-node1")],
    "pod-to-internet": [
        ("tap2", UPLINK, "01-request-node1"),
        (UPLINK, "tap2", "02-response-node1"),
    ],
}
# the flow between nodes: its way through each
BETWEEN = "pod-to-service-different-nodes"
WAYS = {
    "node1": [("tap2", UPLINK, "01-request-node1"), (UPLINK, "tap2", "04-response-node1")],
    "node2": [(UPLINK, "tap3", "02-request-node2"), ("tap3", UPLINK, "03-response-node2")],
}
INPUT_NODES = ("virtio-input", "dpdk-input")


def frames(flow, name):
    return [frame for _, frame, *_ in open_capture(HERE / flow / f"{name}.pcap")]


def node(name):
    vpp = Engine(profile="18.01")
    vpp.exec(str(CONTIV / f"{name}.vpp"))
    return vpp


@pytest.fixture
def node1():
    with node("node1") as vpp:
        yield vpp


def draw_ports(vpp, count):
    """Open connections of the client pod to the world: each draws a port from NAT's generator."""
    syn = frames("pod-to-internet", "01-request-node1")[0]
    others = [syn[:34] + struct.pack(">H", 40000 + n) + syn[36:] for n in range(count)]
    assert len(vpp.replay({"tap2": others}).frames["GigabitEthernet0/8/0"]) == count


def replay(vpp, flow, way=None):
    """Both packets of a flow, traced; the run and the packets of the trace."""
    for input_node in INPUT_NODES:
        vpp.cli(f"trace add {input_node} 10")
    run = vpp.replay({enters: str(HERE / flow / f"{name}.pcap") for enters, _, name in way or FLOWS[flow]})
    return run, packets(vpp.cli("show trace"))


@pytest.mark.parametrize("flow", FLOWS)
def test_flow(node1, flow):
    if flow == "pod-to-internet":
        draw_ports(node1, 4)  # the recorded translation was that of the fifth draw
    run, traced = replay(node1, flow)
    assert run.received == run.transmitted == 2
    assert run.dropped == 0
    for number, (_, leaves, name) in enumerate(FLOWS[flow], 1):
        assert run.frames[leaves] == frames(flow, f"{name}.out")
        differs = differences(golden(flow, name), traced[number])
        assert not differs, "\n".join(differs)


@pytest.mark.parametrize("name", WAYS)
def test_flow_between_nodes(name):
    """Through the bridge domain and the tunnel: what the one sends is what the other gets."""
    with node(name) as vpp:
        run, traced = replay(vpp, BETWEEN, WAYS[name])
        assert run.received == run.transmitted == 2
        assert run.dropped == 0
        for number, (_, leaves, trace) in enumerate(WAYS[name], 1):
            assert run.frames[leaves] == frames(BETWEEN, f"{trace}.out")
            assert differences(golden(BETWEEN, trace), traced[number]) == []
        assert "flow hash: 0x00000002" in vpp.cli("show trace")  # loop0 joined its domain twice


def test_the_flows_one_after_the_other(node1):
    """As they happened: one configuration, and nothing of one connection disturbs another."""
    ways = {flow: FLOWS[flow] for flow in ("host-to-pod", "pod-to-service-same-node")} | {BETWEEN: WAYS["node1"]}
    for flow, way in ways.items():
        node1.cli("clear trace")
        _, traced = replay(node1, flow, way)
        for number, (_, _, name) in enumerate(way, 1):
            assert differences(golden(flow, name), traced[number]) == []


def test_the_session_behind_the_service(node1):
    replay(node1, "pod-to-service-same-node")
    sessions = node1.cli("show nat44 sessions detail")
    assert "10.1.1.5 proto tcp port 8080" in sessions
    assert "10.104.221.85 proto tcp port 80" in sessions


def test_a_pod_without_permission_is_denied(node1):
    """Remote as the configuration is from its origin, its made-up rules are in force."""
    syn = frames("host-to-pod", "01-request-node1")[0]
    to_client = syn[:30] + bytes([10, 1, 1, 3]) + syn[34:]  # no checksum is looked at on this way but IPv4's
    header = bytearray(to_client[14:34])
    header[10:12] = bytes(2)
    total = sum(struct.unpack(">10H", header))
    total = (total & 0xFFFF) + (total >> 16)
    header[10:12] = struct.pack(">H", ~total & 0xFFFF)
    run = node1.replay({"tap0": [to_client[:14] + bytes(header) + to_client[34:]]})
    assert run.transmitted == 0
    assert run.drops == {("acl-plugin-out-ip4-fa", "ACL deny packets"): 1}
