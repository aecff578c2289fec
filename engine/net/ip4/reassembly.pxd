"""Packets of which fragments wait for the rest."""

from libc.stdint cimport uint32_t, uint64_t

from ...core.graph cimport worker_t
from ...tables.bihash cimport bihash_t
from ..fib.fib cimport fib_main_t
from .fragments cimport reassembly_t
from .ip4 cimport Ip4

cdef enum:
    NW = 2                      # words of a key: addresses; identification, protocol and table

ctypedef struct reassembly_main_t:
    fib_main_t* fib
    bihash_t by_key             # to the slot
    reassembly_t* slots
    uint32_t n_slots
    uint32_t first_free         # slot, NONE without any
    uint32_t n_in_use
    uint32_t n_buffers          # that wait, in all
    uint32_t most_buffers       # that may
    uint32_t limit              # of reassemblies at a time
    uint32_t most_fragments     # of one packet
    uint64_t timeout_ns         # without a fragment
    uint64_t walk_ns            # between two looks for those that are too old
    uint32_t next_number
    uint32_t process            # the timer that looks
    uint32_t error_base


cdef reassembly_t* reassembly_of(worker_t* w, reassembly_main_t* rm, uint64_t* key, uint32_t hash) noexcept nogil
cdef void remove(reassembly_main_t* rm, reassembly_t* r) noexcept nogil


cdef class Reassembly:
    cdef reassembly_main_t main
    cdef readonly Ip4 ip4
    cdef grow(self, uint32_t n_slots)
    cdef dict describe(self, reassembly_t* r)
    cdef list fragments(self, reassembly_t* r)
