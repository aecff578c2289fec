"""IPv6, MPLS and LLC as far as VPP without any configuration for them goes: counted and dropped."""

from libc.stdint cimport uint32_t
from libc.string cimport memcpy

from ...core.buffer cimport SW_IF_INDEX_RX, buffer_current, buffer_t
from ...core.graph cimport (
    FRAME_TRACE,
    Graph,
    enqueue_frame_to,
    frame_t,
    get_buffer,
    node_t,
    set_error,
    worker_t,
)
from ...core.trace cimport is_traced, trace_add

from .trace import IP6_FORMAT, LLC_FORMAT, MPLS_FORMAT

cdef enum:
    NEXT_ONLY = 0
    TRACE_BYTES = 64

cdef enum:
    LLC_UNKNOWN_SAP = 0
    LLC_UNKNOWN_CONTROL = 1
    LLC_UI = 3                  # control field of unnumbered information

LLC_ERRORS = ("unknown llc ssap/dsap", "unknown llc control")
MPLS_ERRORS = ("MPLS input packets decapsulated", "no MPLS fib entry", "MPLS ttl error", "MPLS not enabled")
IP6_NEXTS = ("ip6-not-enabled",)


cdef void trace_frame(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef uint32_t i
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        if is_traced(b):
            memcpy(trace_add(w, node, b, TRACE_BYTES), buffer_current(b), TRACE_BYTES)


cdef void ip6_input(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """Count for the interface; no interface has IPv6, so all go to ip6-not-enabled."""
    cdef uint32_t i
    if frame.flags & FRAME_TRACE:
        trace_frame(w, node, frame)
    for i in range(frame.n_vectors):
        w.interface_counters[get_buffer(w, frame.indices[i]).sw_if_index[SW_IF_INDEX_RX]].ip6 += 1
    enqueue_frame_to(w, node, frame, NEXT_ONLY)


cdef void pass_on(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    if frame.flags & FRAME_TRACE:
        trace_frame(w, node, frame)
    enqueue_frame_to(w, node, frame, NEXT_ONLY)


cdef void llc_input(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """No protocol has registered with LLC (IEEE 802.2): the reason says what was not known."""
    cdef uint32_t i
    cdef buffer_t* b
    if frame.flags & FRAME_TRACE:
        trace_frame(w, node, frame)
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        set_error(b, node, LLC_UNKNOWN_SAP if buffer_current(b)[2] == LLC_UI else LLC_UNKNOWN_CONTROL)
    enqueue_frame_to(w, node, frame, NEXT_ONLY)


def register(Graph graph):
    graph.register("ip6-input", ip6_input, NULL, "internal", IP6_NEXTS, (), "null-node", None, IP6_FORMAT, 0)
    graph.register("ip6-not-enabled", pass_on, NULL, "internal", ("error-drop",), (), "null-node", None, IP6_FORMAT, 0)
    graph.register("mpls-not-enabled", pass_on, NULL, "internal", ("error-drop",), (), "null-node", None,
                   MPLS_FORMAT, 0)
    graph.register("mpls-input", pass_on, NULL, "internal", ("mpls-not-enabled",), MPLS_ERRORS, None, None,
                   MPLS_FORMAT, 0)
    graph.register("llc-input", llc_input, NULL, "internal", ("error-drop",), LLC_ERRORS, None, None, LLC_FORMAT, 0)
