"""Choice of an outside address and port, drawn from VPP's generator."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t

from ...core.random cimport random_u32
from ...wire.headers cimport swap16
from .nat44 cimport (
    ALLOCATE_MAP_E,
    ALLOCATE_PORT_RANGE,
    NAT_ICMP,
    NAT_NONE,
    addresses_t,
    nat_address_t,
    nat_main_t,
)


cdef inline uint32_t random_between(nat_main_t* nm, uint32_t first, uint32_t last) noexcept nogil:
    """One draw, scaled down to first..last."""
    return first + random_u32(&nm.random_seed) // (0xffffffffU // (last - first + 1) + 1)


cdef inline bint take(nat_address_t* a, uint8_t protocol, uint32_t number, uint32_t* address,
                      uint16_t* port) noexcept nogil:
    """Take a port of an address if it is free."""
    if port_is_busy(a, protocol, <uint16_t> number):
        return False
    port_set_busy(a, protocol, <uint16_t> number)
    address[0], port[0] = a.address, swap16(<uint16_t> number)
    return True


cdef bint allocate_default(nat_main_t* nm, addresses_t* pool, uint32_t fib_index, uint8_t protocol,
                           uint32_t* address, uint16_t* port) noexcept nogil:
    """1025 to 65535 of the first address bound to the table, or else of the last one bound to none."""
    cdef nat_address_t* chosen = NULL
    cdef uint32_t i
    for i in range(pool.n):
        if pool.elements[i].busy[protocol] >= DYNAMIC_PORTS:
            continue
        if pool.elements[i].fib_index == fib_index:
            chosen = &pool.elements[i]
            break
        if pool.elements[i].fib_index == NAT_NONE:
            chosen = &pool.elements[i]
    if chosen == NULL:
        return False
    while not take(chosen, protocol, FIRST_DYNAMIC_PORT + random_between(nm, 1, DYNAMIC_PORTS), address, port):
        pass
    return True


cdef inline nat_address_t* with_room(addresses_t* pool, uint32_t fib_index, uint8_t protocol, uint32_t n_ports,
                                     uint32_t* i) noexcept nogil:
    """The next address from i on that serves the table and has less than n_ports busy; NULL without."""
    cdef nat_address_t* a
    while i[0] < pool.n:
        a = &pool.elements[i[0]]
        i[0] += 1
        if (a.fib_index == NAT_NONE or a.fib_index == fib_index) and a.busy[protocol] < n_ports:
            return a
    return NULL


cdef uint32_t free_in_range(nat_address_t* a, uint8_t protocol, uint32_t first, uint32_t last) noexcept nogil:
    cdef uint32_t port, n = 0
    for port in range(first, last + 1):
        n += not port_is_busy(a, protocol, <uint16_t> port)
    return n


cdef bint allocate_range(nat_main_t* nm, addresses_t* pool, uint32_t fib_index, uint8_t protocol,
                         uint32_t* address, uint16_t* port) noexcept nogil:
    """Linear random within first_port to last_port."""
    cdef uint32_t i = 0
    cdef uint32_t n_ports = nm.last_port - nm.first_port + 1
    cdef nat_address_t* a = with_room(pool, fib_index, protocol, n_ports, &i)
    while a != NULL:
        # ports of static mappings and of an earlier algorithm are busy too, and not all of them are counted
        if free_in_range(a, protocol, nm.first_port, nm.last_port):
            while not take(a, protocol, random_between(nm, nm.first_port, nm.last_port), address, port):
                pass
            return True
        a = with_room(pool, fib_index, protocol, n_ports, &i)
    return False


cdef inline uint32_t map_e_port(nat_main_t* nm, uint32_t high, uint32_t low) noexcept nogil:
    """A port of the set (MAP-E, RFC 7597): offset bits, PSID and the rest, in VPP's bit order."""
    cdef uint32_t rest = 16 - nm.psid_offset - nm.psid_length
    return (high | <uint32_t> nm.psid << nm.psid_offset | low << (16 - rest)) & 0xffff


cdef bint map_e_has_room(nat_main_t* nm, nat_address_t* a, uint8_t protocol) noexcept nogil:
    cdef uint32_t high, low
    for high in range(1, 1 << nm.psid_offset):
        for low in range(1 << (16 - nm.psid_offset - nm.psid_length)):
            if not port_is_busy(a, protocol, <uint16_t> map_e_port(nm, high, low)):
                return True
    return False


cdef bint allocate_map_e(nat_main_t* nm, addresses_t* pool, uint32_t fib_index, uint8_t protocol,
                         uint32_t* address, uint16_t* port) noexcept nogil:
    """A port whose middle bits are the PSID; ports whose offset bits are all zero are left out."""
    cdef uint32_t i = 0, high, low
    cdef uint32_t low_mask = (1 << (16 - nm.psid_offset - nm.psid_length)) - 1
    cdef uint32_t n_ports = ((1 << nm.psid_offset) - 1) * (low_mask + 1)
    cdef nat_address_t* a = with_room(pool, fib_index, protocol, n_ports, &i)
    while a != NULL:
        if map_e_has_room(nm, a, protocol):
            while True:
                high = random_between(nm, 1, (1 << nm.psid_offset) - 1)
                low = random_between(nm, 0, low_mask)
                if take(a, protocol, map_e_port(nm, high, low), address, port):
                    return True
        a = with_room(pool, fib_index, protocol, n_ports, &i)
    return False


cdef bint port_allocate(nat_main_t* nm, addresses_t* pool, uint32_t fib_index, uint8_t protocol,
                        uint32_t* address, uint16_t* port) noexcept nogil:
    """Take a free port (or ICMP identifier) for a user of a table; false when there is none.

    address, port: OUT, network order.
    """
    if protocol > NAT_ICMP:
        return False
    if nm.algorithm == ALLOCATE_MAP_E:
        return allocate_map_e(nm, pool, fib_index, protocol, address, port)
    if nm.algorithm == ALLOCATE_PORT_RANGE:
        return allocate_range(nm, pool, fib_index, protocol, address, port)
    return allocate_default(nm, pool, fib_index, protocol, address, port)


cdef void port_free(addresses_t* pool, uint32_t address, uint16_t port, uint8_t protocol) noexcept nogil:
    """Give a port back, if its address is still in the pool."""
    cdef uint32_t i
    if protocol > NAT_ICMP:
        return
    for i in range(pool.n):
        if pool.elements[i].address == address:
            port_set_free(&pool.elements[i], protocol, swap16(port))
            return
