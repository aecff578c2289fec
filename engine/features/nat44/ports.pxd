"""Outside ports: which are busy, and the choice of the next one."""

from libc.stdint cimport uint16_t, uint32_t, uint64_t, uint8_t

from .nat44 cimport addresses_t, nat_address_t, nat_main_t

cdef enum:
    FIRST_DYNAMIC_PORT = 1024           # the highest that is never given out
    DYNAMIC_PORTS = 64511               # 1025 to 65535
    PORTS_BYTES = 3 * 65536 // 8


cdef inline bint port_is_busy(nat_address_t* a, uint8_t protocol, uint16_t port) noexcept nogil:
    """port: host order."""
    return (a.ports[protocol * 1024 + (port >> 6)] >> (port & 63)) & 1


cdef inline void port_set_busy(nat_address_t* a, uint8_t protocol, uint16_t port) noexcept nogil:
    """Mark a free port; those up to 1024 are not counted, as in VPP."""
    a.ports[protocol * 1024 + (port >> 6)] |= <uint64_t> 1 << (port & 63)
    a.busy[protocol] += port > FIRST_DYNAMIC_PORT


cdef inline void port_set_free(nat_address_t* a, uint8_t protocol, uint16_t port) noexcept nogil:
    """Give a port back; nothing happens to a free one."""
    if port_is_busy(a, protocol, port):
        a.ports[protocol * 1024 + (port >> 6)] &= ~(<uint64_t> 1 << (port & 63))
        a.busy[protocol] -= port > FIRST_DYNAMIC_PORT


cdef bint port_allocate(nat_main_t* nm, addresses_t* pool, uint32_t fib_index, uint8_t protocol,
                        uint32_t* address, uint16_t* port) noexcept nogil
cdef void port_free(addresses_t* pool, uint32_t address, uint16_t port, uint8_t protocol) noexcept nogil
