"""Finding the static mapping of an address and port, and the backend of a load-balanced one."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from ...core.random cimport random_u32
from ...tables.bihash cimport bihash_hash, bihash_search, bihash_t
from ...wire.headers cimport swap16
from .nat44 cimport (
    MAPPING_ADDRESS_ONLY,
    MAPPING_LOAD_BALANCED,
    NAT_NONE,
    ei_key,
    local_t,
    mapping_at,
    mapping_t,
    match_t,
    nat_main_t,
)


cdef mapping_t* find(nat_main_t* nm, const bihash_t* table, uint32_t address, uint16_t port, uint8_t protocol,
                     uint32_t fib_index) noexcept nogil:
    """The mapping of the address and port, or else that of the address alone."""
    cdef uint64_t key = ei_key(address, swap16(port), protocol, fib_index)
    cdef uint64_t value = NAT_NONE
    if not bihash_search(table, &key, bihash_hash(&key, 1), 1, &value):
        key = ei_key(address, 0, 0, fib_index)
        if not bihash_search(table, &key, bihash_hash(&key, 1), 1, &value):
            return NULL
    return mapping_at(nm, <uint32_t> value)


cdef mapping_t* mapping_by_external(nat_main_t* nm, uint32_t address, uint16_t port, uint8_t protocol) noexcept nogil:
    """NULL if the outside address and port (network order) belong to no mapping."""
    if nm.by_external.count == 0:
        return NULL
    return find(nm, &nm.by_external, address, port, protocol, 0)


cdef mapping_t* mapping_by_local(nat_main_t* nm, uint32_t address, uint16_t port, uint8_t protocol,
                                 uint32_t fib_index) noexcept nogil:
    """NULL if the inside address and port (network order) belong to no mapping."""
    if nm.by_local.count == 0:
        return NULL
    return find(nm, &nm.by_local, address, port, protocol, fib_index)


cdef local_t* pick_local(nat_main_t* nm, mapping_t* mapping) noexcept nogil:
    """One backend, by its probability: the first whose running sum is not below the number drawn."""
    cdef uint32_t drawn = 1 + random_u32(&nm.random_seed) % mapping.locals[mapping.n_locals - 1].sum
    cdef uint32_t first = 0, last = mapping.n_locals - 1, middle
    while first < last:
        middle = (last - first) // 2 + first
        if drawn > mapping.locals[middle].sum:
            first = middle + 1
        else:
            last = middle
    return &mapping.locals[first]


cdef bint match_external(nat_main_t* nm, uint32_t address, uint16_t port, uint8_t protocol,
                         match_t* match) noexcept nogil:
    """The inside of an outside address and port; draws a number if the mapping is load-balanced."""
    cdef mapping_t* mapping = mapping_by_external(nm, address, port, protocol)
    cdef local_t* local
    if mapping == NULL:
        return False
    match.mapping = mapping
    if mapping.flags & MAPPING_LOAD_BALANCED:
        local = pick_local(nm, mapping)
        match.address, match.port, match.fib_index = local.address, local.port, local.fib_index
        return True
    match.address, match.fib_index = mapping.local_addr, mapping.fib_index
    match.port = port if mapping.flags & MAPPING_ADDRESS_ONLY else mapping.local_port
    return True


cdef bint match_local(nat_main_t* nm, uint32_t address, uint16_t port, uint8_t protocol, uint32_t fib_index,
                      match_t* match) noexcept nogil:
    """The outside of an inside address and port."""
    cdef mapping_t* mapping = mapping_by_local(nm, address, port, protocol, fib_index)
    if mapping == NULL:
        return False
    match.mapping = mapping
    match.address, match.fib_index = mapping.external_addr, nm.outside_fib
    match.port = port if mapping.flags & MAPPING_ADDRESS_ONLY else mapping.external_port
    return True
