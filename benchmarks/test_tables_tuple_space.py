"""Tuple space: nanoseconds per packet, beside comparing rule after rule in the same run."""

import random
import time

import numpy as np
import pytest

from engine.tables.tuple_space import TupleSpace
from tests.tables.classbench import L4_VALID, NAMES, TCP_FLAGS_VALID, load_headers, load_rules, pack_key


def mixed_rules(n):
    """Rules of many shapes, then one that permits all: prefix lengths, ports and protocols at random."""
    rng = random.Random(1)
    ports = [lambda: (0, 65535), lambda: (rng.randrange(1024),) * 2, lambda: (1024, rng.randrange(2000, 65536))]
    rules = [
        (
            rng.getrandbits(32), rng.randrange(8, 33), rng.getrandbits(32), rng.randrange(8, 33),
            rng.choice([0, 6, 17]), *rng.choice(ports)(), *rng.choice(ports)(), 0, 0,
        )
        for _ in range(n - 1)
    ]
    return [*rules, (0, 0, 0, 0, 0, 0, 65535, 0, 65535, 0, 0)]


def headers_within(rules, n):
    """Headers that the rules' own prefixes and ports hold, half of them in the last rule alone."""
    rng = random.Random(2)
    headers = []
    for i in range(n):
        saddr, sl, daddr, dl, proto, sport, _, dport, _, _, _ = rng.choice(rules)
        saddr = saddr ^ rng.getrandbits(32) >> sl if i % 2 else rng.getrandbits(32)
        daddr = daddr ^ rng.getrandbits(32) >> dl
        headers.append((saddr, daddr, sport, dport, proto or 6, 2, L4_VALID | TCP_FLAGS_VALID))
    return headers


def measure(benchmark, rules, headers, frame=256):
    """ns_per_packet of the tuple space and of the scan, over headers in random order."""
    random.Random(3).shuffle(headers)
    keys = np.frombuffer(b"".join(pack_key(*header) for header in headers), dtype=np.uint8)
    space = TupleSpace(rules)
    results, scanned = np.zeros((2, len(headers)), dtype=np.uint32)
    benchmark.pedantic(space.lookup_many, (keys, results, frame), rounds=9, warmup_rounds=1)
    ns = benchmark.stats.stats.min / len(headers) * 1e9
    start = time.perf_counter_ns()
    space.scan_many(keys, scanned)
    scan_ns = (time.perf_counter_ns() - start) / len(headers)
    assert (results == scanned).all()
    benchmark.extra_info.update(
        ns_per_packet=round(ns, 1), scan_ns=round(scan_ns, 1), times_scan=round(scan_ns / ns, 1),
        n_rules=len(rules), n_partitions=len(space.partitions()), n_linear=space.n_linear, memory=space.memory,
    )


@pytest.mark.parametrize("n", [1, 16, 100, 1_000, 10_000])
def test_mixed(benchmark, n):
    rules = mixed_rules(n)
    measure(benchmark, rules, headers_within(rules, 20_000))


@pytest.mark.parametrize("name", NAMES)
def test_classbench(benchmark, name):
    measure(benchmark, load_rules(name), load_headers(name))


def test_one_packet_frames(benchmark):
    rules = mixed_rules(1_000)
    measure(benchmark, rules, headers_within(rules, 20_000), 1)


@pytest.mark.parametrize("n", [100, 1_000, 10_000])
def test_build(benchmark, n):
    benchmark.pedantic(TupleSpace, (mixed_rules(n),), rounds=3, warmup_rounds=1)
    benchmark.extra_info["us_per_rule"] = round(benchmark.stats.stats.min / n * 1e6, 2)
