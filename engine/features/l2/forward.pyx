"""l2-fwd: to the interface where the destination is, up to L3 if it is the BVI's own, and on to flooding if unknown."""

from libc.stdint cimport uint16_t, uint32_t, uint64_t

from ...core.buffer cimport SW_IF_INDEX_RX, SW_IF_INDEX_TX, buffer_current, buffer_t, likely
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
from ...tables.bihash cimport bihash_hash, bihash_prefetch, bihash_search
from .bvi cimport BVI_BAD_MAC, BVI_BAD_TYPE, NEXT_DROP, NEXT_OUTPUT, to_bvi
from .l2 cimport (
    ENTRY_AGE_NOT,
    ENTRY_BVI,
    ENTRY_FILTER,
    L2State,
    l2_main_t,
    l2_node_t,
    l2_value_t,
    mac_key,
    next_feature,
    trace_frames,
)

from .trace import FORWARD_FORMAT

NEXTS = ("l2-output", "error-drop", "ip4-input", "ip6-input", "arp-input", "mpls-input")
# VPP compiles the first three out as events: only drops are counted
ERRORS = ("L2 forward packets", "L2 forward misses", "L2 forward hits", "BVI L3 MAC mismatch",
          "BVI packet with unhandled ethertype", "Filter Mac Drop", "Reflection Drop", "Stale entry Drop")

cdef enum:
    ERROR_MISS = 1
    ERROR_BVI_MAC = 3
    ERROR_BVI_TYPE = 4
    ERROR_FILTER = 5
    ERROR_REFLECTION = 6
    ERROR_STALE = 7

cdef enum:
    UNKNOWN = 0xffffffffffffffffU

ctypedef struct forward_frame_t:
    uint64_t keys[FRAME_SIZE]
    uint32_t hashes[FRAME_SIZE]
    l2_value_t known[FRAME_SIZE]


cdef inline void look_up(worker_t* w, l2_main_t* m, frame_t* frame, forward_frame_t* f) noexcept nogil:
    cdef uint32_t i
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        f.keys[i] = mac_key(buffer_current(b), b.u.l2.bd_index)
        f.hashes[i] = bihash_hash(&f.keys[i], 1)
        bihash_prefetch(&m.macs, f.hashes[i], 1)
    for i in range(frame.n_vectors):
        f.known[i].word = UNKNOWN
        bihash_search(&m.macs, &f.keys[i], f.hashes[i], 1, &f.known[i].word)


cdef inline bint is_valid(l2_main_t* m, l2_value_t* known, buffer_t* b) noexcept nogil:
    """Provisioned, or learned since the last flush."""
    return known.entry.flags & ENTRY_AGE_NOT or known.entry.sn == (
        m.interfaces[known.entry.sw_if_index].sn | (b.u.l2.l2fib_sn & 0xff00))


cdef inline uint16_t dropped(buffer_t* b, node_t* node, uint32_t error) noexcept nogil:
    set_error(b, node, error)
    return NEXT_DROP


cdef uint16_t flood_unknown(node_t* node, buffer_t* b, uint32_t error) noexcept nogil:
    """On to what is behind forwarding, if that floods unknown addresses."""
    cdef l2_node_t* n = <l2_node_t*> node.main
    cdef l2_main_t* m = n.main
    if b.u.l2.feature_bitmap & (m.bits.unknown_flood | m.bits.unknown_forward):
        return next_feature(n.nexts, b, m.bits.forward)
    return dropped(b, node, error)


cdef uint16_t up_to_bvi(worker_t* w, node_t* node, buffer_t* b, uint32_t bvi) noexcept nogil:
    cdef uint16_t next_index = to_bvi(w, (<l2_node_t*> node.main).main, b, bvi)
    if next_index == BVI_BAD_MAC:
        return dropped(b, node, ERROR_BVI_MAC)
    return dropped(b, node, ERROR_BVI_TYPE) if next_index == BVI_BAD_TYPE else next_index


cdef uint16_t forward_odd(worker_t* w, node_t* node, buffer_t* b, l2_value_t* known) noexcept nogil:
    """Next index of a frame that does not just leave by another interface."""
    cdef l2_main_t* m = (<l2_node_t*> node.main).main
    if known.word == UNKNOWN:
        return flood_unknown(node, b, ERROR_MISS)
    b.sw_if_index[SW_IF_INDEX_TX] = known.entry.sw_if_index
    if not is_valid(m, known, b):
        return flood_unknown(node, b, ERROR_STALE)
    if known.entry.sw_if_index == b.sw_if_index[SW_IF_INDEX_RX]:
        return dropped(b, node, ERROR_REFLECTION)
    if known.entry.flags & ENTRY_FILTER:
        return dropped(b, node, ERROR_FILTER)
    if known.entry.flags & ENTRY_BVI:
        return up_to_bvi(w, node, b, known.entry.sw_if_index)
    return NEXT_OUTPUT


cdef void l2_fwd(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef l2_main_t* m = (<l2_node_t*> node.main).main
    cdef forward_frame_t f
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i
    cdef buffer_t* b
    cdef l2_value_t* known
    if frame.flags & FRAME_TRACE:
        trace_frames(w, node, frame, SW_IF_INDEX_RX)
    look_up(w, m, frame, &f)
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        known = &f.known[i]
        if likely(known.word != UNKNOWN and not known.entry.flags & (ENTRY_BVI | ENTRY_FILTER)
                  and known.entry.sw_if_index != b.sw_if_index[SW_IF_INDEX_RX] and is_valid(m, known, b), 1):
            b.sw_if_index[SW_IF_INDEX_TX] = known.entry.sw_if_index
            nexts[i] = NEXT_OUTPUT
        else:
            nexts[i] = forward_odd(w, node, b, known)
    enqueue_frame(w, node, frame, nexts)


def register(L2State l2):
    l2.register_node("l2-fwd", l2_fwd, True, NEXTS, ERRORS, FORWARD_FORMAT)
