"""Captures that others made are read to their ends."""

import re
import struct
from pathlib import Path

import dpkt
import pytest

from engine.devices.pcap.capture import open_capture
from engine.devices.pcap.link import FRAME_NO_MAC
from engine.devices.pcap.writer import PcapWriter

REAL = Path(__file__).parents[2] / "pcaps" / "real"
TABLE = re.findall(r"^\| (\S+) \| (\d+) \|", (REAL / "README.md").read_text(), re.MULTILINE)


def test_the_table_is_complete():
    assert sorted(name for name, _ in TABLE) == sorted(path.name for path in REAL.iterdir() if path.suffix != ".md")


@pytest.mark.parametrize(("name", "packets"), TABLE)
def test_every_packet_is_read(name, packets):
    frames = list(open_capture(REAL / name))
    assert len(frames) == int(packets)
    assert all(len(frame) <= original or flags & FRAME_NO_MAC for _, frame, original, flags in frames)


@pytest.mark.parametrize("name", ["zeek-nmap-vsn.pcap", "snabb-broadcast.pcap", "zeek-smtp-one-side-only.pcap"])
def test_what_is_read_is_what_another_reader_reads(name):
    with open(REAL / name, "rb") as file:
        theirs = list(dpkt.pcap.Reader(file))
    ours = [(time, frame) for time, frame, *_ in open_capture(REAL / name)]
    assert [frame for _, frame in ours] == [frame for _, frame in theirs]
    assert [time / 1e9 for time, _ in ours] == pytest.approx([float(time) for time, _ in theirs])


@pytest.mark.parametrize("name", ["zeek-nmap-vsn.pcap", "suricata-vxlan.pcap", "pcapplusplus-DnsPackets.pcap"])
def test_written_again_it_is_the_same_file(name, tmp_path):
    content = (REAL / name).read_bytes()
    assert struct.unpack_from("<I", content) == (0xA1B2C3D4,)
    with PcapWriter(tmp_path / name) as writer:
        for time, frame, *_ in open_capture(REAL / name):
            writer.append(frame, time)
    assert (tmp_path / name).read_bytes()[24:] == content[24:]
