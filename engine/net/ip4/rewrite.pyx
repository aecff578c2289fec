"""ip4-rewrite: time to live, size, the Ethernet header in front, and the features of the interface it leaves by."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memcpy

from ...core.buffer cimport (
    BUFFER_HEADROOM,
    BUFFER_LOCALLY_ORIGINATED,
    SW_IF_INDEX_TX,
    buffer_at,
    buffer_current,
    buffer_pool_t,
    buffer_t,
    likely,
)
from ...core.features cimport arc_start, feature_arc_t
from ...core.graph cimport FRAME_SIZE, FRAME_TRACE, enqueue_frame, frame_t, get_buffer, node_t, set_error, worker_t
from ...wire.checksum cimport checksum_ttl_decremented
from ...wire.headers cimport ICMP_DESTINATION_UNREACHABLE, ICMP_TIME_EXCEEDED, ip4_header_t, swap16, swap32
from ..fib.fib cimport REWRITE_ROOM, adjacency_at, adjacency_t
from ..offload.l4 cimport segments_fit
from .ip4 cimport (
    IP4_ERROR_MTU_EXCEEDED,
    IP4_ERROR_TIME_EXPIRED,
    Ip4,
    ip4_main_t,
    set_icmp_error,
    trace_forward,
)

from .trace import REWRITE_FORMAT

cdef enum:
    NEXT_DROP = 0
    NEXT_ICMP_ERROR = 1
    NEXT_FRAG = 2
    ODD = 0xffff                # not a next index: decided when the plain ones are done
    FRAG_NEEDED = 4
    DONT_FRAGMENT = 0x4000
    LOWEST_START = REWRITE_ROOM - BUFFER_HEADROOM

REWRITE_NEXTS = ("ip4-drop", "ip4-icmp-error", "ip4-frag")


cdef inline void lower_ttl(ip4_header_t* ip) noexcept nogil:
    ip.ttl -= 1
    ip.checksum = checksum_ttl_decremented(ip.checksum)


cdef inline void prepend_rewrite(buffer_t* b, adjacency_t* adjacency, uint8_t* header) noexcept nogil:
    """Put the rewrite in front of the IP header. Copies whole words; what is too much falls into free headroom."""
    memcpy(header - 16, &adjacency.rewrite[REWRITE_ROOM - 16], 16)
    if adjacency.rewrite_length > 16:
        memcpy(header - REWRITE_ROOM, adjacency.rewrite, REWRITE_ROOM)
    b.current_data -= adjacency.rewrite_length
    b.current_length += adjacency.rewrite_length
    b.u.ip.save_rewrite_length = adjacency.rewrite_length
    b.sw_if_index[SW_IF_INDEX_TX] = adjacency.sw_if_index


cdef inline bint stands_for_fitting(buffer_t* b, ip4_header_t* ip, adjacency_t* adjacency) noexcept nogil:
    """A packet too long, but whose TCP segments, which are cut behind us, are not."""
    return ip.ttl != 0 and b.current_data >= LOWEST_START and segments_fit(b, adjacency.mtu)


cdef uint16_t handle_odd(node_t* node, buffer_t* b, ip4_header_t* ip, adjacency_t* adjacency) noexcept nogil:
    """Next index of a packet that cannot go as it is; it stays without rewrite."""
    if ip.ttl == 0:
        set_error(b, node, IP4_ERROR_TIME_EXPIRED)
        set_icmp_error(b, ICMP_TIME_EXCEEDED, 0, 0)
        return NEXT_ICMP_ERROR
    if swap16(ip.length) <= adjacency.mtu:      # encapsulated until no headroom was left
        return NEXT_DROP
    if ip.flags_and_offset & swap16(DONT_FRAGMENT):
        set_error(b, node, IP4_ERROR_MTU_EXCEEDED)
        set_icmp_error(b, ICMP_DESTINATION_UNREACHABLE, FRAG_NEEDED, swap32(adjacency.mtu))
        return NEXT_ICMP_ERROR
    b.u.frag.mtu = adjacency.mtu
    return NEXT_FRAG


cdef void handle_odd_ones(worker_t* w, node_t* node, frame_t* frame, uint16_t* nexts) noexcept nogil:
    cdef ip4_main_t* im = <ip4_main_t*> node.main
    cdef uint32_t i
    cdef buffer_t* b
    cdef ip4_header_t* ip
    cdef adjacency_t* adjacency
    for i in range(frame.n_vectors):
        if nexts[i] == ODD:
            b = get_buffer(w, frame.indices[i])
            ip = <ip4_header_t*> buffer_current(b)
            adjacency = adjacency_at(im.fib, b.u.ip.adj_index_tx)
            if stands_for_fitting(b, ip, adjacency):
                prepend_rewrite(b, adjacency, <uint8_t*> ip)
                nexts[i] = arc_start(w, im.output, adjacency.sw_if_index, b, adjacency.output_slot)
            else:
                nexts[i] = handle_odd(node, b, ip, adjacency)


cdef void ip4_rewrite(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef ip4_main_t* im = <ip4_main_t*> node.main
    cdef buffer_pool_t pool = w.pool[0]
    cdef feature_arc_t arc = im.output[0]
    cdef adjacency_t* adjacencies = adjacency_at(im.fib, 0)
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i, n_odd = 0
    cdef buffer_t* b
    cdef ip4_header_t* ip
    cdef adjacency_t* adjacency
    for i in range(frame.n_vectors):
        b = buffer_at(&pool, frame.indices[i])
        ip = <ip4_header_t*> buffer_current(b)
        adjacency = &adjacencies[b.u.ip.adj_index_tx]
        if likely(not b.flags & BUFFER_LOCALLY_ORIGINATED, 1):
            lower_ttl(ip)
        else:
            b.flags &= ~<uint32_t> BUFFER_LOCALLY_ORIGINATED
        if likely((ip.ttl != 0) & (swap16(ip.length) <= adjacency.mtu) & (b.current_data >= LOWEST_START), 1):
            prepend_rewrite(b, adjacency, <uint8_t*> ip)
            nexts[i] = arc_start(w, &arc, adjacency.sw_if_index, b, adjacency.output_slot)
        else:
            nexts[i] = ODD
            n_odd += 1
    if not likely(n_odd == 0, 1):
        handle_odd_ones(w, node, frame, nexts)
    if frame.flags & FRAME_TRACE:
        trace_forward(im.fib, w, node, frame)
    enqueue_frame(w, node, frame, nexts)


def register(Ip4 ip4):
    ip4.graph.register("ip4-rewrite", ip4_rewrite, &ip4.main, "internal", REWRITE_NEXTS, (), "ip4-input", None,
                       REWRITE_FORMAT, 0)
