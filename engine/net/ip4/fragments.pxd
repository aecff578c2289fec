"""The fragments of one packet, in the order of what they hold."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from ...core.buffer cimport buffer_t
from ...core.graph cimport get_buffer, worker_t
from ...wire.headers cimport ip4_header_t

cdef enum:
    NONE = 0xffffffffU

# A packet that is not whole yet. Its fragments hang together by their buffers, lowest first: see fragment_t
ctypedef struct reassembly_t:
    uint64_t key[2]
    uint64_t heard_ns           # when the last fragment came
    uint32_t number             # what traces call it
    uint32_t n_operations       # that were traced
    uint32_t first              # buffer index of the lowest fragment, NONE without any
    uint32_t last               # of the highest
    uint32_t data_length        # bytes of payload that are here
    uint32_t total_length       # bytes of payload in all; NONE until the last fragment is here
    uint32_t n_fragments
    uint32_t n_buffers
    uint32_t following          # next free slot
    uint8_t in_use

# In buffer_t.opaque2 of a waiting fragment. Bytes of the packet's payload, both ends included
ctypedef struct fragment_t:
    uint32_t following          # buffer index of the fragment behind it
    uint32_t n_buffers
    uint16_t first              # what it brought
    uint16_t last
    uint16_t range_first        # what of it counts: the rest came with others
    uint16_t range_last


cdef inline fragment_t* fragment_of(worker_t* w, uint32_t index) noexcept nogil:
    return <fragment_t*> get_buffer(w, index).opaque2


cdef inline uint32_t range_length(fragment_t* fragment) noexcept nogil:
    return <uint32_t> fragment.range_last - fragment.range_first + 1


cdef inline uint32_t header_bytes(ip4_header_t* ip) noexcept nogil:
    return (ip.version_and_length & 0xf) * 4


cdef bint describe(worker_t* w, uint32_t index) noexcept nogil
cdef bint fits(worker_t* w, reassembly_t* r, fragment_t* new, bint more) noexcept nogil
cdef uint32_t behind(worker_t* w, reassembly_t* r, uint32_t before) noexcept nogil
cdef bint find_place(worker_t* w, reassembly_t* r, fragment_t* new, uint32_t* before) noexcept nogil
cdef void insert(worker_t* w, reassembly_t* r, uint32_t before, uint32_t index) noexcept nogil
cdef void unlink(worker_t* w, reassembly_t* r, uint32_t before) noexcept nogil
cdef void join(worker_t* w, reassembly_t* r) noexcept nogil
