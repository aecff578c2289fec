"""Fragments that wait for the rest of their packet."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from .ip4 cimport Ip4

cdef enum:
    MOST_REASSEMBLIES = 1024
    N_BUCKETS = 1024
    NONE = 0xffffffffU

# Fragments hang together by their buffers, lowest offset first: see fragment_t
ctypedef struct reassembly_t:
    uint32_t src                # network order, as fragment_id
    uint32_t dst
    uint32_t fib_index
    uint16_t fragment_id
    uint8_t protocol
    uint8_t in_use
    uint32_t number             # what traces call it
    uint32_t n_operations
    uint32_t first              # buffer index of the lowest fragment
    uint32_t data_length        # bytes of payload that are here
    uint32_t total_length       # bytes of payload in all; NONE until the last fragment is here
    uint32_t n_buffers
    uint32_t following          # in the same bucket
    uint64_t heard_ns           # when the last fragment came

# In buffer_t.opaque2 of a waiting fragment
ctypedef struct fragment_t:
    uint32_t following          # buffer index of the fragment behind it
    uint16_t first              # bytes of payload it holds, both ends included
    uint16_t last

ctypedef struct reassembly_main_t:
    reassembly_t slots[MOST_REASSEMBLIES]
    uint32_t buckets[N_BUCKETS]
    uint32_t free_slots[MOST_REASSEMBLIES]
    uint32_t n_free
    uint32_t next_number
    uint32_t process            # the timer that gives up those that are too old
    uint32_t error_base


cdef class Reassembly:
    cdef reassembly_main_t* main
    cdef Ip4 ip4
