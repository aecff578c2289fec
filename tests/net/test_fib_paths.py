"""How paths share buckets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.net.fib.path import MAX_BUCKETS, Path, share_buckets


@pytest.mark.parametrize(
    ("weights", "shares"),
    [
        ([1], [(0, 1)]),
        ([1, 1], [(0, 1), (1, 1)]),
        ([2, 1], [(0, 5), (1, 3)]),
        ([1, 2], [(1, 5), (0, 3)]),
        ([2, 3], [(1, 5), (0, 3)]),
        ([1, 3], [(1, 3), (0, 1)]),
        ([1, 1, 1], [(0, 6), (1, 5), (2, 5)]),
        ([1] * 4, [(0, 1), (1, 1), (2, 1), (3, 1)]),
    ],
)
def test_shares_as_observed(weights, shares):
    assert share_buckets(weights) == shares


@given(st.lists(st.integers(1, 100), min_size=1, max_size=16))
def test_buckets_are_a_power_of_two_and_follow_the_weights(weights):
    shares = share_buckets(weights)
    n_buckets = sum(n for _, n in shares)
    assert n_buckets & (n_buckets - 1) == 0
    assert len({place for place, _ in shares}) == len(shares)
    if n_buckets < MAX_BUCKETS and len(shares) == len(weights):
        exact = [weights[place] * n_buckets / sum(weights) for place, _ in shares]
        assert sum(abs(n - x) for (_, n), x in zip(shares, exact, strict=True)) <= 0.2 * n_buckets + 1


def test_paths_sort_by_kind_then_next_hop():
    attached = Path("attached", sw_if_index=1)
    near, far = Path("attached-nexthop", 0x0A000002, 9), Path("attached-nexthop", 0xAC1E0102, 1)
    recursive = Path("recursive", 1)
    assert sorted([recursive, far, attached, near], key=Path.sort_key) == [near, far, attached, recursive]


def test_a_path_is_the_same_whatever_its_weight():
    assert Path("attached", sw_if_index=1, weight=3).same_way(Path("attached", sw_if_index=1, preference=2))
    assert not Path("attached", sw_if_index=1).same_way(Path("attached", sw_if_index=2))
