"""The writer's side of mtrie.pxd, and a Python face of it."""

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memset

from .memory cimport memory_map, memory_unmap
from .pool cimport (
    POOL_NONE, pool_count, pool_free, pool_get, pool_init, pool_memory, pool_put,
)

cdef enum:
    ROOT_SLOTS = 65536
    ROOT_BYTES = ROOT_SLOTS * 5         # leaves, then lengths
    MOST_PLIES = 1 << 21                # 2.5 GiB of addresses, memory as needed


ctypedef struct change_t:
    uint8_t at_least                    # slots written by prefixes of these lengths
    uint8_t at_most
    uint8_t length                      # are written anew, by a prefix of this length
    uint32_t value


cdef int mtrie_init(mtrie_t* mtrie, uint32_t default_value) noexcept nogil:
    """Make a table without prefixes, whose lookups all give `default_value`; 0, or -1 without memory."""
    cdef uint32_t i
    memset(mtrie, 0, sizeof(mtrie_t))
    if pool_init(&mtrie.plies, sizeof(mtrie_ply_t), MOST_PLIES, True) != 0:
        return -1
    mtrie.root = <uint32_t*>memory_map(ROOT_BYTES)
    if mtrie.root == NULL:
        pool_free(&mtrie.plies)
        return -1
    mtrie.root_lengths = <uint8_t*>(mtrie.root + ROOT_SLOTS)
    for i in range(ROOT_SLOTS):
        mtrie.root[i] = default_value & MTRIE_MOST
    return 0


cdef void mtrie_free(mtrie_t* mtrie) noexcept nogil:
    """Give all memory back."""
    memory_unmap(mtrie.root, ROOT_BYTES)
    pool_free(&mtrie.plies)
    memset(mtrie, 0, sizeof(mtrie_t))


cdef uint64_t mtrie_memory(const mtrie_t* mtrie) noexcept nogil:
    """Bytes: the root and the plies."""
    return ROOT_BYTES + pool_memory(&mtrie.plies)


cdef void write_slots(
    mtrie_t* mtrie, uint32_t* leaves, uint8_t* lengths, uint32_t first, uint32_t n, const change_t* change
) noexcept nogil:
    """Write n slots, and all slots of the plies they name, where the change's lengths say so."""
    cdef uint32_t i
    cdef mtrie_ply_t* ply
    for i in range(first, first + n):
        if leaves[i] & MTRIE_PLY:
            ply = mtrie_ply(mtrie, leaves[i])
            write_slots(mtrie, ply.leaves, ply.lengths, 0, 256, change)
        elif change.at_least <= lengths[i] <= change.at_most:
            leaves[i] = change.value
            lengths[i] = change.length


cdef bint open_slot(mtrie_t* mtrie, uint32_t* leaf, uint8_t length) noexcept nogil:
    """Let a slot name a ply, a new one full of what the slot held if need be; false without memory."""
    if leaf[0] & MTRIE_PLY:
        return True
    cdef uint32_t index = pool_get(&mtrie.plies)
    cdef uint32_t i
    if index == <uint32_t>POOL_NONE:
        return False
    cdef mtrie_ply_t* ply = mtrie_ply(mtrie, index)
    for i in range(256):
        ply.leaves[i] = leaf[0]
    memset(ply.lengths, length, 256)
    leaf[0] = index | MTRIE_PLY
    return True


cdef void close_slot(mtrie_t* mtrie, uint32_t* leaf, uint8_t* length, uint8_t depth) noexcept nogil:
    """Free the ply a slot names if no prefix longer than `depth` bits wrote in it: then all its slots are alike."""
    if not leaf[0] & MTRIE_PLY:
        return
    cdef mtrie_ply_t* ply = mtrie_ply(mtrie, leaf[0])
    cdef uint32_t longer = 0
    cdef uint32_t i
    for i in range(256):
        longer |= (ply.leaves[i] & MTRIE_PLY) | (ply.lengths[i] > depth)
    if longer:
        return
    pool_put(&mtrie.plies, leaf[0] & MTRIE_MOST)
    leaf[0] = ply.leaves[0]
    length[0] = ply.lengths[0]


cdef uint32_t masked(uint32_t address, uint8_t length) noexcept nogil:
    return address & <uint32_t>(<uint64_t>0xFFFFFFFFU << (32 - length))


cdef void close_path(mtrie_t* mtrie, uint32_t address) noexcept nogil:
    """Free what is empty on the way to an address, from below."""
    cdef uint32_t top = address >> 16
    cdef uint32_t middle = (address >> 8) & 0xFF
    cdef mtrie_ply_t* ply
    if mtrie.root[top] & MTRIE_PLY:
        ply = mtrie_ply(mtrie, mtrie.root[top])
        close_slot(mtrie, &ply.leaves[middle], &ply.lengths[middle], 24)
        close_slot(mtrie, &mtrie.root[top], &mtrie.root_lengths[top], 16)


cdef int mtrie_add(mtrie_t* mtrie, uint32_t address, uint8_t length, uint32_t value) noexcept nogil:
    """Add a prefix of 0 to 32 bits, or change its value (at most MTRIE_MOST).

    address: host order; bits behind `length` do not count. Returns 0, or -1 without memory, nothing changed.
    """
    cdef change_t change = change_t(0, length, length, value & MTRIE_MOST)
    cdef mtrie_ply_t* ply
    address = masked(address, length)
    cdef uint32_t top = address >> 16
    cdef uint32_t middle = (address >> 8) & 0xFF
    if length <= 16:
        write_slots(mtrie, mtrie.root, mtrie.root_lengths, top, <uint32_t>1 << (16 - length), &change)
        return 0
    if not open_slot(mtrie, &mtrie.root[top], mtrie.root_lengths[top]):
        return -1
    ply = mtrie_ply(mtrie, mtrie.root[top])
    if length <= 24:
        write_slots(mtrie, ply.leaves, ply.lengths, middle, <uint32_t>1 << (24 - length), &change)
        return 0
    if not open_slot(mtrie, &ply.leaves[middle], ply.lengths[middle]):
        close_path(mtrie, address)
        return -1
    ply = mtrie_ply(mtrie, ply.leaves[middle])
    write_slots(mtrie, ply.leaves, ply.lengths, address & 0xFF, <uint32_t>1 << (32 - length), &change)
    return 0


cdef void mtrie_delete(
    mtrie_t* mtrie, uint32_t address, uint8_t length, uint32_t covering_value, uint8_t covering_length
) noexcept nogil:
    """Delete a prefix; its addresses get the value of the longest shorter prefix that covers it.

    The caller knows that one, as it holds the routes: without any, the default value and length 0. Plies that
    no prefix needs any more are freed. A prefix that is not there changes nothing.
    """
    cdef change_t change = change_t(length, length, covering_length, covering_value & MTRIE_MOST)
    cdef mtrie_ply_t* ply
    address = masked(address, length)
    cdef uint32_t top = address >> 16
    cdef uint32_t middle = (address >> 8) & 0xFF
    if length <= 16:
        write_slots(mtrie, mtrie.root, mtrie.root_lengths, top, <uint32_t>1 << (16 - length), &change)
        return
    if not mtrie.root[top] & MTRIE_PLY:
        return
    ply = mtrie_ply(mtrie, mtrie.root[top])
    if length <= 24:
        write_slots(mtrie, ply.leaves, ply.lengths, middle, <uint32_t>1 << (24 - length), &change)
    elif ply.leaves[middle] & MTRIE_PLY:
        ply = mtrie_ply(mtrie, ply.leaves[middle])
        write_slots(mtrie, ply.leaves, ply.lengths, address & 0xFF, <uint32_t>1 << (32 - length), &change)
    close_path(mtrie, address)


cdef void lookup_frames(
    const mtrie_t* mtrie, const uint32_t* addresses, uint32_t* results, uint64_t n
) noexcept nogil:
    """Look n addresses up, in frames of 256 as a node does."""
    cdef uint64_t start, i, size
    cdef uint32_t[256] leaves
    for start in range(0, n, 256):
        size = min(<uint64_t>256, n - start)
        for i in range(size):
            leaves[i] = mtrie_lookup_start(mtrie, addresses[start + i])
        for i in range(size):
            results[start + i] = mtrie_lookup_finish(mtrie, addresses[start + i], leaves[i])


cdef class Mtrie:
    """Longest prefix match over IPv4 addresses given as numbers (host order), to values below 2^31."""

    cdef mtrie_t mtrie

    def __cinit__(self, uint32_t default_value=MTRIE_MOST):
        if default_value > MTRIE_MOST:
            raise ValueError(f"values are at most {MTRIE_MOST}, not {default_value}")
        if mtrie_init(&self.mtrie, default_value) != 0:
            raise MemoryError("no memory for a root of 65536 slots")

    def __dealloc__(self):
        mtrie_free(&self.mtrie)

    cdef int check(self, uint32_t length, uint32_t value) except -1:
        if length > 32:
            raise ValueError(f"a prefix has at most 32 bits, not {length}")
        if value > MTRIE_MOST:
            raise ValueError(f"values are at most {MTRIE_MOST}, not {value}")
        return 0

    def add(self, uint32_t address, uint32_t length, uint32_t value) -> None:
        """Add a prefix or change its value; ValueError for a length or value out of range."""
        self.check(length, value)
        if mtrie_add(&self.mtrie, address, <uint8_t>length, value) != 0:
            raise MemoryError("no memory for another ply")

    def delete(
        self, uint32_t address, uint32_t length, uint32_t covering_value=MTRIE_MOST, uint32_t covering_length=0
    ) -> None:
        """Delete a prefix; the covering one, shorter than it, takes its addresses. ValueError if out of range."""
        self.check(length, covering_value)
        if covering_length > length or (covering_length == length and length):
            raise ValueError(f"a prefix of {covering_length} bits does not cover one of {length}")
        mtrie_delete(&self.mtrie, address, <uint8_t>length, covering_value, <uint8_t>covering_length)

    def lookup(self, uint32_t address) -> int:
        """The value of the longest prefix that holds the address, or the default."""
        return mtrie_lookup(&self.mtrie, ntohl(address))

    def lookup_many(self, const uint32_t[::1] addresses, uint32_t[::1] results) -> None:
        """Look addresses up that are in network order, as nodes do it; ValueError if the lengths differ."""
        if addresses.shape[0] != results.shape[0]:
            raise ValueError(f"{addresses.shape[0]} addresses, but room for {results.shape[0]} results")
        if addresses.shape[0]:
            with nogil:
                lookup_frames(&self.mtrie, &addresses[0], &results[0], addresses.shape[0])

    @property
    def n_plies(self) -> int:
        """Plies below the root."""
        return pool_count(&self.mtrie.plies)

    @property
    def memory(self) -> int:
        """Bytes."""
        return mtrie_memory(&self.mtrie)
