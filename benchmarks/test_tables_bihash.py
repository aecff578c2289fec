"""Bihash: nanoseconds per search and addition, beside dict in the same run."""

import time

import numpy as np
import pytest

from engine.tables.pybihash import Bihash8, Bihash16, Bihash40

N_SEARCHES = 1_000_000
SIZES = [1_000, 65_536, 1_000_000]


def fill(kind, n):
    """A table of n random keys, and keys to search in random order."""
    rng = np.random.default_rng(1)
    keys = rng.integers(0, 2**63, size=(n, kind.n_words), dtype=np.uint64)
    table = kind()
    table.add_many(keys.ravel())
    return table, keys[rng.integers(0, n, size=N_SEARCHES)].ravel().copy()


def dict_ns(kind, wanted):
    """Nanoseconds a search of a dict of the same keys takes."""
    keys = [row.tobytes() for row in wanted.reshape(-1, kind.n_words)]
    plain = dict.fromkeys(keys, 1)
    wanted_again = [row.tobytes() for row in wanted.reshape(-1, kind.n_words)]
    start = time.perf_counter_ns()
    for key in wanted_again:
        plain[key]
    return (time.perf_counter_ns() - start) / len(keys)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("kind", [Bihash8, Bihash16, Bihash40])
def test_search(benchmark, kind, n):
    table, wanted = fill(kind, n)
    benchmark.pedantic(table.search_many, (wanted,), rounds=7, warmup_rounds=1)
    ns = benchmark.stats.stats.min / N_SEARCHES * 1e9
    baseline = dict_ns(kind, wanted)
    benchmark.extra_info.update(
        ns_per_lookup=round(ns, 1), dict_ns=round(baseline, 1), times_dict=round(baseline / ns, 1), **table.stats()
    )


@pytest.mark.parametrize("n", SIZES)
def test_search_without_prefetch(benchmark, n):
    table, wanted = fill(Bihash16, n)
    benchmark.pedantic(table.search_many, (wanted, False), rounds=7, warmup_rounds=1)
    benchmark.extra_info["ns_per_lookup"] = round(benchmark.stats.stats.min / N_SEARCHES * 1e9, 1)


@pytest.mark.parametrize("kind", [Bihash8, Bihash16, Bihash40])
def test_search_of_what_is_not_there(benchmark, kind):
    table, _ = fill(kind, 65_536)
    absent = np.random.default_rng(2).integers(0, 2**63, size=N_SEARCHES * kind.n_words, dtype=np.uint64)
    benchmark.pedantic(table.search_many, (absent,), rounds=7, warmup_rounds=1)
    benchmark.extra_info["ns_per_lookup"] = round(benchmark.stats.stats.min / N_SEARCHES * 1e9, 1)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("presized", [True, False], ids=["presized", "growing"])
def test_add(benchmark, n, presized):
    keys = np.random.default_rng(1).integers(0, 2**63, size=2 * n, dtype=np.uint64)
    benchmark.pedantic(lambda: Bihash16(n if presized else 0).add_many(keys), rounds=5, warmup_rounds=1)
    benchmark.extra_info["ns_per_add"] = round(benchmark.stats.stats.min / n * 1e9, 1)
