"""The state of NAT44 as a Python object, for the control plane."""

from libc.stdint cimport uint16_t, uint32_t, uint64_t

from ...net.fib.fib cimport Fib
from ...tables.bihash cimport bihash_t
from .nat44 cimport addresses_t, nat_main_t, session_t


cdef class NatState:
    cdef nat_main_t main
    cdef object fib
    cdef init_table(self, bihash_t* table, int nw, uint64_t n_expected, uint64_t memory)
    cdef void free_pool(self, addresses_t* pool)
    cdef host_port(self, session_t* s, uint16_t port)
    cdef bihash_t* table(self, str name)
    cdef addresses_t* pool(self, bint twice_nat) noexcept
    cdef uint32_t find_address(self, bint twice_nat, uint32_t address) noexcept
