"""l2-flood: a frame to every member of its domain but the one it came by, and those of that one's group."""

from libc.stdint cimport uint16_t, uint32_t
from libc.string cimport memcpy

from ...core.buffer cimport (
    BUFFER_IS_TRACED,
    BUFFER_NEXT_PRESENT,
    BUFFER_TOTAL_LENGTH_VALID,
    SW_IF_INDEX_RX,
    SW_IF_INDEX_TX,
    buffer_alloc,
    buffer_current,
    buffer_free_one,
    buffer_t,
)
from ...core.graph cimport (
    FRAME_SIZE,
    NO_INDEX,
    count_error,
    enqueue_buffers,
    frame_t,
    get_buffer,
    node_t,
    set_error,
    worker_t,
)
from ...core.trace cimport is_traced
from ...net.offload.offload cimport BUFFER_OFFLOADS
from .bvi cimport BVI_BAD_MAC, BVI_BAD_TYPE, NEXT_DROP, NEXT_OUTPUT, to_bvi
from .l2 cimport L2State, l2_domain_t, l2_member_t, l2_node_t, trace_frame_of

from .trace import FLOOD_FORMAT

NEXTS = ("l2-output", "error-drop", "ip4-input", "ip6-input", "arp-input", "mpls-input")
ERRORS = ("L2 flood packets", "L2 replication failures", "L2 replication complete", "BVI L3 mac mismatch",
          "BVI packet with unhandled ethertype")

cdef enum:
    ERROR_PACKETS = 0
    ERROR_FAILURE = 1
    ERROR_COMPLETE = 2
    ERROR_BVI_MAC = 3
    ERROR_BVI_TYPE = 4
    KEPT_FLAGS = BUFFER_IS_TRACED | BUFFER_NEXT_PRESENT | BUFFER_TOTAL_LENGTH_VALID | BUFFER_OFFLOADS

ctypedef struct outbox_t:
    # what leaves the node, in order
    uint32_t n
    uint32_t flags
    uint32_t indices[FRAME_SIZE]
    uint16_t nexts[FRAME_SIZE]


cdef void empty(worker_t* w, node_t* node, outbox_t* out) noexcept nogil:
    enqueue_buffers(w, node, out.indices, out.nexts, out.n, out.flags)
    out.n = 0


cdef void copy_into(buffer_t* copy, buffer_t* b) noexcept nogil:
    """One buffer of a chain; of the flags only what the copy needs, as VPP's copies have them."""
    memcpy(copy, b, sizeof(buffer_t))
    copy.flags &= KEPT_FLAGS
    memcpy(buffer_current(copy), buffer_current(b), b.current_length)


cdef uint32_t copy_packet(worker_t* w, uint32_t index) noexcept nogil:
    """A packet like that one, counted as generated; NO_INDEX when buffers run out."""
    cdef uint32_t first, last, following
    cdef buffer_t* b = get_buffer(w, index)
    if buffer_alloc(w.cache, &first, 1) == 0:
        return NO_INDEX
    copy_into(get_buffer(w, first), b)
    last = first
    while b.flags & BUFFER_NEXT_PRESENT:
        b = get_buffer(w, b.next_buffer)
        if buffer_alloc(w.cache, &following, 1) == 0:
            get_buffer(w, last).flags &= <uint32_t> ~BUFFER_NEXT_PRESENT
            buffer_free_one(w.cache, first)
            return NO_INDEX
        copy_into(get_buffer(w, following), b)
        get_buffer(w, last).next_buffer = following
        last = following
    w.n_generated += 1
    return first


cdef uint16_t give_to(worker_t* w, node_t* node, buffer_t* b, l2_member_t* member) noexcept nogil:
    """Next index of the copy for a member."""
    cdef uint16_t next_index = NEXT_OUTPUT
    if not member.is_bvi:
        b.sw_if_index[SW_IF_INDEX_TX] = member.sw_if_index
        return NEXT_OUTPUT
    next_index = to_bvi(w, (<l2_node_t*> node.main).main, b, member.sw_if_index)
    if next_index == BVI_BAD_MAC or next_index == BVI_BAD_TYPE:
        set_error(b, node, ERROR_BVI_MAC if next_index == BVI_BAD_MAC else ERROR_BVI_TYPE)
        return NEXT_DROP
    return next_index


cdef void put_out(worker_t* w, node_t* node, outbox_t* out, uint32_t index, uint16_t next_index) noexcept nogil:
    if out.n == FRAME_SIZE:
        empty(w, node, out)
    out.indices[out.n], out.nexts[out.n] = index, next_index
    out.n += 1


cdef l2_member_t* next_member(l2_domain_t* domain, uint32_t* place, buffer_t* b) noexcept nogil:
    """The next member, from the end, that gets the frame; NULL behind the last."""
    cdef l2_member_t* member
    while place[0]:
        place[0] -= 1
        member = &domain.members[place[0]]
        if member.sw_if_index != b.sw_if_index[SW_IF_INDEX_RX] and (member.shg == 0 or member.shg != b.u.l2.shg):
            return member
    return NULL


cdef void flood_one(worker_t* w, node_t* node, outbox_t* out, uint32_t index) noexcept nogil:
    """The original goes to the first member, copies to the others; the BVI, which changes its frame, comes last."""
    cdef buffer_t* b = get_buffer(w, index)
    cdef l2_domain_t* domain = &(<l2_node_t*> node.main).main.domains[b.u.l2.bd_index]
    cdef uint32_t place = domain.n_members, copy = index
    cdef l2_member_t* member = next_member(domain, &place, b)
    if member == NULL:
        set_error(b, node, ERROR_COMPLETE)
        put_out(w, node, out, index, NEXT_DROP)
    while member != NULL:
        if is_traced(b):
            trace_frame_of(w, node, get_buffer(w, copy), SW_IF_INDEX_RX)
        put_out(w, node, out, copy, give_to(w, node, get_buffer(w, copy), member))
        member = next_member(domain, &place, b)
        copy = copy_packet(w, index) if member != NULL else <uint32_t> NO_INDEX
        if copy == NO_INDEX:
            count_error(w, node, ERROR_FAILURE, member != NULL)
            return


cdef void l2_flood(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef outbox_t out
    cdef uint32_t i
    out.n, out.flags = 0, frame.flags
    for i in range(frame.n_vectors):
        flood_one(w, node, &out, frame.indices[i])
    empty(w, node, &out)
    count_error(w, node, ERROR_PACKETS, frame.n_vectors)


def register(L2State l2):
    l2.register_node("l2-flood", l2_flood, True, NEXTS, ERRORS, FLOOD_FORMAT)
