"""Replay: order, time, conservation, and captures that are not what they should be."""

import struct

import pytest

from engine import CaptureError, ControlError, Engine
from engine.devices.pcap.source import FrameList

UNKNOWN_TYPE = bytes(12) + b"\x12\x34" + bytes(46)


@pytest.fixture
def vpp():
    engine = Engine()
    for name in ("pg0", "pg1"):
        engine.cli(f"create packet-generator interface {name}")
        engine.cli(f"set interface state {name} up")
    yield engine
    assert engine.buffers.in_use == 0


def conserved(run):
    return run.received + run.generated == run.transmitted + run.consumed + run.dropped


def test_frames_enter_by_time_whatever_interface_they_come_from(vpp):
    first = FrameList([UNKNOWN_TYPE] * 3, [1_000_000, 3_000_000, 5_000_000])
    second = FrameList([UNKNOWN_TYPE] * 2, [2_000_000, 4_000_000])
    run = vpp.replay({"pg1": second, "pg0": first}, trace=10)
    order = [entry["data"]["interface"] for packet in vpp.cli_data("show trace")["packets"]
             for entry in packet["entries"] if entry["node"] == "pg-input"]
    assert order == ["pg0", "pg1", "pg0", "pg1", "pg0"]
    assert run.received == 5 and conserved(run)


def test_together_gives_one_vector_an_interface(vpp):
    vpp.replay({"pg0": [UNKNOWN_TYPE] * 300, "pg1": [UNKNOWN_TYPE] * 10}, together=True)
    row = next(row for row in vpp.graph.runtime() if row["name"] == "ethernet-input")
    assert (row["calls"], row["vectors"]) == (3, 310)


def test_one_by_one_is_one_vector_a_packet(vpp):
    vpp.replay({"pg0": [UNKNOWN_TYPE] * 5})
    row = next(row for row in vpp.graph.runtime() if row["name"] == "ethernet-input")
    assert (row["calls"], row["vectors"]) == (5, 5)


def test_the_clock_is_the_captures(vpp):
    vpp.replay({"pg0": FrameList([UNKNOWN_TYPE], [7_250_000_000])})
    assert vpp.now() == 7.25


def test_an_older_capture_happens_from_now_on(vpp):
    vpp.advance(100)
    vpp.replay({"pg0": FrameList([UNKNOWN_TYPE] * 2, [1_000_000_000, 3_000_000_000])})
    assert vpp.now() == 102


def test_the_first_n_packets_are_traced_and_no_more(vpp):
    vpp.replay({"pg0": [UNKNOWN_TYPE] * 5, "pg1": [UNKNOWN_TYPE] * 5}, trace=3)
    assert len(vpp.tracer) == 3
    vpp.replay({"pg0": [UNKNOWN_TYPE] * 5})
    assert len(vpp.tracer) == 3


def test_an_interface_that_is_down_receives_nothing_and_it_is_told(vpp):
    vpp.cli("set interface state pg0 down")
    run = vpp.replay({"pg0": [UNKNOWN_TYPE] * 4})
    assert run.received == 0 and run.missed == {"pg0": 4}


def test_no_such_interface(vpp):
    with pytest.raises(ControlError, match="tap9"):
        vpp.replay({"tap9": [UNKNOWN_TYPE]})


def test_local0_is_no_device(vpp):
    with pytest.raises(ControlError, match="local0"):
        vpp.replay({"local0": [UNKNOWN_TYPE]})


def test_a_capture_cut_off_is_processed_up_to_there(vpp, tmp_path):
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    record = struct.pack("<IIII", 1, 0, 60, 60) + UNKNOWN_TYPE
    path = tmp_path / "cut.pcap"
    path.write_bytes(header + record * 3 + record[:40])
    with pytest.raises(CaptureError, match=r"cut\.pcap: packet 4: "):
        vpp.replay({"pg0": path})
    assert vpp.last_run.received == 3 and conserved(vpp.last_run)
    assert vpp.replay({"pg0": [UNKNOWN_TYPE]}).received == 1


def test_a_file_that_is_no_capture(vpp, tmp_path):
    path = tmp_path / "text.pcap"
    path.write_text("this is no capture, however long it may be")
    with pytest.raises(CaptureError, match=r"text\.pcap"):
        vpp.replay({"pg0": path})


@pytest.mark.parametrize("frame", [b"", b"\0", bytes(13), bytes(14), bytes(17), b"\xff" * 14, b"\xff" * 15])
def test_runts_are_counted_and_freed(vpp, frame):
    run = vpp.replay({"pg0": [frame] * 3})
    assert run.received == 3 and conserved(run)


def test_two_engines_live_side_by_side(vpp):
    with Engine() as other:
        other.cli("create packet-generator interface pg0")
        other.cli("set interface state pg0 up")
        other.replay({"pg0": [UNKNOWN_TYPE] * 2})
        vpp.replay({"pg0": [UNKNOWN_TYPE]})
        assert other.graph.totals()["received"] == 2
        assert vpp.graph.totals()["received"] == 1
