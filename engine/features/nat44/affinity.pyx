"""Affinity of load-balanced mappings: a client keeps its backend, and some time beyond its last session."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from ...tables.bihash cimport bihash_add, bihash_del, bihash_hash
from ...tables.pool cimport POOL_NONE, pool_get, pool_next, pool_put
from .mappings cimport mapping_by_external, match_external
from .nat44 cimport (
    MAPPING_LOAD_BALANCED,
    NAT_NONE,
    affinity_t,
    ed_key,
    ed_key_t,
    local_t,
    mapping_t,
    match_t,
    nat_main_t,
)
from .sessions cimport ed_find


cdef inline affinity_t* affinity_at(nat_main_t* nm, uint32_t index) noexcept nogil:
    return &(<affinity_t*> nm.affinities.elements)[index]


cdef inline void affinity_key(ed_key_t* key, uint32_t client, uint32_t address, uint16_t port,
                              uint8_t protocol) noexcept nogil:
    ed_key(key, client, address, protocol, 0, port, 0)


cdef void forget(nat_main_t* nm, uint32_t index) noexcept nogil:
    cdef affinity_t* a = affinity_at(nm, index)
    bihash_del(&nm.affinity_table, a.key.words, bihash_hash(a.key.words, 2), 2)
    pool_put(&nm.affinities, index)


cdef uint32_t find_or_make(nat_main_t* nm, ed_key_t* key, mapping_t* mapping, match_t* match,
                           uint64_t now_ns) noexcept nogil:
    """The record of a client, with a backend picked for it if it is new or too old; NAT_NONE without memory.

    match: OUT for the backend.
    """
    cdef uint32_t index = ed_find(&nm.affinity_table, key)
    cdef affinity_t* a
    cdef local_t* local
    cdef uint32_t i
    if index != NAT_NONE:
        a = affinity_at(nm, index)
        if a.n_sessions or now_ns <= a.expires_ns:
            local = &mapping.locals[a.backend % mapping.n_locals]
            match.address, match.port, match.fib_index = local.address, local.port, local.fib_index
            return index
        forget(nm, index)
    match_external(nm, mapping.external_addr, mapping.external_port, mapping.protocol, match)
    index = pool_get(&nm.affinities)
    if index == POOL_NONE:
        return NAT_NONE
    a = affinity_at(nm, index)
    a.key, a.n_sessions, a.backend = key[0], 0, 0
    a.timeout_ns = <uint64_t> mapping.affinity * 1000000000
    for i in range(mapping.n_locals):
        local = &mapping.locals[i]
        if local.address == match.address and local.port == match.port and local.fib_index == match.fib_index:
            a.backend = i
            break
    if bihash_add(&nm.affinity_table, key.words, bihash_hash(key.words, 2), index, 2) != 0:
        pool_put(&nm.affinities, index)
        return NAT_NONE
    return index


cdef bint match_for_client(nat_main_t* nm, uint32_t address, uint16_t port, uint8_t protocol, uint32_t client,
                           uint64_t now_ns, match_t* match) noexcept nogil:
    """As match_external; where the mapping has affinity, the client's backend, held until affinity_release."""
    cdef mapping_t* mapping = mapping_by_external(nm, address, port, protocol)
    cdef ed_key_t key
    cdef uint32_t index
    if mapping == NULL or not mapping.affinity or not mapping.flags & MAPPING_LOAD_BALANCED:
        return match_external(nm, address, port, protocol, match)
    match.mapping = mapping
    affinity_key(&key, client, address, port, protocol)
    index = find_or_make(nm, &key, mapping, match, now_ns)
    if index != NAT_NONE:
        affinity_at(nm, index).n_sessions += 1
    return True


cdef void affinity_release(nat_main_t* nm, uint32_t client, uint32_t address, uint16_t port, uint8_t protocol,
                           uint64_t now_ns) noexcept nogil:
    """A session of the client is gone; from the last one on the time runs."""
    cdef ed_key_t key
    cdef uint32_t index
    cdef affinity_t* a
    affinity_key(&key, client, address, port, protocol)
    index = ed_find(&nm.affinity_table, &key)
    if index == NAT_NONE:
        return
    a = affinity_at(nm, index)
    if a.n_sessions:
        a.n_sessions -= 1
    a.expires_ns = now_ns + a.timeout_ns


cdef void affinity_flush(nat_main_t* nm, mapping_t* mapping) noexcept nogil:
    """Forget all clients of a mapping."""
    cdef ed_key_t key
    cdef affinity_t* a
    cdef uint32_t index = pool_next(&nm.affinities, 0)
    while index != POOL_NONE:
        a = affinity_at(nm, index)
        affinity_key(&key, <uint32_t> a.key.words[0], mapping.external_addr, mapping.external_port, mapping.protocol)
        if a.key.words[0] == key.words[0] and a.key.words[1] == key.words[1]:
            forget(nm, index)
        index = pool_next(&nm.affinities, index + 1)
