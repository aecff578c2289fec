"""The shipped cluster of two nodes: a pod calls a service whose endpoint is a pod of the other node."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from dpkt.ethernet import Ethernet
from dpkt.ip import IP
from dpkt.tcp import TCP, TH_ACK, TH_FIN, TH_PUSH, TH_SYN

from engine.devices.pcap.capture import open_capture
from engine.devices.pcap.source import FrameList
from engine.errors import WireLoopError
from engine.lab import Lab
from tests.golden.compare import HERE, differences, golden, packets

from .test_lab import conserved

CONTIV = Path(__file__).parents[2] / "pcaps" / "contiv"
FLOW = "pod-to-service-different-nodes"
UPLINK = "GigabitEthernet0/8/0"
# what VPP printed: the node, the packet's number there, and what left by which interface
TRACES = {
    "01-request-node1": ("node1", 1, f"node1:{UPLINK}"),
    "02-request-node2": ("node2", 1, "node2:tap3"),
    "03-response-node2": ("node2", 2, f"node2:{UPLINK}"),
    "04-response-node1": ("node1", 2, "node1:tap2"),
}
SEGMENTS = 100
MILLISECOND = 1_000_000
TRANSIENT = 121  # seconds for which an ACL keeps a closed connection, and one
FIN_EITHER_WAY = 0x0101


@pytest.fixture
def lab():
    with Lab(CONTIV / "lab.toml") as lab:
        yield lab
        assert [vpp.buffers.in_use for vpp in lab.nodes.values()] == [0, 0]


def test_request_and_reply_through_the_wire(lab):
    run = lab.replay({"node1:tap2": CONTIV / f"{FLOW}-request.pcap", "node2:tap3": CONTIV / f"{FLOW}-response.pcap"},
                     trace=10)
    assert (run.received, run.transmitted, run.dropped, run.missed) == (2, 2, 0, 0) and conserved(run)
    assert [(wire.sent, wire.received) for wire in run.crossings] == [(1, 1), (1, 1)]
    traced = {name: packets(vpp.cli("show trace")) for name, vpp in lab.nodes.items()}
    for name, (node, number, leaves) in TRACES.items():
        assert run.frames[leaves] == [frame for _, frame, *_ in open_capture(HERE / FLOW / f"{name}.out.pcap")]
        assert differences(golden(FLOW, name), traced[node][number]) == []


@dataclass
class Peer:
    """One end of a TCP connection, as far as its numbers go."""

    address: str
    port: int
    mac: str
    sequence: int
    acknowledged: int = 0

    def frame(self, to: "Peer", flags: int, payload: bytes = b"", address: str | None = None, port: int = 0) -> bytes:
        """The next segment to the other end, or to what stands for it; the other end takes note."""
        segment = TCP(sport=self.port, dport=port or to.port, seq=self.sequence, ack=self.acknowledged, flags=flags,
                      data=payload)
        packet = IP(src=ip(self.address), dst=ip(address or to.address), p=6, data=segment)
        self.sequence += len(payload) + bool(flags & (TH_SYN | TH_FIN))
        to.acknowledged = self.sequence
        packet.len = len(packet)
        return bytes(Ethernet(dst=bytes.fromhex(self.mac), src=bytes(5) + b"\x02", data=bytes(packet)))


def ip(text):
    return bytes(map(int, text.split(".")))


def connection():
    """SYNs, data both ways with ACKs, FINs: ("client" or "server", frame) in order."""
    client = Peer("10.1.1.3", 49710, "02fe163f5f0f", 1000)
    server = Peer("10.1.2.4", 8080, "02fe1d729566", 900_000)

    def ask(flags, payload=b""):
        return "client", client.frame(server, flags, payload, "10.97.193.160", 80)

    def answer(flags, payload=b""):
        return "server", server.frame(client, flags, payload)

    yield ask(TH_SYN)
    yield answer(TH_SYN | TH_ACK)
    yield ask(TH_ACK)
    for number in range(SEGMENTS):
        yield ask(TH_PUSH | TH_ACK, b"request %d " % number * 20)
        yield answer(TH_PUSH | TH_ACK, b"response %d " % number * 100)
        yield ask(TH_ACK)
    yield ask(TH_FIN | TH_ACK)
    yield answer(TH_ACK)
    yield answer(TH_FIN | TH_ACK)
    yield ask(TH_ACK)


def read(frames):
    """(source, its port, destination, its port, flags, payload) of each; the checksums are right."""
    rows = []
    for frame in frames:
        packet = Ethernet(frame).data
        segment = packet.data
        sums = packet.sum, segment.sum
        packet.sum = segment.sum = 0
        again = Ethernet(bytes(Ethernet(data=bytes(packet)))).data
        assert (again.sum, again.data.sum) == sums
        ends = [(".".join(map(str, address)), port)
                for address, port in ((packet.src, segment.sport), (packet.dst, segment.dport))]
        rows.append((*ends, segment.flags, bytes(segment.data)))
    return rows


def connection_frames():
    frames = {"client": ([], []), "server": ([], [])}
    for number, (who, frame) in enumerate(connection()):
        frames[who][0].append(frame)
        frames[who][1].append(number * MILLISECOND)
    return {who: FrameList(*rows) for who, rows in frames.items()}


def nat_sessions(vpp):
    users = vpp.cli_data("show nat44 sessions detail")["users"]
    return [session["protocol"] for user in users for session in user["sessions"]]


def acl_sessions(vpp):
    """Flags that each TCP session of the ACLs has seen, both ways."""
    state = vpp.acl.state
    sessions = [state.session(index) for index in state.sessions()]
    return [session["tcp_flags_seen"] for session in sessions if session["proto"] == 6]


def test_a_whole_connection(lab):
    sent = connection_frames()
    run = lab.replay({"node1:tap2": sent["client"], "node2:tap3": sent["server"]})
    assert run.received == run.transmitted == 3 + 3 * SEGMENTS + 4
    assert run.dropped == run.missed == 0 and conserved(run)
    service, client, endpoint = ("10.97.193.160", 80), ("10.1.1.3", 49710), ("10.1.2.4", 8080)
    for who, leaves, came, left in (
        ("client", "node2:tap3", (client, service), (client, endpoint)),
        ("server", "node1:tap2", (endpoint, client), (service, client)),
    ):
        expected = [(*left, *row[2:]) for row in read([frame for _, frame, *_ in sent[who]]) if row[:2] == came]
        assert read(run.frames[leaves]) == expected and len(expected) == len(sent[who])
    assert [nat_sessions(vpp).count("tcp") for vpp in lab.nodes.values()] == [0, 0]  # NAT forgets what was closed
    assert all(seen & FIN_EITHER_WAY for vpp in lab.nodes.values() for seen in acl_sessions(vpp))
    lab.advance(2 * TRANSIENT)  # the cleaner may find one of them too young, and looks again
    assert [acl_sessions(vpp) for vpp in lab.nodes.values()] == [[], []]


def test_a_connection_that_stays_open(lab):
    """The other side of the coin: what was not closed lives on."""
    sent = {who: list(source) for who, source in connection_frames().items()}
    open_ = {who: FrameList([row[1] for row in rows[:-2]], [row[0] for row in rows[:-2]]) for who, rows in sent.items()}
    lab.replay({"node1:tap2": open_["client"], "node2:tap3": open_["server"]})
    lab.advance(2 * TRANSIENT)
    assert [nat_sessions(vpp).count("tcp") for vpp in lab.nodes.values()] == [1, 0]
    assert all(acl_sessions(vpp) for vpp in lab.nodes.values())


def test_two_wires_between_two_bridges_end_in_an_error(tmp_path):
    """A storm: without spanning tree a broadcast goes round for ever."""
    lines = ["create bridge-domain 1 learn 1 forward 1 uu-flood 1 flood 1 arp-term 0"]
    for number in range(3):
        lines += [f"create tap id {number}", f"set interface state tap{number} up",
                  f"set interface l2 bridge tap{number} 1"]
    (tmp_path / "bridge.vpp").write_text("\n".join(lines) + "\n")
    (tmp_path / "lab.toml").write_text(
        'wires = [["a:tap1", "b:tap1"], ["a:tap2", "b:tap2"]]\n'
        '[nodes.a]\nconfig = "bridge.vpp"\n[nodes.b]\nconfig = "bridge.vpp"\n')
    broadcast = b"\xff" * 6 + bytes(5) + b"\x01" + b"\x08\x06" + bytes(46)
    with Lab(tmp_path / "lab.toml") as lab:
        with pytest.raises(WireLoopError, match=r"more than 2048 cross the wires, at last [ab]:tap[12] -> "):
            lab.replay({"a:tap0": [broadcast] * 3})
        run = lab.last_run
        assert run.received == 1 and run.missed and conserved(run)
        assert sum(wire.sent for wire in run.crossings) > 2048
        assert [vpp.buffers.in_use for vpp in lab.nodes.values()] == [0, 0]
