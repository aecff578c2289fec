"""Mtrie: nanoseconds per lookup and route, beside longest match over dicts in the same run."""

import time

import numpy as np
import pytest

from engine.tables.mtrie import Mtrie

N_LOOKUPS = 1_000_000


def random_routes(n, lengths):
    """n random (address, length) of the given lengths, as two arrays."""
    rng = np.random.default_rng(1)
    length = rng.choice(np.array(lengths), size=n)
    address = rng.integers(0, 2**32, size=n) & (0xFFFFFFFF << (32 - length))
    return address, length


def hosts(address, length):
    """Random hosts within random ones of the routes, in network order."""
    rng = np.random.default_rng(2)
    chosen = rng.integers(0, len(address), size=N_LOOKUPS)
    host = rng.integers(0, 2**32, size=N_LOOKUPS) >> length[chosen]
    return (address[chosen] | host).astype(">u4").view(np.uint32)


def dict_ns(address, length, wanted):
    """Nanoseconds a longest match takes over one dict a prefix length, on a part of the addresses."""
    tables = {int(bits): {} for bits in sorted(set(length), reverse=True)}
    for number, bits in zip(address.tolist(), length.tolist(), strict=True):
        tables[bits][number] = 1
    masks = [(0xFFFFFFFF << (32 - bits), table) for bits, table in tables.items()]
    sample = wanted[:50_000].byteswap().tolist()
    start = time.perf_counter_ns()
    for number in sample:
        for mask, table in masks:
            if number & mask in table:
                break
    return (time.perf_counter_ns() - start) / len(sample)


@pytest.mark.parametrize(
    ("n", "lengths"),
    [(1, [0]), (1_000, [24]), (100_000, [24]), (100_000, [16, 20, 22, 24, 24, 24, 28, 32])],
    ids=["default", "1k-24", "100k-24", "100k-mixed"],
)
def test_lookup(benchmark, n, lengths):
    address, length = random_routes(n, lengths)
    mtrie = Mtrie()
    for value, (number, bits) in enumerate(zip(address.tolist(), length.tolist(), strict=True)):
        mtrie.add(number, bits, value)
    wanted = hosts(address, length)
    results = np.zeros(N_LOOKUPS, dtype=np.uint32)
    benchmark.pedantic(mtrie.lookup_many, (wanted, results), rounds=7, warmup_rounds=1)
    ns = benchmark.stats.stats.min / N_LOOKUPS * 1e9
    baseline = dict_ns(address, length, wanted)
    benchmark.extra_info.update(
        ns_per_lookup=round(ns, 1), dict_ns=round(baseline, 1), times_dict=round(baseline / ns, 1),
        n_plies=mtrie.n_plies, memory=mtrie.memory,
    )


def test_load_100k(benchmark):
    address, length = random_routes(100_000, [24])
    routes = list(zip(address.tolist(), length.tolist(), range(100_000), strict=True))

    def load():
        mtrie = Mtrie()
        for route in routes:
            mtrie.add(*route)

    benchmark.pedantic(load, rounds=3, warmup_rounds=1)
    benchmark.extra_info["ns_per_route"] = round(benchmark.stats.stats.min / 100_000 * 1e9, 1)
