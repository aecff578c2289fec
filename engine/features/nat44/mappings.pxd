"""Static mappings as the packet path uses them."""

from libc.stdint cimport uint16_t, uint32_t, uint8_t

from .nat44 cimport mapping_t, match_t, nat_main_t

cdef mapping_t* mapping_by_external(nat_main_t* nm, uint32_t address, uint16_t port, uint8_t protocol) noexcept nogil
cdef mapping_t* mapping_by_local(nat_main_t* nm, uint32_t address, uint16_t port, uint8_t protocol,
                                 uint32_t fib_index) noexcept nogil
cdef bint match_external(nat_main_t* nm, uint32_t address, uint16_t port, uint8_t protocol,
                         match_t* match) noexcept nogil
cdef bint match_local(nat_main_t* nm, uint32_t address, uint16_t port, uint8_t protocol, uint32_t fib_index,
                      match_t* match) noexcept nogil
