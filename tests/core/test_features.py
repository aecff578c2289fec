"""The order of features follows from what each says of the others, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.features import sort_features


def test_registration_order_without_constraints():
    assert sort_features([("b", (), ()), ("a", (), ())]) == ["b", "a"]


def test_before_and_after():
    features = [("nat", (), ("acl",)), ("lookup", (), ("nat",)), ("acl", ("lookup",), ())]
    assert sort_features(features) == ["acl", "nat", "lookup"]


def test_names_that_are_not_there_do_not_matter():
    assert sort_features([("a", ("ghost",), ("other ghost",))]) == ["a"]


def test_a_circle_is_refused():
    with pytest.raises(ValueError, match="circle"):
        sort_features([("a", ("b",), ()), ("b", ("a",), ())])


@given(st.permutations(range(8)), st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=12))
def test_every_constraint_holds(registration, pairs):
    pairs = {(first, second) for first, second in pairs if first < second}
    features = [(str(n), tuple(str(b) for a, b in pairs if a == n), ()) for n in registration]
    order = sort_features(features)
    assert sorted(order) == [str(n) for n in range(8)]
    for first, second in pairs:
        assert order.index(str(first)) < order.index(str(second))
