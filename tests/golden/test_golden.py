"""node1.vpp and the frames of a Contiv cluster: every line and every byte as VPP had them."""

import struct
from pathlib import Path

import pytest

from engine import Engine
from engine.devices.pcap.capture import open_capture

from .compare import HERE, differences, golden, packets

NODE1 = Path(__file__).parents[2] / "pcaps" / "contiv" / "node1.vpp"

# flow: (interface a packet enters by, the one it leaves by, its files)
FLOWS = {
    "pod-to-service-same-node": [("tap2", "tap4", "01-request-node1"), ("tap4", "tap2", "02-response-node1")],
    "host-to-pod": [("tap0", "tap5", "01-request-node1"), ("tap5", "tap0", "02-response-node1")],
    "pod-to-internet": [
        ("tap2", "GigabitEthernet0/8/0", "01-request-node1"),
        ("GigabitEthernet0/8/0", "tap2", "02-response-node1"),
    ],
}
INPUT_NODES = ("virtio-input", "dpdk-input")


def frames(flow, name):
    return [frame for _, frame, *_ in open_capture(HERE / flow / f"{name}.pcap")]


@pytest.fixture
def node1():
    with Engine(profile="18.01") as vpp:
        vpp.exec(str(NODE1))
        yield vpp


def draw_ports(vpp, count):
    """Open connections of the client pod to the world: each draws a port from NAT's generator."""
    syn = frames("pod-to-internet", "01-request-node1")[0]
    others = [syn[:34] + struct.pack(">H", 40000 + n) + syn[36:] for n in range(count)]
    assert len(vpp.replay({"tap2": others}).frames["GigabitEthernet0/8/0"]) == count


def replay(vpp, flow):
    """Both packets of a flow, traced; the run and the packets of the trace."""
    for node in INPUT_NODES:
        vpp.cli(f"trace add {node} 10")
    run = vpp.replay({enters: str(HERE / flow / f"{name}.pcap") for enters, _, name in FLOWS[flow]})
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


def test_the_flows_one_after_the_other(node1):
    """As they happened: one configuration, and nothing of one connection disturbs another."""
    for flow in ("host-to-pod", "pod-to-service-same-node"):
        node1.cli("clear trace")
        _, traced = replay(node1, flow)
        for number, (_, _, name) in enumerate(FLOWS[flow], 1):
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
