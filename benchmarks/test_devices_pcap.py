"""Captures: nanoseconds a packet to read and to write them, beside dpkt in the same run."""

import io
import time

import dpkt
import pytest

from engine.devices.pcap.capture import open_capture
from engine.devices.pcap.reader import PcapFile
from engine.devices.pcap.source import FrameList
from engine.devices.pcap.writer import PcapWriter

N = 200_000
FRAMES = [bytes([n % 256]) * 60 for n in range(N)]


@pytest.fixture(scope="module")
def content():
    writer = PcapWriter()
    for n, frame in enumerate(FRAMES):
        writer.append(frame, n * 1000)
    return bytes(writer)


def dpkt_read_ns(content):
    start = time.perf_counter_ns()
    assert sum(1 for _ in dpkt.pcap.Reader(io.BytesIO(content))) == N
    return (time.perf_counter_ns() - start) / N


def note(benchmark, baseline=None):
    ns = benchmark.stats.stats.min / N * 1e9
    benchmark.extra_info["ns_per_packet"] = round(ns, 1)
    if baseline is not None:
        benchmark.extra_info.update(dpkt_ns=round(baseline, 1), times_dpkt=round(baseline / ns, 1))


def test_read_in_place(benchmark, content):
    source = PcapFile(content)
    benchmark.pedantic(source.count, rounds=9, warmup_rounds=1)
    note(benchmark, dpkt_read_ns(content))


def test_read_a_mapped_file(benchmark, content, tmp_path):
    path = tmp_path / "frames.pcap"
    path.write_bytes(content)
    benchmark.pedantic(lambda: open_capture(path).count(), rounds=9, warmup_rounds=1)
    note(benchmark, dpkt_read_ns(content))


def test_read_a_list(benchmark):
    source = FrameList(FRAMES)
    benchmark.pedantic(source.count, rounds=9, warmup_rounds=1)
    note(benchmark)


def test_read_into_python(benchmark, content):
    source = PcapFile(content)
    benchmark.pedantic(lambda: list(source), rounds=5, warmup_rounds=1)
    note(benchmark, dpkt_read_ns(content))
