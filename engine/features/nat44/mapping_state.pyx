"""Static mappings entered into the packet path's tables, for the control plane. Addresses and ports are host order."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from ...tables.bihash cimport bihash_add, bihash_del, bihash_hash, bihash_t
from ...tables.pool cimport POOL_NONE, pool_get, pool_is_used, pool_put
from ...wire.headers cimport swap16, swap32
from .affinity cimport affinity_flush
from .nat44 cimport (
    ED_MARK,
    MAPPING_ADDRESS_ONLY,
    MAPPING_IDENTITY,
    MAPPING_LOAD_BALANCED,
    MAPPING_OUT2IN_ONLY,
    TWICE_NAT_NO,
    TWICE_NAT_SELF,
    TWICE_NAT_YES,
    ei_key,
    local_t,
    mapping_at,
    mapping_t,
    nat_main_t,
)
from .sessions cimport ei_add, ei_delete
from .state cimport NatState

from .state import PROTOCOLS

TWICE_NAT = {None: TWICE_NAT_NO, "twice-nat": TWICE_NAT_YES, "self-twice-nat": TWICE_NAT_SELF}


cdef uint64_t static_key(uint32_t address, uint16_t port, uint8_t protocol, uint32_t fib_index) noexcept:
    """Host order port, as the tables of mappings have it."""
    return ei_key(swap32(address), port, protocol, fib_index)


cdef enter(bihash_t* table, uint64_t key, uint32_t index):
    if bihash_add(table, &key, bihash_hash(&key, 1), index, 1) != 0:
        raise MemoryError("no memory for another static mapping")


cdef void leave(bihash_t* table, uint64_t key) noexcept:
    bihash_del(table, &key, bihash_hash(&key, 1), 1)


cdef uint8_t flags_of(mapping) except *:
    return ((MAPPING_ADDRESS_ONLY if mapping.protocol is None else 0)
            | (MAPPING_IDENTITY if mapping.identity else 0)
            | (MAPPING_OUT2IN_ONLY if mapping.out2in_only else 0)
            | (MAPPING_LOAD_BALANCED if mapping.backends else 0))


cdef fill_locals(mapping_t* m, backends):
    cdef uint32_t total = 0, i
    if not backends:
        return
    m.locals = <local_t*> calloc(len(backends), sizeof(local_t))
    if m.locals == NULL:
        raise MemoryError("no memory for backends")
    m.n_locals = len(backends)
    for i, backend in enumerate(backends):
        total += backend.probability
        m.locals[i].address, m.locals[i].port = swap32(backend.address), swap16(backend.port)
        m.locals[i].fib_index, m.locals[i].sum = backend.fib_index, total


def _keys(mapping):
    """(local keys, external key) of a mapping."""
    protocol = 0 if mapping.protocol is None else PROTOCOLS[mapping.protocol]
    external = static_key(mapping.external, mapping.external_port, protocol, 0)
    if mapping.out2in_only:
        return [], external
    if mapping.backends:
        return [static_key(b.address, b.port, protocol, b.fib_index) for b in mapping.backends], external
    return [static_key(mapping.local, mapping.local_port, protocol, mapping.fib_index)], external


def add_mapping(NatState state, mapping) -> int:
    """Enter a mapping (config.Mapping, with its external address known); its index."""
    cdef nat_main_t* nm = &state.main
    cdef uint32_t index = pool_get(&nm.mappings)
    cdef mapping_t* m
    if index == POOL_NONE:
        raise MemoryError("no room for another static mapping")
    m = mapping_at(nm, index)
    memset(m, 0, sizeof(mapping_t))
    m.local_addr, m.local_port = swap32(mapping.local), swap16(mapping.local_port)
    m.external_addr, m.external_port = swap32(mapping.external), swap16(mapping.external_port)
    m.protocol = 0 if mapping.protocol is None else PROTOCOLS[mapping.protocol]
    m.flags, m.twice_nat, m.fib_index = flags_of(mapping), TWICE_NAT[mapping.twice_nat], mapping.fib_index
    m.affinity = mapping.affinity
    local_keys, external_key = _keys(mapping)
    try:
        fill_locals(m, mapping.backends)
        enter(&nm.by_external, external_key, index)
        for key in local_keys:
            enter(&nm.by_local, key, index)
    except MemoryError:
        delete_mapping(state, index, mapping)
        raise
    return index


def delete_mapping(NatState state, uint32_t index, mapping):
    """Take a mapping out."""
    cdef nat_main_t* nm = &state.main
    if not pool_is_used(&nm.mappings, index):
        raise KeyError(index)
    local_keys, external_key = _keys(mapping)
    leave(&nm.by_external, external_key)
    for key in local_keys:
        leave(&nm.by_local, key)
    if mapping.affinity:
        affinity_flush(nm, mapping_at(nm, index))
    free(mapping_at(nm, index).locals)
    mapping_at(nm, index).locals = NULL
    pool_put(&nm.mappings, index)


def mark(NatState state, bint inside, uint32_t address, uint16_t port, str protocol, uint32_t fib_index, bint on):
    """Send an inside or outside address and port to the endpoint-dependent tables, or no longer."""
    cdef bihash_t* table = &state.main.in2out if inside else &state.main.out2in
    cdef uint64_t key = ei_key(swap32(address), swap16(port), PROTOCOLS[protocol], fib_index)
    if on:
        ei_add(table, key, ED_MARK)
    else:
        ei_delete(table, key, ED_MARK)
