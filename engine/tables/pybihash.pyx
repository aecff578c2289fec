"""Bihash as Python objects, for tests, tools and benchmarks; the engine embeds `bihash_t` itself."""

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy

from .bihash cimport (
    bihash_add, bihash_clear, bihash_del, bihash_free, bihash_grace, bihash_hash, bihash_init, bihash_next,
    bihash_prefetch, bihash_search, bihash_stats, bihash_stats_t, bihash_t,
)
from .crc32c cimport crc32c, crc32c_portable

cdef inline uint64_t search_frames(
    const bihash_t* table, const uint64_t* keys, uint64_t n, bint ahead, int nw
) noexcept nogil:
    """Search n keys in frames of 256, the hashes and prefetches of a frame first; the sum of values plus hits."""
    cdef uint64_t start, i, size
    cdef uint64_t value = 0
    cdef uint64_t total = 0
    cdef uint32_t[256] hashes
    for start in range(0, n, 256):
        size = min(<uint64_t>256, n - start)
        for i in range(size):
            hashes[i] = bihash_hash(keys + (start + i) * nw, nw)
            if ahead:
                bihash_prefetch(table, hashes[i], nw)
        for i in range(size):
            if bihash_search(table, keys + (start + i) * nw, hashes[i], nw, &value):
                total += value + 1
    return total


def hash_words(const uint64_t[::1] words, bint portable=False) -> int:
    """CRC-32C of words, by the machine's instruction or in portable C; not complemented before or after."""
    cdef uint32_t hash = 0
    cdef Py_ssize_t i
    for i in range(words.shape[0]):
        hash = crc32c_portable(hash, words[i]) if portable else crc32c(hash, words[i])
    return hash


cdef class Bihash:
    """A table from keys of `n_words` 64-bit words to 64-bit numbers, like a dict that is told keys as bytes.

    Use a subclass. KeyError as a dict raises it, ValueError for a key of the wrong length, MemoryError at
    the limit. `search_many` and `search_all` work without the interpreter's lock, beside one writer.
    """

    n_words = 0
    cdef bihash_t table
    cdef int nw

    def __cinit__(self, uint64_t n_expected=0, uint64_t memory_limit=0):
        self.nw = type(self).n_words
        if self.nw not in (1, 2, 5):
            raise TypeError("Bihash8, Bihash16 or Bihash40")
        if bihash_init(&self.table, self.nw, n_expected, memory_limit) != 0:
            raise MemoryError(f"no memory for {n_expected} entries within {memory_limit} bytes")

    def __dealloc__(self):
        if self.nw:
            bihash_free(&self.table, self.nw)

    cdef uint32_t load(self, const uint8_t[::1] key, uint64_t* words) except? 0:
        """Copy a key to aligned words and hash it."""
        if key.shape[0] != self.nw * 8:
            raise ValueError(f"a key has {self.nw * 8} bytes, not {key.shape[0]}")
        memcpy(words, &key[0], self.nw * 8)
        return bihash_hash(words, self.nw)

    def __len__(self):
        return self.table.count

    def get(self, key, default=None):
        """The value of a key, or `default`."""
        cdef uint64_t[5] words
        cdef uint64_t value = 0
        cdef uint32_t hash = self.load(key, words)
        return value if bihash_search(&self.table, words, hash, self.nw, &value) else default

    def __getitem__(self, key):
        value = self.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __contains__(self, key):
        return self.get(key) is not None

    def __setitem__(self, key, uint64_t value):
        cdef uint64_t[5] words
        cdef uint32_t hash = self.load(key, words)
        if bihash_add(&self.table, words, hash, value, self.nw) != 0:
            raise MemoryError(f"{self.table.count} entries fill the {self.table.memory_limit} bytes allowed")

    def __delitem__(self, key):
        cdef uint64_t[5] words
        cdef uint32_t hash = self.load(key, words)
        if not bihash_del(&self.table, words, hash, self.nw):
            raise KeyError(key)

    def items(self):
        """(key, value) of every entry, in bucket order."""
        cdef uint64_t[5] words
        cdef uint64_t value = 0
        cdef uint64_t cursor = 0
        while bihash_next(&self.table, &cursor, words, &value, self.nw):
            yield (<char*>words)[:self.nw * 8], value

    def clear(self) -> None:
        """Delete all entries."""
        bihash_clear(&self.table, self.nw)

    def grace(self) -> None:
        """Free the arrays that growth left behind."""
        bihash_grace(&self.table, self.nw)

    def stats(self) -> dict[str, int]:
        """count, n_buckets, n_slots, memory (bytes), longest_chain (buckets)."""
        cdef bihash_stats_t stats
        bihash_stats(&self.table, &stats, self.nw)
        return stats

    def add_many(self, const uint64_t[::1] keys, uint64_t first_value=0) -> None:
        """Add the keys that stand one behind the other, with values first_value and up."""
        cdef uint64_t i
        cdef int result = 0
        with nogil:
            for i in range(<uint64_t>keys.shape[0] // self.nw):
                result |= bihash_add(
                    &self.table, &keys[i * self.nw], bihash_hash(&keys[i * self.nw], self.nw), first_value + i, self.nw
                )
        if result != 0:
            raise MemoryError(f"{self.table.count} entries fill the {self.table.memory_limit} bytes allowed")

    def take_turns(self, one, other, uint64_t value_of_one, uint64_t value_of_other, uint64_t rounds) -> None:
        """Add and delete one key, then the other, `rounds` times over, for readers beside it to stumble on."""
        cdef uint64_t[5] one_words
        cdef uint64_t[5] other_words
        cdef uint32_t one_hash = self.load(one, one_words)
        cdef uint32_t other_hash = self.load(other, other_words)
        cdef uint64_t _round
        cdef int result = 0
        with nogil:
            for _round in range(rounds):
                result |= bihash_add(&self.table, one_words, one_hash, value_of_one, self.nw)
                bihash_del(&self.table, one_words, one_hash, self.nw)
                result |= bihash_add(&self.table, other_words, other_hash, value_of_other, self.nw)
                bihash_del(&self.table, other_words, other_hash, self.nw)
        if result != 0:
            raise MemoryError(f"{self.table.count} entries fill the {self.table.memory_limit} bytes allowed")

    def search_many(self, const uint64_t[::1] keys, bint ahead=True) -> int:
        """Search keys that stand one behind the other, as a node would; the sum of (value + 1) of those found.

        ahead: hash and prefetch a frame of 256 before searching it.
        """
        cdef uint64_t n = keys.shape[0] // self.nw
        cdef uint64_t total
        if n == 0:
            return 0
        with nogil:
            if self.nw == 1:
                total = search_frames(&self.table, &keys[0], n, ahead, 1)
            elif self.nw == 2:
                total = search_frames(&self.table, &keys[0], n, ahead, 2)
            else:
                total = search_frames(&self.table, &keys[0], n, ahead, 5)
        return total


cdef class Bihash8(Bihash):
    """Keys of 8 bytes."""

    n_words = 1


cdef class Bihash16(Bihash):
    """Keys of 16 bytes."""

    n_words = 2


cdef class Bihash40(Bihash):
    """Keys of 40 bytes."""

    n_words = 5
