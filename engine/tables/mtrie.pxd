"""IPv4 longest prefix match with strides of 16, 8 and 8 bits, as VPP's mtrie.

A root of 65536 slots, below it plies of 256. A slot holds a result (31 bits) or the number of a ply, and the
length of the prefix that wrote it, so that a shorter prefix never overwrites a longer one. A lookup reads
one slot for a route of up to 16 bits, two up to 24, three up to 32.

For a frame: `mtrie_lookup_start` of every address reads the root (256 KiB, it stays in the second cache) and
asks for the slot below; `mtrie_lookup_finish` of every address then finds it. Changes are made by one writer
while no lookup runs.
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from .memory cimport prefetch_read
from .pool cimport pool_elt, pool_t

cdef extern from "arpa/inet.h":
    uint32_t ntohl(uint32_t network_order) noexcept nogil

cdef enum:
    MTRIE_PLY = 0x80000000U             # the slot names a ply, not a result
    MTRIE_MOST = 0x7FFFFFFF             # the greatest result


ctypedef struct mtrie_ply_t:
    uint32_t[256] leaves                # result, or MTRIE_PLY | index of a ply
    uint8_t[256] lengths                # of the prefix that wrote the result


ctypedef struct mtrie_t:
    uint32_t* root                      # 65536 leaves
    uint8_t* root_lengths
    pool_t plies                        # of mtrie_ply_t


cdef int mtrie_init(mtrie_t* mtrie, uint32_t default_value) noexcept nogil
cdef void mtrie_free(mtrie_t* mtrie) noexcept nogil
cdef int mtrie_add(mtrie_t* mtrie, uint32_t address, uint8_t length, uint32_t value) noexcept nogil
cdef void mtrie_delete(
    mtrie_t* mtrie, uint32_t address, uint8_t length, uint32_t covering_value, uint8_t covering_length
) noexcept nogil
cdef uint64_t mtrie_memory(const mtrie_t* mtrie) noexcept nogil


cdef inline mtrie_ply_t* mtrie_ply(const mtrie_t* mtrie, uint32_t leaf) noexcept nogil:
    """The ply that a leaf names."""
    return (<mtrie_ply_t*>mtrie.plies.elements) + (leaf & MTRIE_MOST)


cdef inline uint32_t mtrie_lookup_start(const mtrie_t* mtrie, uint32_t address) noexcept nogil:
    """The root's leaf for an address in network order; asks for the slot below it, if there is one."""
    cdef uint32_t number = ntohl(address)
    cdef uint32_t leaf = mtrie.root[number >> 16]
    if leaf & MTRIE_PLY:
        prefetch_read(&mtrie_ply(mtrie, leaf).leaves[(number >> 8) & 0xFF])
    return leaf


cdef inline uint32_t mtrie_lookup_finish(const mtrie_t* mtrie, uint32_t address, uint32_t leaf) noexcept nogil:
    """The result, from the root's leaf of the same address."""
    cdef uint32_t number = ntohl(address)
    if leaf & MTRIE_PLY:
        leaf = mtrie_ply(mtrie, leaf).leaves[(number >> 8) & 0xFF]
        if leaf & MTRIE_PLY:
            leaf = mtrie_ply(mtrie, leaf).leaves[number & 0xFF]
    return leaf


cdef inline uint32_t mtrie_lookup(const mtrie_t* mtrie, uint32_t address) noexcept nogil:
    """The value of the longest prefix that holds an address in network order, or the default value."""
    return mtrie_lookup_finish(mtrie, address, mtrie_lookup_start(mtrie, address))
