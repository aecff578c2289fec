"""l2-input-vtr: the tags of what comes in are rewritten before it is learned and forwarded. l2-efp-filter: what leaves
by a sub-interface must have the sub-interface's own tags, or it would come in elsewhere."""

from libc.stdint cimport uint16_t, uint32_t
from libc.string cimport memcpy

from ...core.buffer cimport SW_IF_INDEX_RX, SW_IF_INDEX_TX, buffer_current, buffer_t
from ...core.graph cimport (
    FRAME_SIZE,
    FRAME_TRACE,
    enqueue_frame,
    frame_t,
    get_buffer,
    node_t,
    set_error,
    worker_t,
)
from ...wire.headers cimport swap16
from .l2 cimport ETHERNET_HEADER, L2State, l2_interface_t, l2_node_t, next_feature, trace_frames
from .tags cimport MACS, TAG_BYTES, rewrite_tags

from .trace import INPUT_REWRITE_FORMAT, OUTPUT_REWRITE_FORMAT

NEXTS = ("error-drop",)
# VPP compiles the first of each out: only drops are counted
INPUT_ERRORS = ("L2 inverter packets", "L2 input tag rewrite drops")
FILTER_ERRORS = ("L2 EFP filter packets", "L2 EFP filter post-rewrite drops")

cdef enum:
    NEXT_DROP = 0
    ERROR_DROP = 1
    ID_MASK = 0xfff


cdef void input_vtr(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef l2_node_t* n = <l2_node_t*> node.main
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        nexts[i] = next_feature(n.nexts, b, n.main.bits.rewrite)
        if not rewrite_tags(b, &n.main.interfaces[b.sw_if_index[SW_IF_INDEX_RX]].input_rewrite):
            set_error(b, node, ERROR_DROP)
            nexts[i] = NEXT_DROP
    if frame.flags & FRAME_TRACE:
        trace_frames(w, node, frame, SW_IF_INDEX_RX)
    enqueue_frame(w, node, frame, nexts)


cdef uint16_t id_of_tag(buffer_t* b, uint32_t tag) noexcept nogil:
    cdef uint16_t word
    memcpy(&word, buffer_current(b) + MACS + 2 + tag * TAG_BYTES, 2)
    return swap16(word) & ID_MASK


cdef bint has_own_tags(buffer_t* b, l2_interface_t* interface) noexcept nogil:
    """Whether the frame is tagged as what comes in by the sub-interface."""
    if b.u.l2.l2_len < ETHERNET_HEADER + interface.n_tags * TAG_BYTES:
        return False
    return ((interface.n_tags < 1 or id_of_tag(b, 0) == interface.outer_id)
            and (interface.n_tags < 2 or id_of_tag(b, 1) == interface.inner_id))


cdef void efp_filter(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef l2_node_t* n = <l2_node_t*> node.main
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i
    cdef buffer_t* b
    if frame.flags & FRAME_TRACE:
        trace_frames(w, node, frame, SW_IF_INDEX_TX)
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        nexts[i] = next_feature(n.nexts, b, n.main.bits.efp_filter)
        if not has_own_tags(b, &n.main.interfaces[b.sw_if_index[SW_IF_INDEX_TX]]):
            set_error(b, node, ERROR_DROP)
            nexts[i] = NEXT_DROP
    enqueue_frame(w, node, frame, nexts)


def register(L2State l2):
    l2.register_node("l2-input-vtr", input_vtr, True, NEXTS, INPUT_ERRORS, INPUT_REWRITE_FORMAT)
    l2.register_node("l2-efp-filter", efp_filter, False, NEXTS, FILTER_ERRORS, OUTPUT_REWRITE_FORMAT)
