"""Bihash against dict, at its limits, and read while it is written."""

import random
import struct
import threading
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.tables.pybihash import Bihash, Bihash8, Bihash16, Bihash40, hash_words

TABLES = [Bihash8, Bihash16, Bihash40]
values = st.integers(0, 2**64 - 1)


def key_bytes(table: type[Bihash], number: int) -> bytes:
    """A key that differs from others in its last word, as far as it goes."""
    return struct.pack(f"={table.n_words}Q", *[7] * (table.n_words - 1), number)


class BihashMachine(RuleBasedStateMachine):
    """Any order of additions, replacements, deletions and growth: the same as dict."""

    @initialize(table=st.sampled_from(TABLES))
    def make(self, table):
        self.kind = table
        self.table = table()
        self.plain = {}

    @rule(number=st.integers(0, 200), value=values)
    def add(self, number, value):
        key = key_bytes(self.kind, number)
        self.table[key] = self.plain[key] = value

    @rule(first=st.integers(0, 5000), n=st.integers(1, 200))
    def add_many(self, first, n):
        keys = [key_bytes(self.kind, number) for number in range(first, first + n)]
        self.table.add_many(array("Q", b"".join(keys)), first)
        self.plain.update((key, first + i) for i, key in enumerate(keys))

    @rule(number=st.integers(0, 5000))
    def delete(self, number):
        key = key_bytes(self.kind, number)
        if key in self.plain:
            del self.table[key], self.plain[key]
        assert key not in self.table
        with pytest.raises(KeyError):
            del self.table[key]

    @rule(step=st.integers(2, 4))
    def delete_many(self, step):
        for key in list(self.plain)[::step]:
            del self.table[key], self.plain[key]

    @rule()
    def grace(self):
        self.table.grace()

    @rule()
    def clear(self):
        self.table.clear()
        self.plain.clear()

    @invariant()
    def same(self):
        if not hasattr(self, "table"):
            return
        assert len(self.table) == len(self.plain)
        assert dict(self.table.items()) == self.plain
        assert all(self.table[key] == value for key, value in self.plain.items())


TestBihash = BihashMachine.TestCase
TestBihash.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)


@pytest.mark.parametrize("kind", TABLES)
def test_grows_and_finds_everything(kind):
    n = 50_000
    rng = random.Random(kind.n_words)
    keys = array("Q", [rng.getrandbits(64) for _ in range(n * kind.n_words)])
    table = kind()
    table.add_many(keys)
    assert len(table) == n
    for ahead in (True, False):
        assert table.search_many(keys, ahead) == n * (n + 1) // 2
    assert table.search_many(array("Q", [rng.getrandbits(64) for _ in range(1000 * kind.n_words)])) == 0
    stats = table.stats()
    assert stats["count"] == n
    assert n / 0.76 < stats["n_slots"] < n / 0.36
    assert stats["longest_chain"] < 16
    with_old = stats["memory"]
    table.grace()
    assert table.stats()["memory"] == stats["n_buckets"] * (256 if kind is Bihash40 else 128) < with_old
    assert table.search_many(keys) == n * (n + 1) // 2


@pytest.mark.parametrize("kind", TABLES)
def test_expected_entries_do_not_grow_it(kind):
    table = kind(10_000)
    before = table.stats()["n_buckets"]
    table.add_many(array("Q", range(10_000 * kind.n_words)))
    assert table.stats()["n_buckets"] == before


@pytest.mark.parametrize("kind", TABLES)
def test_limit(kind):
    """Full up to seven eighths, then a refusal that leaves everything as it was; deletion makes room."""
    table = kind(0, 64 * 1024)
    n_buckets, n_slots = (256, 1280) if kind is Bihash40 else (512, 512 * (7 if kind is Bihash8 else 5))
    added = n_slots // 8 * 7
    for number in range(added):
        table[key_bytes(kind, number)] = number
    with pytest.raises(MemoryError, match="65536 bytes"):
        table[key_bytes(kind, added)] = 1
    stats = table.stats()
    assert (len(table), stats["n_buckets"], stats["n_slots"]) == (added, n_buckets, n_slots)
    assert all(table[key_bytes(kind, number)] == number for number in range(added))
    assert key_bytes(kind, added) not in table
    table[key_bytes(kind, 0)] = 99
    assert table[key_bytes(kind, 0)] == 99
    del table[key_bytes(kind, 1)]
    table[key_bytes(kind, added)] = 5
    assert table[key_bytes(kind, added)] == 5


def test_limit_below_the_smallest_table():
    with pytest.raises(MemoryError, match="within 100 bytes"):
        Bihash8(0, 100)


def colliding(n: int) -> list[int]:
    """Words that differ but hash alike: CRC is linear, so words of hash 0 may be added to any word freely."""
    basis: dict[int, tuple[int, int]] = {}
    kernel = []
    zero = hash_words(array("Q", [0]))
    for bit in range(64):
        word = 1 << bit
        crc = hash_words(array("Q", [word])) ^ zero
        while crc and crc.bit_length() in basis:
            other_crc, other_word = basis[crc.bit_length()]
            crc ^= other_crc
            word ^= other_word
        if crc:
            basis[crc.bit_length()] = crc, word
        else:
            kernel.append(word)
    words = []
    for number in range(n):
        word = 12345
        for i, part in enumerate(kernel):
            if number >> i & 1:
                word ^= part
        words.append(word)
    return words


def test_keys_that_all_hash_alike():
    """Hostile keys cost time, nothing else: long chains, overflow counters full, and back to nothing."""
    words = colliding(2000)
    assert len(set(words)) == 2000
    assert len({hash_words(array("Q", [word])) for word in words}) == 1
    table = Bihash8()
    table.add_many(array("Q", words))
    assert table.search_many(array("Q", words)) == 2000 * 2001 // 2
    assert table.stats()["longest_chain"] >= 2000 / 7
    assert struct.pack("=Q", 1) not in table
    for word in words[::2]:
        del table[struct.pack("=Q", word)]
    assert table.search_many(array("Q", words[::2])) == 0
    assert table.search_many(array("Q", words[1::2])) == sum(range(2, 2001, 2))
    for word in words[1::2]:
        del table[struct.pack("=Q", word)]
    assert len(table) == 0
    assert list(table.items()) == []


@given(st.lists(st.integers(0, 2**64 - 1), max_size=6))
def test_portable_hash_is_the_same(words):
    assert hash_words(array("Q", words)) == hash_words(array("Q", words), True)


def test_hash_is_crc32c():
    """RFC 3720, B.4: 32 bytes of zeros, with the complements that the tables leave out."""
    ones = 0xFFFFFFFF
    rest = hash_words(array("Q", [ones, 0, 0, 0]))
    assert rest ^ ones == 0x8A9136AA


@pytest.mark.parametrize("kind", TABLES)
def test_key_of_wrong_length(kind):
    with pytest.raises(ValueError, match=f"{8 * kind.n_words} bytes, not 3"):
        kind().get(b"abc")
    with pytest.raises(ValueError, match="not 0"):
        kind()[b""] = 1


def test_the_base_class_is_no_table():
    with pytest.raises(TypeError):
        Bihash()


@pytest.mark.parametrize("kind", TABLES)
def test_readers_beside_a_writer(kind):
    """Present keys are always found with their values, whatever the writer adds, deletes and grows meanwhile."""
    rng = random.Random(3)
    kept = array("Q", [rng.getrandbits(64) for _ in range(2000 * kind.n_words)])
    absent = array("Q", [rng.getrandbits(64) for _ in range(2000 * kind.n_words)])
    table = kind()
    table.add_many(kept)
    expected = 2000 * 2001 // 2
    done = threading.Event()
    wrong = []
    rounds = []

    def read():
        n = 0
        while not done.is_set() or n < 20:
            found = table.search_many(kept), table.search_many(absent)
            if found != (expected, 0):
                wrong.append(found)
                break
            n += 1
        rounds.append(n)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for wave in range(1, 12):
        churn = [key_bytes(kind, number) for number in range(wave * 10_000, wave * 10_000 + 2500)]
        table.add_many(array("Q", b"".join(churn)), 1)
        for key in churn[:: 2 if wave % 3 else 1]:
            del table[key]
    done.set()
    for reader in readers:
        reader.join()
    assert not wrong
    assert min(rounds) >= 20
    assert table.stats()["n_buckets"] > 1024


@pytest.mark.parametrize("kind", TABLES)
def test_an_entry_reused_under_a_reader_never_gives_anothers_value(kind):
    """Two keys that hash alike take turns in one place; a reader of one sees its value or nothing."""
    low, high = colliding(2)
    mine, other = (struct.pack(f"={kind.n_words}Q", word, *[0] * (kind.n_words - 1)) for word in (low, high))
    table = kind()
    done = threading.Event()
    seen = set()
    query = array("Q", mine) * 500

    def read():
        while not done.is_set():
            seen.add(table.search_many(query) % 1_000_003)

    reader = threading.Thread(target=read)
    reader.start()
    table.take_turns(mine, other, 1_000_002, 77, 3_000_000)     # a hit of mine adds 1,000,003
    done.set()
    reader.join()
    assert seen == {0}


@pytest.mark.parametrize("kind", TABLES)
def test_deleted_keys_are_gone_whatever_their_tags(kind):
    """Keys come back after all were deleted: none is taken for the one that still stands in an empty slot."""
    table = kind()
    draw = random.Random(3)
    keys = [draw.randbytes(8 * kind.n_words) for _ in range(120_000)]
    for order in (keys, keys[::-1], keys):
        for key in keys:
            table[key] = 1
        assert len(table) == len(keys)
        for key in order:
            del table[key]
        assert len(table) == 0
        assert not any(key in table for key in keys)
