"""The records of virtual reassembly, and their settings for the control plane."""

from libc.stdint cimport uint16_t, uint32_t, uint64_t

from ...core.buffer cimport BUFFER_NEXT_PRESENT, buffer_free_one, buffer_t
from ...core.graph cimport Graph, get_buffer, node_t, worker_t
from ...tables.bihash cimport bihash_add, bihash_del, bihash_hash
from ...tables.pool cimport POOL_NONE, pool_count, pool_get, pool_next, pool_put
from ...wire.headers cimport ip4_header_t, swap16, swap32
from .nat44 cimport MAX_HELD, NAT_NONE, datagram_t, ed_key, ed_key_t, nat_main_t
from .sessions cimport ed_find
from .state cimport NatState


cdef enum:
    NEVER_NS = 0xffffffffffffffffU


cdef inline datagram_t* datagram_at(nat_main_t* nm, uint32_t index) noexcept nogil:
    return &(<datagram_t*> nm.datagrams.elements)[index]


cdef void forget(worker_t* w, nat_main_t* nm, uint32_t index) noexcept nogil:
    """Free a record; fragments that still wait in it were counted when they were put there."""
    cdef datagram_t* d = datagram_at(nm, index)
    cdef uint32_t i
    for i in range(d.n_held):
        buffer_free_one(w.cache, d.held[i])
    d.n_held = 0
    bihash_del(&nm.datagram_table, d.key.words, bihash_hash(d.key.words, 2), 2)
    pool_put(&nm.datagrams, index)


cdef uint64_t expire_walk(worker_t* w, void* main, uint64_t now_ns) noexcept nogil:
    """Forget what is too old and holds fragments; runs on while some wait."""
    cdef nat_main_t* nm = <nat_main_t*> main
    cdef uint32_t index = pool_next(&nm.datagrams, 0), n_waiting = 0
    cdef datagram_t* d
    while index != POOL_NONE:
        d = datagram_at(nm, index)
        if d.n_held and now_ns >= d.last_heard_ns + nm.datagram_timeout_ns:
            forget(w, nm, index)
        else:
            n_waiting += d.n_held
        index = pool_next(&nm.datagrams, index + 1)
    return now_ns + nm.datagram_timeout_ns if n_waiting else NEVER_NS


cdef bint make_room(worker_t* w, nat_main_t* nm) noexcept nogil:
    """Whether a record may be made; the oldest gives way if its time is over."""
    cdef uint32_t index = pool_next(&nm.datagrams, 0), oldest = NAT_NONE
    if pool_count(&nm.datagrams) < nm.max_datagrams:
        return True
    while index != POOL_NONE:
        if oldest == NAT_NONE or datagram_at(nm, index).last_heard_ns < datagram_at(nm, oldest).last_heard_ns:
            oldest = index
        index = pool_next(&nm.datagrams, index + 1)
    if oldest == NAT_NONE or w.now_ns < datagram_at(nm, oldest).last_heard_ns + nm.datagram_timeout_ns:
        return False
    forget(w, nm, oldest)
    return True


cdef datagram_t* datagram_find(worker_t* w, nat_main_t* nm, node_t* node, ip4_header_t* ip) noexcept nogil:
    """The record of a fragment's datagram, made if it is the first one to come; NULL without room."""
    cdef ed_key_t key
    cdef uint32_t index
    cdef datagram_t* d
    ed_key(&key, ip.src, ip.dst, ip.protocol, 0, ip.fragment_id, 0)
    index = ed_find(&nm.datagram_table, &key)
    if index != NAT_NONE:
        d = datagram_at(nm, index)
        if w.now_ns < d.last_heard_ns + nm.datagram_timeout_ns:
            d.last_heard_ns = w.now_ns
            return d
        forget(w, nm, index)        # another datagram of the same number
    if not make_room(w, nm):
        return NULL
    index = pool_get(&nm.datagrams)
    if index == POOL_NONE:
        return NULL
    if bihash_add(&nm.datagram_table, key.words, bihash_hash(key.words, 2), index, 2) != 0:
        pool_put(&nm.datagrams, index)
        return NULL
    d = datagram_at(nm, index)
    d.key, d.last_heard_ns, d.session, d.n_held = key, w.now_ns, NAT_NONE, 0
    d.decided, d.class_decided = False, False
    return d


# ---- control plane

def register_expiry(Graph graph, NatState state):
    """Add the timer that gives up waiting fragments; holding one wakes it."""
    state.main.expire_process = graph.add_process("nat44-reassembly-expire-walk", expire_walk, &state.main, NEVER_NS)


def set_limits(NatState state, uint32_t max_datagrams, uint32_t max_held, uint32_t timeout_s, bint drop):
    """max_held: fragments of a datagram that may wait, at most 64. drop: drop all fragments instead."""
    if not 0 < max_held <= MAX_HELD:
        raise ValueError(f"1 to {MAX_HELD} fragments can wait, not {max_held}")
    state.main.max_datagrams, state.main.max_held = max_datagrams, max_held
    state.main.datagram_timeout_ns = <uint64_t> timeout_s * 1000000000
    state.main.drop_fragments = drop


def datagrams(NatState state) -> list:
    """Records as dicts: src, dst (host order), protocol, id, held, class_next (None before it is known)."""
    cdef nat_main_t* nm = &state.main
    cdef uint32_t index = pool_next(&nm.datagrams, 0)
    cdef datagram_t* d
    found = []
    while index != POOL_NONE:
        d = datagram_at(nm, index)
        found.append({
            "src": swap32(<uint32_t> d.key.words[0]), "dst": swap32(<uint32_t> (d.key.words[0] >> 32)),
            "protocol": <int> (d.key.words[1] & 0xff), "id": swap16(<uint16_t> (d.key.words[1] >> 32)),
            "held": d.n_held, "class_next": d.class_next if d.class_decided else None,
        })
        index = pool_next(&nm.datagrams, index + 1)
    return found


cdef uint32_t chain_length(worker_t* w, uint32_t index) noexcept nogil:
    cdef uint32_t n = 1
    cdef buffer_t* b = get_buffer(w, index)
    while b.flags & BUFFER_NEXT_PRESENT:
        b = get_buffer(w, b.next_buffer)
        n += 1
    return n


def buffers_held(NatState state, Graph graph) -> int:
    """Buffers of fragments that wait for the first one of their datagram."""
    cdef nat_main_t* nm = &state.main
    cdef uint32_t i, total = 0, index = pool_next(&nm.datagrams, 0)
    while index != POOL_NONE:
        for i in range(datagram_at(nm, index).n_held):
            total += chain_length(graph.worker, datagram_at(nm, index).held[i])
        index = pool_next(&nm.datagrams, index + 1)
    return total


def forget_all(NatState state, Graph graph) -> None:
    """Free all records, with the fragments that wait in them."""
    cdef uint32_t index = pool_next(&state.main.datagrams, 0)
    while index != POOL_NONE:
        forget(graph.worker, &state.main, index)
        index = pool_next(&state.main.datagrams, index + 1)
