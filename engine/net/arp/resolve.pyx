"""ip4-glean and ip4-arp: packets whose neighbour is not known. They ask for it; the packet itself is dropped."""

from libc.stdint cimport uint32_t

from ...core.buffer cimport BUFFER_IS_TRACED, SW_IF_INDEX_RX, buffer_current, buffer_t
from ...core.graph cimport (
    FRAME_TRACE,
    NO_INDEX,
    enqueue_frame_to,
    enqueue_one,
    frame_t,
    get_buffer,
    node_t,
    set_error,
    worker_t,
)
from ...wire.headers cimport ip4_header_t
from ..fib.fib cimport adjacency_at, adjacency_t
from ..ip4.ip4 cimport trace_forward
from .arp cimport ArpState, arp_main_t, make_request, throttle_allows, throttle_tick

from ..ip4.trace import INDENTED_FORMAT

cdef enum:
    NEXT_DROP = 0

cdef enum:
    ERROR_THROTTLED = 0
    ERROR_REQUEST_SENT = 1
    ERROR_NO_SOURCE = 5

ERRORS = ("address overflow drops", "ARP requests sent", "ARPs to non-ARP adjacencies", "ARP replication completed",
          "ARP replication failed", "no source address for ARP request")


cdef void ask(worker_t* w, node_t* node, buffer_t* b, adjacency_t* adjacency, uint32_t target) noexcept nogil:
    """Send a request for a packet's neighbour, on the packet's own trace record."""
    cdef uint32_t index
    cdef buffer_t* request
    index = make_request(w, <arp_main_t*> node.main, adjacency.sw_if_index, adjacency.source, target)
    if index == NO_INDEX:
        return
    request = get_buffer(w, index)
    request.sw_if_index[SW_IF_INDEX_RX] = b.sw_if_index[SW_IF_INDEX_RX]
    request.flags |= b.flags & BUFFER_IS_TRACED
    request.trace_index = b.trace_index
    enqueue_one(w, node, index, adjacency.output_slot, FRAME_TRACE if request.flags & BUFFER_IS_TRACED else 0)


cdef inline void resolve_frame(worker_t* w, node_t* node, frame_t* frame, bint glean) noexcept nogil:
    cdef arp_main_t* am = <arp_main_t*> node.main
    cdef uint32_t i, target
    cdef buffer_t* b
    cdef adjacency_t* adjacency
    throttle_tick(&am.throttle, w.now_ns)
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        adjacency = adjacency_at(am.fib, b.u.ip.adj_index_tx)
        target = (<ip4_header_t*> buffer_current(b)).dst if glean else adjacency.next_hop
        if not throttle_allows(&am.throttle, target):
            set_error(b, node, ERROR_THROTTLED)
        elif adjacency.source == 0:
            set_error(b, node, ERROR_NO_SOURCE)
        else:
            set_error(b, node, ERROR_REQUEST_SENT)
            ask(w, node, b, adjacency, target)
    enqueue_frame_to(w, node, frame, NEXT_DROP)


cdef void ip4_glean(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """A connected prefix: ask for the packet's destination."""
    if frame.flags & FRAME_TRACE:
        trace_forward((<arp_main_t*> node.main).fib, w, node, frame)
    resolve_frame(w, node, frame, True)


cdef void ip4_arp(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """A next hop without MAC address: ask for the next hop."""
    if frame.flags & FRAME_TRACE:
        trace_forward((<arp_main_t*> node.main).fib, w, node, frame)
    resolve_frame(w, node, frame, False)


def register_incomplete(ArpState arp):
    arp.graph.register("ip4-arp", ip4_arp, &arp.main, "internal", ("error-drop",), ERRORS, None, None,
                       INDENTED_FORMAT, 0)


def register_glean(ArpState arp):
    arp.graph.register("ip4-glean", ip4_glean, &arp.main, "internal", ("error-drop",), ERRORS, None, None,
                       INDENTED_FORMAT, 0)
