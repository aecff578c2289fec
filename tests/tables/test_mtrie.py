"""The mtrie against longest match by scan."""

import random
import sys
from array import array

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from engine.tables.mtrie import Mtrie

NONE = 0x7FFFFFFF


def mask(length):
    return 0xFFFFFFFF << (32 - length) & 0xFFFFFFFF


class PlainTable:
    """Longest prefix match by scan."""

    def __init__(self):
        self.routes = {}

    def add(self, address, length, value):
        self.routes[address & mask(length), length] = value

    def covering(self, address, length):
        """(value, length) of the longest prefix of at most `length` bits that holds the address."""
        for shorter in range(length, -1, -1):
            if (address & mask(shorter), shorter) in self.routes:
                return self.routes[address & mask(shorter), shorter], shorter
        return NONE, 0

    def delete(self, address, length):
        """Delete; the (value, length) that takes over."""
        del self.routes[address & mask(length), length]
        return self.covering(address, length)

    def lookup(self, address):
        return self.covering(address, 32)[0]


# few addresses, so that prefixes nest and meet
addresses = st.builds(
    lambda top, middle, low: top << 16 | middle << 8 | low,
    st.sampled_from([0x0000, 0x0A00, 0x0A01, 0x0A02, 0xFFFF]),
    st.sampled_from([0, 1, 2, 127, 128, 255]),
    st.sampled_from([0, 1, 2, 127, 128, 255]),
)


class MtrieMachine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.mtrie = Mtrie()
        self.plain = PlainTable()

    @rule(address=addresses, length=st.integers(0, 32), value=st.integers(0, NONE - 1))
    def add(self, address, length, value):
        self.mtrie.add(address, length, value)
        self.plain.add(address, length, value)

    @precondition(lambda self: self.plain.routes)
    @rule(data=st.data())
    def delete(self, data):
        address, length = data.draw(st.sampled_from(sorted(self.plain.routes)))
        self.mtrie.delete(address, length, *self.plain.delete(address, length))

    @rule(address=addresses, length=st.integers(1, 32))
    def delete_what_is_not_there(self, address, length):
        if (address & mask(length), length) not in self.plain.routes:
            self.mtrie.delete(address, length, 5, 0)

    @invariant()
    def same(self):
        edges = {0, 0xFFFFFFFF, 0x0A018080}
        for address, length in self.plain.routes:
            last = address | ~mask(length) & 0xFFFFFFFF
            edges |= {address, last, (address - 1) & 0xFFFFFFFF, (last + 1) & 0xFFFFFFFF}
        for address in edges:
            assert self.mtrie.lookup(address) == self.plain.lookup(address), hex(address)

    @invariant()
    def no_needless_plies(self):
        """A ply for each 16 bits that have longer prefixes, and one for each such 24 bits."""
        tops = {address >> 16 for address, length in self.plain.routes if length > 16}
        middles = {address >> 8 for address, length in self.plain.routes if length > 24}
        assert self.mtrie.n_plies == len(tops) + len(middles)


TestMtrie = MtrieMachine.TestCase
TestMtrie.settings = settings(max_examples=60, stateful_step_count=50, deadline=None)


def network_order(numbers):
    data = array("I", numbers)
    if sys.byteorder == "little":
        data.byteswap()
    return data


def test_a_hundred_thousand_routes():
    """Random prefixes of a backbone's lengths, looked up one by one and in frames; then all deleted."""
    rng = random.Random(5)
    mtrie, plain = Mtrie(), PlainTable()
    for value in range(100_000):
        address, length = rng.getrandbits(32), rng.choice([8, 12, 16, 20, 22, 24, 24, 24, 24, 28, 32])
        mtrie.add(address, length, value)
        plain.add(address, length, value)
    routes = list(plain.routes)
    wanted = [rng.getrandbits(32) for _ in range(3000)]
    wanted += [rng.choice(routes)[0] + rng.randrange(4) & 0xFFFFFFFF for _ in range(3001)]
    expected = [plain.lookup(address) for address in wanted]
    assert [mtrie.lookup(address) for address in wanted] == expected
    results = array("I", bytes(4 * len(wanted)))
    mtrie.lookup_many(network_order(wanted), results)
    assert list(results) == expected
    rng.shuffle(routes)
    for n, (address, length) in enumerate(routes):
        mtrie.delete(address, length, *plain.delete(address, length))
        if n % 10_000 == 0:
            assert [mtrie.lookup(address) for address in wanted] == [plain.lookup(address) for address in wanted]
    assert mtrie.n_plies == 0
    assert {mtrie.lookup(address) for address in wanted} == {NONE}


def test_the_default_value():
    mtrie = Mtrie(7)
    assert mtrie.lookup(0x01020304) == 7
    mtrie.add(0, 0, 9)
    mtrie.add(0x01020304, 32, 0)
    assert [mtrie.lookup(0x01020304), mtrie.lookup(0x01020305)] == [0, 9]
    mtrie.delete(0, 0, 7, 0)
    assert [mtrie.lookup(0x01020304), mtrie.lookup(0x01020305)] == [0, 7]


def test_memory_grows_with_plies():
    mtrie = Mtrie()
    before = mtrie.memory
    for top in range(1000):
        mtrie.add(top << 16, 24, top)
    assert mtrie.n_plies == 1000
    assert mtrie.memory - before > 1000 * 1280


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("add", (0, 33, 1)),
        ("add", (0, 8, 2**31)),
        ("delete", (0, 33)),
        ("delete", (0, 8, 2**31)),
        ("delete", (0, 8, 1, 8)),
        ("delete", (0, 8, 1, 9)),
    ],
)
def test_out_of_range(method, arguments):
    mtrie = Mtrie()
    with pytest.raises(ValueError, match=r"at most|does not cover"):
        getattr(mtrie, method)(*arguments)
    assert mtrie.lookup(0) == NONE


def test_results_need_room():
    with pytest.raises(ValueError, match="room for 1"):
        Mtrie().lookup_many(array("I", [1, 2]), array("I", [0]))
