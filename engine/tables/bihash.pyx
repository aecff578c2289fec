"""The writer's side of bihash.pxd.

A table grows by doubling when three quarters of its entries are taken: every entry is hashed and stored
again (measured some 20 ns each, so 20 ms for a million), readers go on in the old array meanwhile,
and the new one is published with one store. Amortised that is one extra store an insertion; who cannot
have the pause gives the expected number of entries at the start. Where the memory limit forbids growth the
table fills up to seven eighths, then refuses.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from .atomic cimport (
    fence_release, load_relaxed, store_relaxed, store_release16, store_release,
)
from .memory cimport memory_map, memory_unmap

cdef enum:
    LEAST_LOG2_BUCKETS = 4
    MOST_LOG2_BUCKETS = 30              # the low bits of a 32-bit hash, and an array that memory_map takes
    OVERFLOW_MANY = 255                 # a full counter stays: the next bucket is then always searched


cdef inline uint64_t n_buckets(uint64_t array) noexcept nogil:
    return <uint64_t>1 << (array & 63)


cdef inline uint64_t array_bytes(uint64_t array, int nw) noexcept nogil:
    return n_buckets(array) << bihash_bucket_shift(nw)


cdef inline uint8_t* bucket_at(uint64_t array, uint64_t index, int nw) noexcept nogil:
    return bihash_bucket(array, <uint32_t>index, nw)


cdef uint64_t new_array(uint64_t log2_buckets, int nw) noexcept nogil:
    """Empty buckets, 0 when there is no memory."""
    cdef void* memory = memory_map(array_bytes(log2_buckets, nw))
    return <uint64_t>memory | log2_buckets if memory != NULL else 0


cdef int bihash_init(bihash_t* table, int nw, uint64_t n_expected, uint64_t memory_limit) noexcept nogil:
    """Make an empty table that takes `n_expected` entries before it grows.

    memory_limit: bytes of buckets, rounded down to what doubling reaches; 0 for as many as a hash can name.
    Returns 0, or BIHASH_NO_MEMORY, also when the limit is below the smallest table (16 buckets).
    """
    cdef uint64_t log2_buckets = LEAST_LOG2_BUCKETS
    memset(table, 0, sizeof(bihash_t))
    while log2_buckets < MOST_LOG2_BUCKETS and (<uint64_t>bihash_slots(nw) * 3 << log2_buckets) // 4 < n_expected:
        log2_buckets += 1
    table.memory_limit = memory_limit if memory_limit else <uint64_t>-1
    while log2_buckets > LEAST_LOG2_BUCKETS and array_bytes(log2_buckets, nw) > table.memory_limit:
        log2_buckets -= 1
    if array_bytes(log2_buckets, nw) > table.memory_limit:
        return BIHASH_NO_MEMORY
    table.array = new_array(log2_buckets, nw)
    return 0 if table.array else BIHASH_NO_MEMORY


cdef void bihash_grace(bihash_t* table, int nw) noexcept nogil:
    """Free outgrown arrays. The caller knows that no search that began before its last addition still runs."""
    cdef uint64_t i
    for i in range(table.n_retired):
        memory_unmap(<void*>(table.retired[i] & ~<uint64_t>63), array_bytes(table.retired[i], nw))
    table.n_retired = 0


cdef void bihash_free(bihash_t* table, int nw) noexcept nogil:
    """Give all memory back; the struct is then all zero and must not be searched."""
    if table.array:
        bihash_grace(table, nw)
        memory_unmap(<void*>(table.array & ~<uint64_t>63), array_bytes(table.array, nw))
    memset(table, 0, sizeof(bihash_t))


cdef void bihash_clear(bihash_t* table, int nw) noexcept nogil:
    """Delete all entries, keep the buckets. Readers must be parked."""
    memset(<void*>(table.array & ~<uint64_t>63), 0, array_bytes(table.array, nw))
    table.count = 0


# one bucket

cdef inline void set_head_byte(uint8_t* bucket, int byte, uint8_t value) noexcept nogil:
    """Change one byte of the bucket's first word; all that was written before is seen first."""
    cdef uint64_t head = load_relaxed(<uint64_t*>bucket)
    head = (head & ~(<uint64_t>0xFF << (8 * byte))) | (<uint64_t>value << (8 * byte))
    store_release(<uint64_t*>bucket, head)


cdef inline void count_overflow(uint8_t* bucket, int change, int nw) noexcept nogil:
    """One entry more or less that passed this bucket by."""
    cdef uint8_t overflow = bihash_overflow(load_relaxed(<uint64_t*>bucket), nw)
    if overflow != OVERFLOW_MANY:
        set_head_byte(bucket, bihash_slots(nw), <uint8_t>(overflow + change))


cdef inline uint64_t* find_entry(
    uint64_t array, const uint64_t* key, uint32_t hash, int nw, uint64_t* distance, int* slot
) noexcept nogil:
    """The entry of a key, how many buckets from its first one, and which of the bucket; NULL if there is none."""
    cdef uint64_t head, matches
    cdef uint8_t* bucket
    for distance[0] in range(n_buckets(array)):
        bucket = bucket_at(array, hash + distance[0], nw)
        head = load_relaxed(<uint64_t*>bucket)
        matches = bihash_matches(head, bihash_tag(hash), nw)
        while matches:
            slot[0] = count_trailing_zeros(matches) >> 3
            if bihash_same_key(bihash_entry(bucket, slot[0], nw), key, nw):
                return bihash_entry(bucket, slot[0], nw)
            matches &= matches - 1
        if bihash_overflow(head, nw) == 0:
            break
    return NULL


cdef inline void store_new(uint64_t array, const uint64_t* key, uint32_t hash, uint64_t value, int nw) noexcept nogil:
    """Store a key that is not in the table, which has room: passed buckets first, then the entry, then its tag."""
    cdef uint64_t free_slots = 0
    cdef uint8_t* bucket = bucket_at(array, hash, nw)
    cdef uint64_t distance = 0
    while True:
        free_slots = bihash_matches(load_relaxed(<uint64_t*>bucket), 0, nw)
        if free_slots:
            break
        count_overflow(bucket, 1, nw)
        distance += 1
        bucket = bucket_at(array, hash + distance, nw)
    cdef int slot = count_trailing_zeros(free_slots) >> 3
    cdef uint64_t* entry = bihash_entry(bucket, slot, nw)
    memcpy(entry, key, nw * sizeof(uint64_t))
    entry[nw] = value
    set_head_byte(bucket, slot, bihash_tag(hash))


# the whole table, one source for the three widths

cdef inline bint next_entry(uint64_t array, uint64_t* cursor, uint64_t** entry, int nw) noexcept nogil:
    """Step to the next entry; the cursor counts slots, 8 a bucket."""
    cdef uint64_t i
    cdef uint8_t* bucket
    for i in range(cursor[0], n_buckets(array) * 8):
        bucket = bucket_at(array, i >> 3, nw)
        if <int>(i & 7) < bihash_slots(nw) and bucket[i & 7]:
            entry[0] = bihash_entry(bucket, i & 7, nw)
            cursor[0] = i + 1
            return True
    cursor[0] = n_buckets(array) * 8
    return False


cdef inline bint grow(bihash_t* table, int nw) noexcept nogil:
    """Double the buckets; false, and nothing changed, when the limit or the memory forbids it."""
    cdef uint64_t old = table.array
    cdef uint64_t log2_buckets = (old & 63) + 1
    cdef uint64_t cursor = 0
    cdef uint64_t* entry = NULL
    if log2_buckets > MOST_LOG2_BUCKETS or table.n_retired == BIHASH_MOST_GROWTHS:
        return False
    if array_bytes(log2_buckets, nw) > table.memory_limit:
        return False
    cdef uint64_t array = new_array(log2_buckets, nw)
    if array == 0:
        return False
    while next_entry(old, &cursor, &entry, nw):
        store_new(array, entry, bihash_hash(entry, nw), entry[nw], nw)
    table.retired[table.n_retired] = old
    table.n_retired += 1
    store_release(&table.array, array)
    return True


cdef inline int add(bihash_t* table, const uint64_t* key, uint32_t hash, uint64_t value, int nw) noexcept nogil:
    cdef uint64_t distance
    cdef int slot
    cdef uint64_t* entry = find_entry(table.array, key, hash, nw, &distance, &slot)
    if entry != NULL:
        store_relaxed(entry + nw, value)
        return 0
    cdef uint64_t slots = n_buckets(table.array) * bihash_slots(nw)
    if table.count >= slots // 4 * 3 and not grow(table, nw) and table.count >= slots // 8 * 7:
        return BIHASH_NO_MEMORY
    store_new(table.array, key, hash, value, nw)
    table.count += 1
    return 0


cdef inline bint delete(bihash_t* table, const uint64_t* key, uint32_t hash, int nw) noexcept nogil:
    cdef uint64_t distance = 0
    cdef uint64_t i
    cdef int slot = 0
    if find_entry(table.array, key, hash, nw, &distance, &slot) == NULL:
        return False
    cdef uint8_t* bucket = bucket_at(table.array, hash + distance, nw)
    cdef uint16_t* version = bihash_version(bucket, nw)
    # in this order: who reads the new version no longer sees the tag, who saw the tag reads the old version
    set_head_byte(bucket, slot, 0)
    store_release16(version, <uint16_t>(load_relaxed16(version) + 1))
    fence_release()                     # the entry may be written again from here on
    for i in range(distance):
        count_overflow(bucket_at(table.array, hash + i, nw), -1, nw)
    table.count -= 1
    return True


cdef inline uint64_t longest_chain(const bihash_t* table, int nw) noexcept nogil:
    cdef uint64_t longest = 0
    cdef uint64_t cursor = 0
    cdef uint64_t mask = n_buckets(table.array) - 1
    cdef uint64_t* entry = NULL
    while next_entry(table.array, &cursor, &entry, nw):
        longest = max(longest, ((((cursor - 1) >> 3) - bihash_hash(entry, nw)) & mask) + 1)
    return longest


# dispatch on the width

cdef int bihash_add(bihash_t* table, const uint64_t* key, uint32_t hash, uint64_t value, int nw) noexcept nogil:
    """Add a key, or replace its value; 0, or BIHASH_NO_MEMORY and nothing changed. May grow the table."""
    if nw == 1:
        return add(table, key, hash, value, 1)
    if nw == 2:
        return add(table, key, hash, value, 2)
    return add(table, key, hash, value, 5)


cdef bint bihash_del(bihash_t* table, const uint64_t* key, uint32_t hash, int nw) noexcept nogil:
    """Delete a key; false if it was not there."""
    if nw == 1:
        return delete(table, key, hash, 1)
    if nw == 2:
        return delete(table, key, hash, 2)
    return delete(table, key, hash, 5)


cdef bint bihash_next(
    const bihash_t* table, uint64_t* cursor, uint64_t* key, uint64_t* value, int nw
) noexcept nogil:
    """Visit all entries in bucket order, for the writer: begin with cursor 0; false at the end.

    Deleting entries meanwhile is fine; adding may grow the table, and the cursor then means nothing.
    """
    cdef uint64_t* entry = NULL
    if not next_entry(table.array, cursor, &entry, nw):
        return False
    memcpy(key, entry, nw * sizeof(uint64_t))
    value[0] = entry[nw]
    return True


cdef void bihash_stats(const bihash_t* table, bihash_stats_t* stats, int nw) noexcept nogil:
    """Fill `stats`; walks the whole table for the longest chain."""
    cdef uint64_t i
    stats.count = table.count
    stats.n_buckets = n_buckets(table.array)
    stats.n_slots = stats.n_buckets * bihash_slots(nw)
    stats.memory = array_bytes(table.array, nw)
    for i in range(table.n_retired):
        stats.memory += array_bytes(table.retired[i], nw)
    stats.longest_chain = longest_chain(table, nw)
