"""nat44-classify: on interfaces with both roles, tells packets from inside from those for outside addresses."""

from libc.stdint cimport uint16_t, uint32_t, uint64_t

from ...core.buffer cimport buffer_current, buffer_t
from ...core.graph cimport (
    FRAME_SIZE,
    FRAME_TRACE,
    Graph,
    enqueue_frame,
    frame_t,
    get_buffer,
    node_t,
    worker_t,
)
from ...core.trace cimport is_traced, trace_add
from ...tables.bihash cimport bihash_hash, bihash_prefetch, bihash_search
from ...wire.headers cimport ip4_header_t, is_fragment, is_later_fragment, swap16, udp_header_t
from .fragments cimport datagram_find
from .nat44 cimport datagram_t, ei_key, ip4_payload, mapping_at, nat_main_t, nat_protocol
from .state cimport NatState

cdef enum:
    NEXT_IN2OUT = 0
    NEXT_OUT2IN = 1

ctypedef packed struct classify_trace_t:
    uint32_t next_index
    uint32_t cached


cdef void trace_frame(worker_t* w, node_t* node, frame_t* frame, const uint16_t* nexts) noexcept nogil:
    cdef uint32_t i
    cdef buffer_t* b
    cdef classify_trace_t* record
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        if is_traced(b):
            record = <classify_trace_t*> trace_add(w, node, b, sizeof(classify_trace_t))
            record.next_index = nexts[i]


cdef inline bint is_pool_address(nat_main_t* nm, uint32_t address) noexcept nogil:
    cdef uint32_t i
    for i in range(nm.addresses.n):
        if nm.addresses.elements[i].address == address:
            return True
    return False


cdef inline bint changes_address(nat_main_t* nm, uint64_t mapping) noexcept nogil:
    return mapping_at(nm, <uint32_t> mapping).local_addr != mapping_at(nm, <uint32_t> mapping).external_addr


cdef uint16_t classify_fragment(worker_t* w, nat_main_t* nm, node_t* node, ip4_header_t* ip,
                                uint16_t next_index) noexcept nogil:
    """Later fragments go where the first one went; ahead of it, where their address alone leads."""
    cdef datagram_t* d = datagram_find(w, nm, node, ip)
    cdef uint64_t key = ei_key(ip.dst, 0, 0, 0)
    cdef uint64_t value = 0
    if d == NULL:
        return next_index
    if not is_later_fragment(ip):
        d.class_decided, d.class_next = True, next_index
        return next_index
    if d.class_decided:
        return d.class_next
    if is_pool_address(nm, ip.dst):
        return NEXT_OUT2IN
    if bihash_search(&nm.by_external, &key, bihash_hash(&key, 1), 1, &value) and changes_address(nm, value):
        return NEXT_OUT2IN
    return NEXT_IN2OUT


cdef inline void classify_frame(worker_t* w, node_t* node, frame_t* frame, uint16_t* nexts) noexcept nogil:
    """A pool address, or the external side of a mapping that changes the address, goes to out2in."""
    cdef nat_main_t* nm = <nat_main_t*> node.main
    cdef ip4_header_t* ip
    cdef udp_header_t* udp
    cdef uint64_t keys[2 * FRAME_SIZE]
    cdef uint32_t hashes[2 * FRAME_SIZE]
    cdef uint64_t value = 0
    cdef uint32_t i, n = frame.n_vectors, n_fragments = 0
    for i in range(n):
        ip = <ip4_header_t*> buffer_current(get_buffer(w, frame.indices[i]))
        udp = <udp_header_t*> ip4_payload(ip)
        n_fragments += is_fragment(ip)
        nexts[i] = NEXT_OUT2IN if is_pool_address(nm, ip.dst) else NEXT_IN2OUT
        keys[2 * i] = ei_key(ip.dst, 0, 0, 0)
        keys[2 * i + 1] = ei_key(ip.dst, swap16(udp.dst_port), nat_protocol(ip.protocol), 0)
        hashes[2 * i] = bihash_hash(&keys[2 * i], 1)
        hashes[2 * i + 1] = bihash_hash(&keys[2 * i + 1], 1)
        bihash_prefetch(&nm.by_external, hashes[2 * i], 1)
        bihash_prefetch(&nm.by_external, hashes[2 * i + 1], 1)
    for i in range(n if nm.by_external.count else 0):
        if nexts[i] == NEXT_OUT2IN:
            continue
        if (bihash_search(&nm.by_external, &keys[2 * i], hashes[2 * i], 1, &value)
                or bihash_search(&nm.by_external, &keys[2 * i + 1], hashes[2 * i + 1], 1, &value)):
            nexts[i] = NEXT_OUT2IN if changes_address(nm, value) else NEXT_IN2OUT
    for i in range(n if n_fragments else 0):
        ip = <ip4_header_t*> buffer_current(get_buffer(w, frame.indices[i]))
        if is_fragment(ip):
            nexts[i] = classify_fragment(w, nm, node, ip, nexts[i])


cdef void classify(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef uint16_t nexts[FRAME_SIZE]
    classify_frame(w, node, frame, nexts)
    enqueue_frame(w, node, frame, nexts)


cdef void classify_traced(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """As a profile whose nat44-classify prints a line."""
    cdef uint16_t nexts[FRAME_SIZE]
    classify_frame(w, node, frame, nexts)
    if frame.flags & FRAME_TRACE:
        trace_frame(w, node, frame, nexts)
    enqueue_frame(w, node, frame, nexts)


def register(Graph graph, NatState state, str name, tuple next_nodes, tuple errors, format_trace):
    """format_trace: None where the node leaves no entry."""
    graph.register(name, classify if format_trace is None else classify_traced, &state.main, "internal",
                   next_nodes, errors, None, None, format_trace, 0)
