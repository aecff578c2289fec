"""Checksums: bytes a second, beside dpkt in the same run."""

import time

import dpkt
import pytest

from engine.wire import checksum


@pytest.mark.parametrize("size", [20, 576, 1500, 65_000])
def test_any_bytes(benchmark, size):
    """Through Python, so short ones show the call."""
    data = bytes(i * 7 & 0xFF for i in range(size))
    assert benchmark(checksum.of, data) == dpkt.in_cksum(data)
    start = time.perf_counter_ns()
    for _ in range(200):
        dpkt.in_cksum(data)
    baseline = (time.perf_counter_ns() - start) / 200
    ns = benchmark.stats.stats.min * 1e9
    benchmark.extra_info.update(
        ns=round(ns, 1), bytes_per_ns=round(size / ns, 2), dpkt_ns=round(baseline, 1),
        times_dpkt=round(baseline / ns, 1),
    )
