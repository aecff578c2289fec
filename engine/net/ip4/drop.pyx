"""Nodes that only pass a packet on to its end: ip4-drop, ip4-punt, ip4-not-enabled, ip4-options, multicast."""

from libc.stdint cimport uint32_t
from libc.string cimport memcpy

from ...core.buffer cimport SW_IF_INDEX_RX, buffer_current, buffer_t
from ...core.graph cimport FRAME_TRACE, NO_INDEX, enqueue_frame_to, frame_t, get_buffer, node_t, set_error, worker_t
from ...core.trace cimport is_traced, trace_add
from ...wire.headers cimport ip4_header_t
from ..fib.fib cimport interface_fib_index
from .ip4 cimport IP4_ERROR_RPF_FAILURE, Ip4, ip4_main_t, trace_forward

from .trace import INDENTED_FORMAT, MFIB_LOOKUP_FORMAT, MFIB_RPF_FORMAT, OPTIONS_FORMAT

cdef enum:
    NEXT_ONLY = 0
    OPTION_BYTES = 4
    MFIB_DEFAULT_ENTRY = 0      # the entry that accepts from no interface: there are no multicast routes

ctypedef struct mfib_lookup_trace_t:
    uint32_t fib_index
    uint32_t entry

ctypedef struct mfib_rpf_trace_t:
    uint32_t entry
    uint32_t interface


cdef void pass_on(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """ip4-drop, ip4-punt, ip4-not-enabled: to the one next node there is, with the error the packet has."""
    if frame.flags & FRAME_TRACE:
        trace_forward((<ip4_main_t*> node.main).fib, w, node, frame)
    enqueue_frame_to(w, node, frame, NEXT_ONLY)


cdef void trace_options(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef uint32_t i
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        if is_traced(b):
            memcpy(trace_add(w, node, b, OPTION_BYTES), buffer_current(b) + sizeof(ip4_header_t), OPTION_BYTES)


cdef void ip4_options(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """Packets with options are punted: only an IGMP receiver could want them, and there is none."""
    if frame.flags & FRAME_TRACE:
        trace_options(w, node, frame)
    enqueue_frame_to(w, node, frame, NEXT_ONLY)


cdef void trace_mfib_lookup(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef ip4_main_t* im = <ip4_main_t*> node.main
    cdef uint32_t i
    cdef buffer_t* b
    cdef mfib_lookup_trace_t* entry
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        if is_traced(b):
            entry = <mfib_lookup_trace_t*> trace_add(w, node, b, sizeof(mfib_lookup_trace_t))
            entry.fib_index = interface_fib_index(im.fib, b.sw_if_index[SW_IF_INDEX_RX])
            entry.entry = MFIB_DEFAULT_ENTRY


cdef void ip4_mfib_forward_lookup(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    if frame.flags & FRAME_TRACE:
        trace_mfib_lookup(w, node, frame)
    enqueue_frame_to(w, node, frame, NEXT_ONLY)


cdef void ip4_mfib_forward_rpf(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """No interface accepts multicast: all fail the reverse path check."""
    cdef uint32_t i
    cdef buffer_t* b
    cdef mfib_rpf_trace_t* entry
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        set_error(b, node, IP4_ERROR_RPF_FAILURE)
        if frame.flags & FRAME_TRACE and is_traced(b):
            entry = <mfib_rpf_trace_t*> trace_add(w, node, b, sizeof(mfib_rpf_trace_t))
            entry.entry, entry.interface = MFIB_DEFAULT_ENTRY, NO_INDEX
    enqueue_frame_to(w, node, frame, NEXT_ONLY)


# Features that stand in front of ip4-not-enabled, which sees only what they let pass
BEFORE_NOT_ENABLED = (
    "acl-plugin-in-ip4-fa", "nat44-ed-hairpin-dst", "nat44-hairpin-dst", "nat44-ed-classify", "nat44-ed-out2in",
    "nat44-ed-in2out", "nat44-classify", "nat44-out2in", "nat44-in2out", "abf-input-ip4", "ip4-reassembly-feature",
)


def register(Ip4 ip4):
    for name, end in (("ip4-drop", "error-drop"), ("ip4-punt", "error-punt"), ("ip4-not-enabled", "error-drop")):
        ip4.graph.register(name, pass_on, &ip4.main, "internal", (end,), (), "ip4-input", None, INDENTED_FORMAT, 0)
    ip4.graph.register("ip4-options", ip4_options, &ip4.main, "internal", ("ip4-punt", "ip4-local"), (), "ip4-input",
                       None, OPTIONS_FORMAT, 0)
    ip4.graph.register("ip4-mfib-forward-lookup", ip4_mfib_forward_lookup, &ip4.main, "internal",
                       ("ip4-mfib-forward-rpf",), (), "ip4-input", None, MFIB_LOOKUP_FORMAT, 0)
    ip4.graph.register("ip4-mfib-forward-rpf", ip4_mfib_forward_rpf, &ip4.main, "internal", ("ip4-drop",), (),
                       "ip4-input", None, MFIB_RPF_FORMAT, 0)
    ip4.features.add_feature("ip4-unicast", "ip4-not-enabled", runs_after=BEFORE_NOT_ENABLED)
    ip4.features.add_feature("ip4-multicast", "ip4-not-enabled")
