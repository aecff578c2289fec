"""Two routers on a wire: what crosses, when, and that nothing is lost silently."""

import pytest

from engine import ControlError
from engine.devices.pcap.capture import open_capture
from engine.devices.pcap.source import FrameList
from engine.errors import LabError, WireLoopError
from engine.lab import Lab

from .conftest import NODES, WIRES
from .frames import number, ttl, udp

SECOND = 1_000_000_000


def conserved(run):
    for node in run.runs.values():
        assert node.received + node.generated == node.transmitted + node.consumed + node.dropped
    return run.received + run.generated == run.transmitted + run.consumed + run.dropped + run.missed


@pytest.mark.parametrize("together", [False, True])
def test_there_and_back(lab, together):
    run = lab.replay({"a:tap1": [udp(1, "10.2.0.2")] * 300, "b:tap2": [udp(2, "10.1.0.2")] * 3}, together=together)
    assert {end: len(frames) for end, frames in run.frames.items()} == {
        "a:wan": 300, "b:wan": 3, "b:tap2": 300, "a:tap1": 3}
    assert [ttl(run.frames[end][0]) for end in ("a:wan", "b:tap2")] == [63, 62]
    assert (run.received, run.transmitted, run.dropped, run.missed) == (303, 303, 0, 0)
    assert (run["a"].received, run["b"].transmitted) == (303, 303)
    assert [(wire.sender, wire.receiver, wire.sent, wire.received) for wire in run.crossings] == [
        ("a:wan", "b:wan", 300, 300), ("b:wan", "a:wan", 3, 3)]
    assert conserved(run)
    assert lab.last_run is run and lab["b"].last_run is run["b"]


def test_the_same_bytes_arrive_that_were_sent(lab):
    frames = [udp(1, "10.2.0.2", payload=i.to_bytes(4, "big") + bytes(i)) for i in range(0, 5000, 7)]
    run = lab.replay({"a:tap1": frames}, together=True)
    assert [number(frame) for frame in run.frames["b:tap2"]] == list(range(0, 5000, 7))
    assert [frame[34:] for frame in run.frames["b:tap2"]] == [frame[34:] for frame in frames]


def test_vectors_cross_whole_and_single_packets_alone(lab):
    def calls(together):
        lab["b"].cli("clear runtime")
        lab.replay({"a:tap1": [udp(1, "10.2.0.2")] * 300}, together=together)
        row = next(row for row in lab["b"].graph.runtime() if row["name"] == "ip4-lookup")
        return row["calls"], row["vectors"]

    assert calls(True) == (2, 300)
    assert calls(False) == (300, 300)


def test_each_packet_runs_to_its_end_on_all_nodes_before_the_next(lab):
    times = [1 * SECOND, 3 * SECOND]
    run = lab.replay({"a:tap1": FrameList([udp(1, "10.2.0.2")] * 2, times),
                      "b:tap2": FrameList([udp(2, "10.1.0.2")], [2 * SECOND])}, trace=10)
    first = {name: [packet["entries"][0] for packet in vpp.cli_data("show trace")["packets"]]
             for name, vpp in lab.nodes.items()}
    seen = {name: [(entry["time"], entry["node"]) for entry in entries] for name, entries in first.items()}
    assert seen == {
        "a": [(1.0, "virtio-input"), (2.0, "dpdk-input"), (3.0, "virtio-input")],
        "b": [(1.0, "dpdk-input"), (2.0, "virtio-input"), (3.0, "dpdk-input")]}
    assert conserved(run)


def test_each_node_traces_the_first_packets_it_receives(lab):
    lab.replay({"a:tap1": [udp(1, "10.2.0.2")] * 20}, trace=3)
    assert [len(vpp.tracer) for vpp in lab.nodes.values()] == [3, 3]
    lab.replay({"a:tap1": [udp(1, "10.2.0.2")] * 20})
    assert [len(vpp.tracer) for vpp in lab.nodes.values()] == [3, 3]


def test_all_nodes_share_the_time(lab):
    lab["a"].advance(5)
    lab.replay({"b:tap2": FrameList([udp(2, "10.1.0.2")] * 2, [1 * SECOND, 3 * SECOND])})
    assert [vpp.now() for vpp in lab.nodes.values()] == [7, 7]
    lab.advance(10)
    assert [vpp.now() for vpp in lab.nodes.values()] == [17, 17] and lab.now() == 17
    for seconds in (-1, float("nan")):
        with pytest.raises(ValueError, match="forward"):
            lab.advance(seconds)


def test_neighbours_find_each_other_over_the_wire(folder):
    for name in "ab":
        text = (folder / f"{name}.vpp").read_text()
        (folder / f"{name}.vpp").write_text("\n".join(line for line in text.split("\n") if "static wan" not in line))
    with Lab(folder / "lab.toml") as lab:
        frames = FrameList([udp(1, "10.2.0.2")] * 3, [SECOND, 3 * SECOND, 5 * SECOND])
        run = lab.replay({"a:tap1": frames})
        assert len(run.frames["b:tap2"]) >= 1
        assert "02:00:00:00:00:02" in lab["a"].cli("show ip arp")
        assert run.generated >= 1 and conserved(run)


def test_outputs_are_captures_also_of_what_crosses(lab, tmp_path):
    names = {"a:wan": tmp_path / "wire.pcap", "b:tap2": tmp_path / "out.pcap"}
    run = lab.replay({"a:tap1": FrameList([udp(1, "10.2.0.2")], [7 * SECOND])}, names)
    for end, path in names.items():
        (record,) = list(open_capture(path))
        assert record[0] == 7 * SECOND and [record[1]] == run.frames[end]


def test_nothing_is_kept_in_memory_when_not_asked_for(lab):
    run = lab.replay({"a:tap1": [udp(1, "10.2.0.2")]}, collect=False)
    assert not run.frames and run.transmitted == 1


def test_what_finds_the_interface_down_is_missed(lab):
    lab["b"].cli("set interface state wan down")
    run = lab.replay({"a:tap1": [udp(1, "10.2.0.2")] * 5})
    assert (run.missed, run["b"].missed, run["b"].received) == (5, {"wan": 5}, 0)
    assert len(run.frames["a:wan"]) == 5 and conserved(run)


def test_an_interface_that_is_down_sends_nothing(lab):
    lab["a"].cli("set interface state wan down")
    run = lab.replay({"a:tap1": [udp(1, "10.2.0.2")] * 5})
    assert run.dropped == 5 and [wire.sent for wire in run.crossings] == [0, 0] and conserved(run)


def test_a_frame_too_long_for_a_wire_is_missed_and_the_others_pass(lab):
    for vpp in lab.nodes.values():
        vpp.interfaces.set_mtu(vpp.interfaces.get("wan"), 0)
    frames = [udp(1, "10.2.0.2", payload=i.to_bytes(4, "big")) for i in range(3)]
    long = udp(1, "10.2.0.2", payload=bytes(20)) + bytes(65_600)     # padding, which routers leave alone
    run = lab.replay({"a:tap1": [frames[0], long, frames[1], frames[2]]}, together=True)
    sent, received = run.crossings[0].sent, run.crossings[0].received
    assert (sent, received, run.missed) == (4, 3, 1) and conserved(run)
    assert [number(frame) for frame in run.frames["b:tap2"] if len(frame) < 100] == [0, 1, 2]


def test_captures_enter_by_wired_interfaces_too(lab):
    frame = lab.replay({"a:tap1": [udp(1, "10.2.0.2")]}).frames["a:wan"][0]
    run = lab.replay({"b:wan": [frame] * 4, "a:tap1": [udp(1, "10.2.0.2")] * 4})
    assert len(run.frames["b:tap2"]) == 8
    assert (run.received, run["b"].received) == (8, 8) and conserved(run)


def test_a_node_by_itself_has_no_wires(lab):
    run = lab["a"].replay({"tap1": [udp(1, "10.2.0.2")]})
    assert len(run.frames["wan"]) == 1
    assert lab["b"].graph.totals()["received"] == 0


def test_a_loop_of_routers_ends_by_the_ttl(lab):
    lab["a"].cli("ip route add 10.9.0.0/16 via 192.168.0.2 wan")
    lab["b"].cli("ip route add 10.9.0.0/16 via 192.168.0.1 wan")
    run = lab.replay({"a:tap1": [udp(1, "10.9.0.1", ttl=255)]})
    assert sum(wire.sent for wire in run.crossings) >= 254
    assert conserved(run)


@pytest.mark.parametrize("together", [False, True])
def test_packets_that_go_round_are_cut(folder, together):
    (folder / "lab.toml").write_text("max_crossings = 100\n" + WIRES + NODES)
    with Lab(folder / "lab.toml") as lab:
        lab["a"].cli("ip route add 10.9.0.0/16 via 192.168.0.2 wan")
        lab["b"].cli("ip route add 10.9.0.0/16 via 192.168.0.1 wan")
        with pytest.raises(WireLoopError, match=r"more than 100 .* -> "):
            lab.replay({"a:tap1": [udp(1, "10.9.0.1", ttl=255)] * 5}, together=together)
        assert lab.last_run.missed > 0 and conserved(lab.last_run)
        assert lab.replay({"a:tap1": [udp(1, "10.2.0.2")]}).transmitted == 1


def test_a_wire_may_lead_back_to_the_same_node(folder):
    (folder / "a.vpp").write_text((folder / "a.vpp").read_text() + "create tap id 9\nset interface state tap9 up\n")
    (folder / "lab.toml").write_text('wires = [["a:wan", "a:tap9"]]\n' + NODES)
    with Lab(folder / "lab.toml") as lab:
        run = lab.replay({"a:tap1": [udp(1, "10.2.0.2")] * 300}, together=True)
        assert run["a"].received == 600 and run.received == 300 and conserved(run)


@pytest.mark.parametrize(("end", "said"), [
    ("tap1", "expected NODE:INTERFACE"), ("c:tap1", "no node c, only a, b"), ("a:tap9", "a: no interface tap9"),
    ("a:local0", "a: local0 is no interface"), ("a:", "expected"), (":tap1", "expected")])
def test_ends_that_are_none(lab, end, said):
    for where in ({"inputs": {end: []}}, {"inputs": {}, "outputs": {end: "never.pcap"}}):
        with pytest.raises(LabError, match=said):
            lab.replay(**where)


def test_an_interface_that_was_deleted_has_no_wire(lab):
    lab["b"].cli("delete interface physical wan")
    with pytest.raises(ControlError, match="b: no interface wan"):
        lab.replay({"a:tap1": [udp(1, "10.2.0.2")]})
    with pytest.raises(ControlError, match="b: no interface wan"):
        lab.advance(1)


def test_a_broken_capture_leaves_a_lab_that_works(lab):
    broken = FrameList([udp(1, "10.2.0.2")], tail="the end is missing")
    with pytest.raises(ValueError, match="the end is missing"):
        lab.replay({"a:tap1": broken})
    assert lab.last_run.transmitted == 1 and conserved(lab.last_run)
    assert lab.replay({"a:tap1": [udp(1, "10.2.0.2")]}).transmitted == 1


def test_summary_is_plain_data(lab):
    summary = lab.replay({"a:tap1": [udp(1, "10.2.0.2")]}).summary()
    assert summary["wires"][0] == {"from": "a:wan", "to": "b:wan", "sent": 1, "received": 1}
    assert summary["received"] == 1 and summary["nodes"]["b"]["received"] == 1
