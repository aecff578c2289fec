"""Hash tables from keys of 8, 16 or 40 bytes to u64, for many readers and one writer, as VPP's bihash.

One source serves the three widths: every function takes `nw`, the key's width in 64-bit words (1, 2 or 5).
Callers write the constant, the C compiler folds it away. A key is `nw` words at an address aligned to 8.

A bucket is two cache lines (four for nw 5), aligned to its size:

    nw   bytes   entries   layout
    1    128     7         7 tags, overflow u8, version u16, 6 spare, 7 x (key, value)
    2    128     5         5 tags, overflow u8, version u16,          5 x (key, value)
    5    256     5         5 tags, overflow u8, version u16,          5 x (key, value), 8 spare

A tag is 8 bits of the hash, 0 for an empty entry: a search reads the first line, and compares a key once in
nearly all hits and hardly ever in a miss. Entries that find their bucket full stand in the next one that has
room; `overflow` counts those that passed by, so a search that ends in a bucket with 0 is over.

Three passes over a frame hide the memory: hash all keys and `bihash_prefetch`; `bihash_search` all; act.

Order between reader and writer: an entry is written before its tag; `version` goes up after a tag is cleared
and before the entry can be reused, and the reader checks it after taking the value. An array that was
outgrown stays readable until `bihash_grace`. The hash is not keyed: who chooses keys can make them share a
bucket, as in VPP.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from .atomic cimport fence_acquire, load_acquire, load_acquire16, load_relaxed16
from .crc32c cimport count_trailing_zeros, crc32c
from .memory cimport CACHE_LINE, prefetch_read

cdef enum:
    BIHASH_MOST_GROWTHS = 40
    BIHASH_NO_MEMORY = -1


ctypedef struct bihash_t:
    uint64_t array                      # address of the buckets | log2 of their number, changed in one store
    uint64_t count                      # entries
    uint64_t memory_limit               # bytes the buckets may take; outgrown arrays are not counted
    uint64_t n_retired
    uint64_t[BIHASH_MOST_GROWTHS] retired   # outgrown arrays, as `array`


ctypedef struct bihash_stats_t:
    uint64_t count                      # entries
    uint64_t n_buckets
    uint64_t n_slots                    # entries that fit
    uint64_t memory                     # bytes, outgrown arrays included
    uint64_t longest_chain              # buckets the worst search for a present key reads


# cold: bihash.pyx
cdef int bihash_init(bihash_t* table, int nw, uint64_t n_expected, uint64_t memory_limit) noexcept nogil
cdef void bihash_free(bihash_t* table, int nw) noexcept nogil
cdef int bihash_add(bihash_t* table, const uint64_t* key, uint32_t hash, uint64_t value, int nw) noexcept nogil
cdef bint bihash_del(bihash_t* table, const uint64_t* key, uint32_t hash, int nw) noexcept nogil
cdef void bihash_clear(bihash_t* table, int nw) noexcept nogil
cdef void bihash_grace(bihash_t* table, int nw) noexcept nogil
cdef bint bihash_next(
    const bihash_t* table, uint64_t* cursor, uint64_t* key, uint64_t* value, int nw
) noexcept nogil
cdef void bihash_stats(const bihash_t* table, bihash_stats_t* stats, int nw) noexcept nogil


# the shape of a bucket, constants once inlined

cdef inline int bihash_slots(int nw) noexcept nogil:
    """Entries of a bucket."""
    return 7 if nw == 1 else 5


cdef inline int bihash_bucket_shift(int nw) noexcept nogil:
    """log2 of a bucket's bytes."""
    return 8 if nw == 5 else 7


cdef inline uint64_t* bihash_entry(uint8_t* bucket, int slot, int nw) noexcept nogil:
    """Key words, then the value."""
    return <uint64_t*>(bucket + (16 if nw == 1 else 8) + slot * (nw + 1) * 8)


cdef inline uint16_t* bihash_version(uint8_t* bucket, int nw) noexcept nogil:
    """Goes up with every deletion."""
    return <uint16_t*>(bucket + (8 if nw == 1 else 6))


cdef inline uint8_t bihash_overflow(uint64_t head, int nw) noexcept nogil:
    """Of the bucket whose first word this is: entries that passed it by because it was full."""
    return <uint8_t>(head >> (8 * bihash_slots(nw)))


cdef inline uint64_t bihash_matches(uint64_t head, uint8_t tag, int nw) noexcept nogil:
    """Bit 7 of byte i set for each slot i that holds the tag, and no other.

    The usual test for a zero byte borrows, and may name a byte of 1 behind one of 0: an empty slot for the tag 1,
    where the deleted key still stands.
    """
    cdef uint64_t ones = 0x0101010101010101U
    cdef uint64_t low = ones * 0x7F
    cdef uint64_t differ = head ^ (ones * tag)
    return ~(((differ & low) + low) | differ | low) & ((<uint64_t>1 << (8 * bihash_slots(nw))) - 1)


cdef inline uint8_t bihash_tag(uint32_t hash) noexcept nogil:
    """The hash's high bits, never 0; the low ones choose the bucket."""
    cdef uint8_t tag = <uint8_t>(hash >> 24)
    return <uint8_t>(tag + (tag == 0))


cdef inline bint bihash_same_key(const uint64_t* one, const uint64_t* other, int nw) noexcept nogil:
    """All words compared, without a branch between them."""
    cdef uint64_t differ = one[0] ^ other[0]
    cdef int i
    for i in range(1, nw):
        differ |= one[i] ^ other[i]
    return differ == 0


# the packet path

cdef inline uint32_t bihash_hash(const uint64_t* key, int nw) noexcept nogil:
    """The hash that all functions here take."""
    cdef uint32_t hash = 0
    cdef int i
    for i in range(nw):
        hash = crc32c(hash, key[i])
    return hash


cdef inline uint8_t* bihash_bucket(uint64_t array, uint32_t hash, int nw) noexcept nogil:
    """The bucket where a search begins."""
    cdef uint64_t mask = (<uint64_t>1 << (array & 63)) - 1
    return <uint8_t*>(array & ~<uint64_t>63) + ((hash & mask) << bihash_bucket_shift(nw))


cdef inline void bihash_prefetch(const bihash_t* table, uint32_t hash, int nw) noexcept nogil:
    """Ask for the bucket's first two lines."""
    cdef uint8_t* bucket = bihash_bucket(load_acquire(&table.array), hash, nw)
    prefetch_read(bucket)
    prefetch_read(bucket + CACHE_LINE)
    if nw == 5:
        prefetch_read(bucket + 2 * CACHE_LINE)


cdef inline int bihash_search_bucket(
    uint8_t* bucket, const uint64_t* key, uint8_t tag, int nw, uint64_t* value
) noexcept nogil:
    """1 and the value if the key is here, 0 if it is not, -1 if the search must go on in the next bucket."""
    cdef uint16_t version
    cdef uint64_t head, matches, found
    cdef uint64_t* entry
    while True:
        version = load_acquire16(bihash_version(bucket, nw))
        head = load_acquire(<uint64_t*>bucket)
        matches = bihash_matches(head, tag, nw)
        while matches:
            entry = bihash_entry(bucket, count_trailing_zeros(matches) >> 3, nw)
            if bihash_same_key(entry, key, nw):
                found = entry[nw]
                fence_acquire()
                if load_relaxed16(bihash_version(bucket, nw)) != version:
                    break               # the entry may have been reused between key and value: look again
                value[0] = found
                return 1
            matches &= matches - 1
        else:
            return -1 if bihash_overflow(head, nw) else 0


cdef inline bint bihash_search(
    const bihash_t* table, const uint64_t* key, uint32_t hash, int nw, uint64_t* value
) noexcept nogil:
    """Look a key up; true and its value, or false and `value` untouched. Any number of readers, no lock."""
    cdef uint64_t array = load_acquire(&table.array)
    cdef uint8_t* bucket = bihash_bucket(array, hash, nw)
    cdef uint8_t tag = bihash_tag(hash)
    cdef int result = bihash_search_bucket(bucket, key, tag, nw, value)
    if result >= 0:
        return result
    cdef uint64_t mask = (<uint64_t>1 << (array & 63)) - 1
    cdef uint64_t distance
    for distance in range(1, mask + 1):
        bucket = bihash_bucket(array, <uint32_t>(hash + distance), nw)
        result = bihash_search_bucket(bucket, key, tag, nw, value)
        if result >= 0:
            return result
    return False
