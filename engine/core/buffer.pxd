"""Packet buffers: one mapped region of fixed-size slots, named by u32 index, handed out in batches.

A slot is a header of two cache lines, 128 bytes of headroom and 2048 bytes of data; frames longer
than that are chains. One more cache line of padding makes the stride an odd number of lines, so that
the headers of a vector spread over all sets of the first-level cache.
"""

from libc.stdint cimport int16_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

cdef enum:
    BUFFER_HEADER_SIZE = 128
    BUFFER_HEADROOM = 128
    BUFFER_DATA_SIZE = 2048
    BUFFER_STRIDE = 2368
    BUFFER_CACHE_SIZE = 1024     # buffers a worker keeps for itself
    BUFFER_CACHE_BATCH = 512     # buffers moved at once between a worker and the shared stack
    SW_IF_INDEX_RX = 0
    SW_IF_INDEX_TX = 1

# buffer_t.flags; VPP's names, the user flags count from the top as in VPP 18.10
cdef enum:
    BUFFER_IS_TRACED = 1 << 1
    BUFFER_NEXT_PRESENT = 1 << 2
    BUFFER_TOTAL_LENGTH_VALID = 1 << 3
    BUFFER_GSO = 1 << 15        # one TCP segment that stands for many: see gso_size
    BUFFER_L4_HDR_OFFSET_VALID = 1 << 16
    BUFFER_L3_HDR_OFFSET_VALID = 1 << 17
    BUFFER_L2_HDR_OFFSET_VALID = 1 << 18
    BUFFER_IS_NATED = 1 << 19
    BUFFER_OFFLOAD_UDP_CKSUM = 1 << 20
    BUFFER_OFFLOAD_TCP_CKSUM = 1 << 21
    BUFFER_OFFLOAD_IP_CKSUM = 1 << 22
    BUFFER_IS_IP6 = 1 << 23
    BUFFER_IS_IP4 = 1 << 24
    BUFFER_LOCALLY_ORIGINATED = 1 << 25
    BUFFER_SPAN_CLONE = 1 << 27
    BUFFER_VLAN_1_DEEP = 1 << 28
    BUFFER_VLAN_2_DEEP = 1 << 29
    BUFFER_L4_CHECKSUM_CORRECT = 1 << 30
cdef enum:
    BUFFER_L4_CHECKSUM_COMPUTED = 0x80000000U


# The scratch area lies behind l4_hdr_offset; each user sees it his own way, on top of one another.
# What ip4-rewrite prints as "flow hash" is whatever was last written at offset 8.
ctypedef struct ip_opaque_t:
    uint32_t adj_index_rx
    uint32_t adj_index_tx           # the dpo index that ip4-lookup chose
    uint32_t flow_hash
    uint32_t fib_index
    uint8_t save_rewrite_length     # bytes of Ethernet header in front of the IP header on output
    uint8_t pad[3]
    uint32_t rpf_id

ctypedef struct l2_opaque_t:
    uint32_t feature_bitmap
    uint16_t bd_index
    uint8_t l2_len
    uint8_t shg
    uint16_t l2fib_sn
    uint8_t bd_age
    uint8_t stale
    uint32_t pad[3]

ctypedef struct icmp_opaque_t:
    uint32_t pad[2]
    uint8_t type
    uint8_t code
    uint16_t stale
    uint32_t data                   # last 32 bits of the ICMP header
    uint32_t pad2[2]

ctypedef struct frag_opaque_t:
    uint32_t pad[2]
    uint16_t mtu
    uint16_t stale
    uint32_t next_index
    uint32_t pad2[2]

ctypedef union opaque_t:
    ip_opaque_t ip
    l2_opaque_t l2
    icmp_opaque_t icmp
    frag_opaque_t frag
    uint32_t words[6]

ctypedef struct buffer_t:
    # first cache line: all that the packet path reads
    int16_t current_data            # offset of the present start of the packet from the start of data
    uint16_t current_length         # bytes from there in this buffer
    uint32_t flags
    uint32_t flow_id
    uint32_t next_buffer            # next in the chain, with BUFFER_NEXT_PRESENT
    uint32_t current_config_index   # place in the feature configuration strings
    uint16_t error                  # counter that is credited if the packet is dropped
    uint8_t n_add_refs
    uint8_t feature_arc_index
    uint32_t sw_if_index[2]
    int16_t l2_hdr_offset
    int16_t l3_hdr_offset
    int16_t l4_hdr_offset
    uint16_t reserved
    opaque_t u
    # second cache line
    uint32_t trace_index
    uint32_t total_length_not_including_first_buffer
    uint32_t opaque2[12]
    uint32_t gso_size               # with BUFFER_GSO: bytes of TCP payload in each of the segments it stands for
    uint32_t pad

ctypedef struct buffer_pool_t:
    uint8_t* base                   # start of slot 0's header
    uint32_t n_buffers
    int lock                        # guards the shared stack
    uint32_t n_free
    uint32_t* free_stack
    int huge_pages

ctypedef struct buffer_cache_t:
    buffer_pool_t* pool
    uint32_t n
    uint32_t indices[BUFFER_CACHE_SIZE]


cdef extern from *:
    """
    #ifdef VPPSH_DEBUG
    #include <assert.h>
    #define VPPSH_ASSERT(x) assert(x)
    #else
    #define VPPSH_ASSERT(x) ((void)0)
    #endif
    #define vppsh_prefetch(p) __builtin_prefetch((const void *)(p), 0, 3)
    #define vppsh_prefetch_write(p) __builtin_prefetch((const void *)(p), 1, 3)
    """
    void debug_assert "VPPSH_ASSERT"(bint condition) noexcept nogil
    void prefetch "vppsh_prefetch"(const void* address) noexcept nogil
    void prefetch_write "vppsh_prefetch_write"(const void* address) noexcept nogil
    bint likely "__builtin_expect"(bint x, long expected) noexcept nogil


cdef inline buffer_t* buffer_at(buffer_pool_t* pool, uint32_t index) noexcept nogil:
    debug_assert(index < pool.n_buffers)
    return <buffer_t*> (pool.base + <uint64_t> index * BUFFER_STRIDE)


cdef inline uint8_t* buffer_data(buffer_t* b) noexcept nogil:
    """Start of the data area, where current_data is 0."""
    return <uint8_t*> b + BUFFER_HEADER_SIZE + BUFFER_HEADROOM


cdef inline uint8_t* buffer_current(buffer_t* b) noexcept nogil:
    """First byte of the packet as the present node sees it."""
    return buffer_data(b) + b.current_data


cdef inline void buffer_advance(buffer_t* b, int n) noexcept nogil:
    """Move the start of the packet by n bytes: forward over a header, or back (n < 0) to make room."""
    b.current_data += n
    b.current_length -= n


cdef inline uint32_t buffer_length(buffer_t* b) noexcept nogil:
    """Bytes of the packet, chain included."""
    if b.flags & BUFFER_NEXT_PRESENT:
        return b.current_length + b.total_length_not_including_first_buffer
    return b.current_length


cdef uint32_t buffer_refill(buffer_cache_t* cache, uint32_t n) noexcept nogil
cdef void buffer_spill(buffer_cache_t* cache) noexcept nogil
cdef void buffer_free_chain(buffer_cache_t* cache, uint32_t index) noexcept nogil


cdef inline uint32_t buffer_alloc(buffer_cache_t* cache, uint32_t* indices, uint32_t n) noexcept nogil:
    """Take up to n buffers (n <= 512); returns how many there were. Headers are as their last user left them."""
    if cache.n < n and buffer_refill(cache, n) < n:
        n = cache.n
    cache.n -= n
    memcpy(indices, &cache.indices[cache.n], n * sizeof(uint32_t))
    return n


cdef inline void buffer_free_one(buffer_cache_t* cache, uint32_t index) noexcept nogil:
    """Give back a packet: its buffer, with the rest of its chain."""
    if buffer_at(cache.pool, index).flags & BUFFER_NEXT_PRESENT:
        buffer_free_chain(cache, index)
        return
    if cache.n == BUFFER_CACHE_SIZE:
        buffer_spill(cache)
    cache.indices[cache.n] = index
    cache.n += 1


cdef inline void buffer_free(buffer_cache_t* cache, const uint32_t* indices, uint32_t n) noexcept nogil:
    """Give back n packets."""
    cdef uint32_t i
    for i in range(n):
        buffer_free_one(cache, indices[i])


cdef class BufferPool:
    cdef buffer_pool_t pool
    cdef size_t mapped_bytes
    cdef list caches
    cdef buffer_cache_t* new_cache(self) except NULL
