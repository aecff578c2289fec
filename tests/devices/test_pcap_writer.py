"""What the writer writes, byte for byte."""

import errno
import os
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.devices.pcap.capture import open_capture
from engine.devices.pcap.writer import PcapWriter

from .test_pcap_reader import NANOSECONDS, pcap


def test_bytes_of_a_file(tmp_path):
    path = tmp_path / "out.pcap"
    with PcapWriter(path) as writer:
        writer.append(b"frame", 1_500_000_002_000_345_999)
        assert writer.count == 1
    assert path.read_bytes() == (
        bytes.fromhex("d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000")
        + struct.pack("<IIII", 1_500_000_002, 345, 5, 5)
        + b"frame"
    )


@given(st.lists(st.tuples(st.integers(0, (2**32 - 1) * 10**9), st.binary(max_size=80))))
def test_memory_holds_what_went_in(records):
    writer = PcapWriter(nanoseconds=True)
    for time, frame in records:
        writer.append(frame, time)
    assert writer.records() == records
    assert writer.frames() == [frame for _, frame in records]
    assert bytes(writer) == pcap([f for _, f in records], [t for t, _ in records], magic=NANOSECONDS)


@pytest.mark.parametrize("in_file", [True, False])
def test_more_than_one_buffer_full(tmp_path, in_file):
    frames = [bytes([n % 256]) * (n * 37 % 1515) for n in range(3000)]
    writer = PcapWriter(tmp_path / "large.pcap" if in_file else None)
    for n, frame in enumerate(frames):
        writer.append(frame, n * 1000)
    writer.close()
    if in_file:
        assert [frame for _, frame, *_ in open_capture(tmp_path / "large.pcap")] == frames
    else:
        assert writer.frames() == frames


def test_longer_than_the_snapshot_length():
    writer = PcapWriter()
    writer.append(bytes(70_000), 0)
    writer.append(b"next", 0)
    assert [len(frame) for frame in writer.frames()] == [65535, 4]
    assert struct.unpack_from("<I", bytes(writer), 24 + 12) == (70_000,)


def test_flush_shows_what_was_written(tmp_path):
    writer = PcapWriter(tmp_path / "out.pcap")
    writer.append(b"a", 0)
    assert len((tmp_path / "out.pcap").read_bytes()) == 24  # the header is there at once: it is a capture
    writer.flush()
    assert len((tmp_path / "out.pcap").read_bytes()) == 24 + 16 + 1


def test_dropped_without_close_is_complete(tmp_path):
    writer = PcapWriter(tmp_path / "out.pcap")
    writer.append(b"a", 0)
    del writer
    assert len((tmp_path / "out.pcap").read_bytes()) == 24 + 16 + 1


def test_closed(tmp_path):
    writer = PcapWriter(tmp_path / "out.pcap")
    writer.close()
    writer.close()
    with pytest.raises(ValueError, match="closed"):
        writer.append(b"a", 0)
    with pytest.raises(ValueError, match="went to a file"):
        bytes(writer)


def test_cannot_be_made(tmp_path):
    with pytest.raises(FileNotFoundError):
        PcapWriter(tmp_path / "no" / "such" / "folder.pcap")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_disk_full():
    with pytest.raises(OSError, match="/dev/full") as caught:
        PcapWriter("/dev/full")
    assert caught.value.errno == errno.ENOSPC
