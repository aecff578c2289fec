"""Pool: nanoseconds per element taken and freed, beside a list of free indices in the same run."""

import time

import pytest

from engine.tables.pool import Pool

ROUNDS = 100


def list_ns(n):
    """The same with a Python list as the stack of free indices."""
    freed = list(range(n))
    start = time.perf_counter_ns()
    for _ in range(5):
        taken = [freed.pop() for _ in range(n)]
        for index in taken:
            freed.append(index)
    return (time.perf_counter_ns() - start) / (5 * n)


@pytest.mark.parametrize("n", [256, 65_536])
def test_take_and_free(benchmark, n):
    pool = Pool(1 << 20, 64, True)
    benchmark.pedantic(pool.churn, (n, ROUNDS), rounds=5, warmup_rounds=1)
    ns = benchmark.stats.stats.min / (ROUNDS * n) * 1e9
    baseline = list_ns(n)
    benchmark.extra_info.update(
        ns_per_element=round(ns, 2), list_ns=round(baseline, 1), times_list=round(baseline / ns)
    )


def test_growth_to_a_million(benchmark):
    """The first million elements: memory is committed as the pool grows, nothing is copied."""
    benchmark.pedantic(lambda: Pool(1 << 20, 64, True).churn(1_000_000, 1), rounds=3)
    benchmark.extra_info["ns_per_element"] = round(benchmark.stats.stats.min / 1_000_000 * 1e9, 1)
