"""The pool against a list and a stack of free indices."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from engine.tables.pool import Pool

LIMIT = 40


class PoolMachine(RuleBasedStateMachine):
    """Any order of get and put: indices, values and iteration equal the plain twin's."""

    def __init__(self):
        super().__init__()
        self.pool = Pool(LIMIT, 24)
        self.freed = []
        self.values = {}

    @rule(value=st.integers(0, 2**64 - 1))
    def get(self, value):
        if len(self.values) == LIMIT:
            with pytest.raises(MemoryError, match="at most 40"):
                self.pool.get(value)
            return
        expected = self.freed.pop() if self.freed else len(self.values)
        assert self.pool.get(value) == expected
        self.values[expected] = value

    @precondition(lambda self: self.values)
    @rule(data=st.data())
    def put(self, data):
        index = data.draw(st.sampled_from(sorted(self.values)))
        self.pool.put(index)
        self.freed.append(index)
        del self.values[index]
        assert index not in self.pool

    @rule(index=st.integers(0, 2**32 - 1))
    def put_what_is_not_there(self, index):
        if index not in self.values:
            with pytest.raises(IndexError):
                self.pool.put(index)

    @invariant()
    def same(self):
        assert len(self.pool) == len(self.values)
        assert {index: self.pool[index] for index in self.pool} == self.values


TestPool = PoolMachine.TestCase
TestPool.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)


def test_last_freed_is_first_reused():
    pool = Pool(10)
    for value in range(4):
        pool.get(value)
    pool.put(1)
    pool.put(3)
    pool.put(0)
    assert [pool.get(9) for _ in range(4)] == [0, 3, 1, 4]


def test_pointers_are_stable_and_values_survive_growth():
    pool = Pool(2_000_000, 64, True)
    first = pool.get(7)
    before = pool.address(first)
    small = pool.memory
    for value in range(200_000):
        pool.get(value)
    assert pool.address(first) == before
    assert pool[first] == 7
    assert pool[100_001] == 100_000
    assert small < 256 * 1024 < 64 * 200_000 < pool.memory


def test_growth_ends_at_the_limit():
    pool = Pool(100_003, 8)
    for value in range(100_003):
        pool.get(value)
    with pytest.raises(MemoryError):
        pool.get(0)
    assert len(pool) == 100_003
    assert pool[100_002] == 100_002


@pytest.mark.parametrize("size", [8, 65, 100, 128])
def test_line_alignment(size):
    pool = Pool(100, size, True)
    assert all(pool.address(pool.get(0)) % 64 == 0 for _ in range(100))


def test_iteration_skips_long_gaps():
    pool = Pool(5000)
    for value in range(5000):
        pool.get(value)
    for index in range(4999):
        if index != 64:
            pool.put(index)
    assert list(pool) == [64, 4999]


def test_too_big_is_refused():
    with pytest.raises(MemoryError, match="no addresses"):
        Pool(2**32 - 2, 2**20)
    with pytest.raises(MemoryError):
        Pool(0)
