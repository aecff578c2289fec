"""Affinity of load-balanced mappings: a client keeps its backend."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from .nat44 cimport mapping_t, match_t, nat_main_t

cdef bint match_for_client(nat_main_t* nm, uint32_t address, uint16_t port, uint8_t protocol, uint32_t client,
                           uint64_t now_ns, match_t* match) noexcept nogil
cdef void affinity_release(nat_main_t* nm, uint32_t client, uint32_t address, uint16_t port, uint8_t protocol,
                           uint64_t now_ns) noexcept nogil
cdef void affinity_flush(nat_main_t* nm, mapping_t* mapping) noexcept nogil
