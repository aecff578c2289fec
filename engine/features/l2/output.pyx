"""l2-output: the interface a frame leaves by: its split-horizon group, tags and features; and where frames end."""

from libc.stdint cimport uint16_t, uint32_t

from ...core.buffer cimport SW_IF_INDEX_TX, buffer_t
from ...core.graph cimport (
    FRAME_SIZE,
    FRAME_TRACE,
    count_error,
    enqueue_frame,
    enqueue_frame_to,
    frame_t,
    get_buffer,
    node_t,
    set_error,
    worker_t,
)
from ...core.trace cimport is_traced, trace_add
from .l2 cimport (
    FEATURE_DROP,
    FEATURE_OUTPUT,
    MODE_L3,
    L2State,
    feature_slot,
    l2_interface_t,
    l2_main_t,
    l2_node_t,
    trace_frames,
)
from .tags cimport rewrite_tags

from .trace import DROP_FORMAT, OUTPUT_FORMAT

NEXTS = ("error-drop", "l2-output-bad-intf")
ERRORS = ("L2 output packets", "L2 EFP filter pre-rewrite drops", "L2 output tag rewrite drops",
          "L2 split horizon drops", "L2 output drops", "L2 Output interface not valid")
BAD_INTERFACE_ERRORS = ("L2 output to interface not in L2 mode or deleted",)
DROP_ERRORS = ("L2 feature forwarding disabled", "L2 feature not implemented")

cdef enum:
    NEXT_DROP = 0
    ERROR_PACKETS = 0
    ERROR_REWRITE = 2
    ERROR_SPLIT_HORIZON = 3
    NOT_FORWARDED = 0
    NOT_IMPLEMENTED = 1


cdef uint16_t leave_by_odd(node_t* node, buffer_t* b, l2_interface_t* interface) noexcept nogil:
    """Next index of a frame whose tags change or that features wait for."""
    if interface.output_rewrite.pop or interface.output_rewrite.push:
        if not rewrite_tags(b, &interface.output_rewrite):
            set_error(b, node, ERROR_REWRITE)
            return NEXT_DROP
    if interface.output_features == FEATURE_OUTPUT:
        return interface.output_next
    b.u.l2.feature_bitmap = interface.output_features
    return feature_slot((<l2_node_t*> node.main).nexts, interface.output_features)


cdef inline bint is_plain(l2_interface_t* interface) noexcept nogil:
    return (interface.output_features == FEATURE_OUTPUT and not interface.output_rewrite.pop
            and not interface.output_rewrite.push) or interface.mode == MODE_L3


cdef void l2_output(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef l2_main_t* m = (<l2_node_t*> node.main).main
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i, tx = get_buffer(w, frame.indices[0]).sw_if_index[SW_IF_INDEX_TX]
    cdef l2_interface_t* interface = &m.interfaces[tx]
    cdef bint plain = is_plain(interface)
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        if b.sw_if_index[SW_IF_INDEX_TX] != tx:
            tx = b.sw_if_index[SW_IF_INDEX_TX]
            interface = &m.interfaces[tx]
            plain = is_plain(interface)
        nexts[i] = interface.output_next if plain else leave_by_odd(node, b, interface)
        if b.u.l2.shg and b.u.l2.shg == interface.shg:
            set_error(b, node, ERROR_SPLIT_HORIZON)
            nexts[i] = NEXT_DROP
    if frame.flags & FRAME_TRACE:
        trace_frames(w, node, frame, SW_IF_INDEX_TX)
    count_error(w, node, ERROR_PACKETS, frame.n_vectors)
    enqueue_frame(w, node, frame, nexts)


cdef void bad_interface(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """l2-output-bad-intf: a MAC address led to an interface that is not on the L2 path."""
    cdef uint32_t i
    for i in range(frame.n_vectors):
        set_error(get_buffer(w, frame.indices[i]), node, 0)
    enqueue_frame_to(w, node, frame, NEXT_DROP)


ctypedef struct drop_trace_t:
    uint32_t features


cdef void feature_bitmap_drop(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """No feature wanted the frame, or one that is not there did."""
    cdef uint32_t i, features
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        features = b.u.l2.feature_bitmap
        set_error(b, node, NOT_FORWARDED if features == FEATURE_DROP else NOT_IMPLEMENTED)
        if is_traced(b):
            (<drop_trace_t*> trace_add(w, node, b, sizeof(drop_trace_t))).features = features
    enqueue_frame_to(w, node, frame, NEXT_DROP)


def register(L2State l2):
    l2.register_node("l2-output", l2_output, False, NEXTS, ERRORS, OUTPUT_FORMAT)


def register_drops(L2State l2):
    l2.graph.register("l2-output-bad-intf", bad_interface, NULL, "internal", ("error-drop",), BAD_INTERFACE_ERRORS,
                      None, None, None, 0)
    l2.graph.register("feature-bitmap-drop", feature_bitmap_drop, NULL, "internal", ("error-drop",), DROP_ERRORS,
                      None, None, DROP_FORMAT, 0)
