"""Classic pcap: what is read, and what happens to a file that is cut, damaged or hostile."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.devices.pcap.capture import open_capture
from engine.devices.pcap.reader import PcapFile
from engine.devices.pcap.source import FrameList
from engine.errors import CaptureError

MICROSECONDS, NANOSECONDS = 0xA1B2C3D4, 0xA1B23C4D

FRAMES = [b"first frame", b"", b"x" * 300]
TIMES = [1_000_000_000, 1_000_001_000, 4_000_000_000_999_999_000]


def pcap(frames, times, order="<", magic=MICROSECONDS, link=1, original=None):
    """The file, by the format's description and by nothing of ours."""
    tick = 1000 if magic == MICROSECONDS else 1
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link)]
    for number, (frame, time) in enumerate(zip(frames, times, strict=True)):
        wire = len(frame) if original is None else original[number]
        out.append(struct.pack(order + "IIII", time // 10**9, time % 10**9 // tick, len(frame), wire) + frame)
    return b"".join(out)


def read(source):
    """All that can be read of it, and the error that ended it."""
    got = []
    try:
        for record in source:
            got.append(record)
    except CaptureError as error:
        return got, error
    return got, None


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("magic", [MICROSECONDS, NANOSECONDS])
def test_byte_orders_and_units(order, magic):
    source = PcapFile(pcap(FRAMES, TIMES, order, magic, original=[11, 0, 9000]))
    assert list(source) == [
        (TIMES[0], FRAMES[0], 11, 0),
        (TIMES[1], FRAMES[1], 0, 0),
        (TIMES[2], FRAMES[2], 9000, 0),
    ]
    assert source.link == 1
    assert source.nanoseconds == (magic == NANOSECONDS)


def test_nanoseconds_are_kept():
    assert [time for time, *_ in PcapFile(pcap([b"a"], [1_234_567_891], magic=NANOSECONDS))] == [1_234_567_891]


def test_iterating_again_starts_over():
    source = PcapFile(pcap(FRAMES, TIMES))
    assert list(source) == list(source)


def test_count_is_of_what_can_be_read():
    whole = pcap(FRAMES, TIMES)
    assert PcapFile(whole).count() == (3, sum(map(len, FRAMES)))
    assert PcapFile(whole[:-1]).count() == (2, len(FRAMES[0]))
    source = PcapFile(whole)
    assert source.count() == source.count()
    assert len(list(source)) == 3


@pytest.mark.parametrize("order", ["<", ">"])
def test_cut_at_every_byte(order):
    whole = pcap(FRAMES, TIMES, order)
    ends = [24]
    for frame in FRAMES:
        ends.append(ends[-1] + 16 + len(frame))
    for size in range(len(whole) + 1):
        if size < 24:
            with pytest.raises(CaptureError, match="too short"):
                PcapFile(whole[:size], "cut.pcap")
            continue
        complete = sum(end <= size for end in ends) - 1
        got, error = read(PcapFile(whole[:size], "cut.pcap"))
        assert [frame for _, frame, *_ in got] == FRAMES[:complete]
        if size in ends:
            assert error is None
        else:
            assert (error.path, error.packet) == ("cut.pcap", complete + 1)
            assert "the file ends inside" in error.reason


@pytest.mark.parametrize("claim", [262145, 2**31, 2**32 - 1])
def test_record_that_claims_too_much(claim):
    file = pcap([b"good"], [0]) + struct.pack("<IIII", 0, 0, claim, claim) + b"bad"
    got, error = read(PcapFile(file, "huge.pcap"))
    assert [frame for _, frame, *_ in got] == [b"good"]
    assert str(error) == "huge.pcap: packet 2: its record claims more than 262144 bytes"


@pytest.mark.parametrize("magic", [0, 0xA1B2CD34, 0xD4C3B2A0])
def test_other_magic_numbers(magic):
    with pytest.raises(CaptureError, match="not a pcap file"):
        PcapFile(pcap([], [], magic=magic))


def test_unknown_version():
    file = bytearray(pcap([], []))
    file[4:6] = b"\x03\x00"
    with pytest.raises(CaptureError, match="version 3"):
        PcapFile(bytes(file))


def test_checksum_bits_are_no_part_of_the_link_type():
    assert PcapFile(pcap([], [], link=0x24000001)).link == 1


@given(st.binary(max_size=400))
def test_random_bytes(data):
    try:
        source = PcapFile(data)
    except CaptureError:
        return
    read(source)


@given(st.binary(max_size=400), st.sampled_from("<>"), st.sampled_from([MICROSECONDS, NANOSECONDS]))
def test_random_records_account_for_every_byte(data, order, magic):
    got, error = read(PcapFile(pcap([], [], order, magic) + data))
    used = sum(16 + len(frame) for _, frame, *_ in got)
    assert used <= len(data)
    assert (error is None) == (used == len(data))
    if error is not None:
        assert error.packet == len(got) + 1


@given(st.lists(st.tuples(st.integers(0, (2**32 - 1) * 10**9), st.binary(max_size=100))), st.sampled_from("<>"))
def test_round_trip(records, order):
    times = [time for time, _ in records]
    frames = [frame for _, frame in records]
    got, error = read(PcapFile(pcap(frames, times, order, NANOSECONDS)))
    assert error is None
    assert [(time, frame) for time, frame, *_ in got] == records


def test_plain_file_is_mapped(tmp_path):
    path = tmp_path / "plain.pcap"
    path.write_bytes(pcap(FRAMES, TIMES))
    source = open_capture(path)
    assert isinstance(source, PcapFile)
    assert [frame for _, frame, *_ in source] == FRAMES


@pytest.mark.parametrize("content", [b"", b"\n", b"hello, this is no capture at all, but long enough"])
def test_files_that_are_no_captures(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(CaptureError, match=str(path)):
        open_capture(path)


def test_no_such_file(tmp_path):
    with pytest.raises(CaptureError, match="No such file"):
        open_capture(tmp_path / "none.pcap")


def test_directory(tmp_path):
    with pytest.raises(CaptureError, match="directory"):
        open_capture(tmp_path)


def test_frame_list():
    assert list(FrameList([b"a", b"bc"], start=5)) == [(5, b"a", 1, 0), (1_000_005, b"bc", 2, 0)]
    assert list(FrameList([b"a", bytearray(b"b")], [7, 3])) == [(7, b"a", 1, 0), (3, b"b", 1, 0)]
    assert list(FrameList([])) == []
    assert len(FrameList([b"", b""])) == 2


def test_frame_list_with_a_broken_end():
    got, error = read(FrameList([b"a"], name="list", tail="it ran dry"))
    assert len(got) == 1
    assert str(error) == "list: packet 2: it ran dry"


def test_frame_list_refuses():
    with pytest.raises(ValueError, match="longer"):
        FrameList([bytes(262145)])
    with pytest.raises(ValueError, match="as many"):
        FrameList([b"a"], [1, 2])
    with pytest.raises(OverflowError):
        FrameList([b"a"], [-1])
