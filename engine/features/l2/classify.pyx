"""l2-input-classify and l2-output-classify: by ethertype to the ACL nodes.

The classifier's tables are those that the ACL plugin hooks in: without sessions, so that every frame is a miss, and
goes where its table says: IPv4 and IPv6 to the ACL plugin, all else to the next feature.
"""

from libc.stdint cimport uint16_t, uint32_t

from ...core.buffer cimport SW_IF_INDEX_RX, SW_IF_INDEX_TX, buffer_current, buffer_t
from ...core.graph cimport FRAME_SIZE, count_error, enqueue_frame, frame_t, get_buffer, node_t, worker_t
from ...core.trace cimport is_traced, trace_add
from ...wire.headers cimport ETHERTYPE_IP4, ETHERTYPE_IP6, ethernet_header_t, swap16
from .l2 cimport L2State, feature_slot, l2_node_t

from .trace import CLASSIFY_FORMAT

ERRORS = ("Classify misses", "Classify hits", "Classify hits after chain walk", "L2 Classify Drops")
INPUT_NEXTS = ("error-drop", "ethernet-input-not-l2", "ip4-input", "ip6-input", "li-hit")
OUTPUT_NEXTS = ("error-drop",)
ACL_NODES = {
    True: ("acl-plugin-in-ip4-l2", "acl-plugin-in-ip6-l2"),
    False: ("acl-plugin-out-ip4-l2", "acl-plugin-out-ip6-l2"),
}

cdef enum:
    ERROR_MISS = 0
    TABLE_IP4 = 0
    TABLE_IP6 = 1
    TABLE_OTHER = 2
    NO_TABLE = 0xffffffffU

ctypedef struct classify_trace_t:
    uint32_t sw_if_index
    uint32_t table
    uint32_t next_index


cdef inline uint32_t table_kind(buffer_t* b) noexcept nogil:
    cdef uint16_t ethertype = swap16((<ethernet_header_t*> buffer_current(b)).type)
    if ethertype == ETHERTYPE_IP4:
        return TABLE_IP4
    return TABLE_IP6 if ethertype == ETHERTYPE_IP6 else TABLE_OTHER


cdef inline void classify(worker_t* w, node_t* node, frame_t* frame, bint is_input, uint32_t bit) noexcept nogil:
    """node.runtime: next index of the ACL node for IPv4; that for IPv6 is the one behind it."""
    cdef l2_node_t* n = <l2_node_t*> node.main
    cdef int which = SW_IF_INDEX_RX if is_input else SW_IF_INDEX_TX
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i, kind, table, n_misses = 0
    cdef buffer_t* b
    cdef classify_trace_t* entry
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        kind = table_kind(b)
        table = n.main.interfaces[b.sw_if_index[which]].tables[is_input][kind]
        b.u.l2.feature_bitmap &= ~bit
        if kind == TABLE_OTHER or table == NO_TABLE:
            nexts[i] = feature_slot(n.nexts, b.u.l2.feature_bitmap)
        else:
            nexts[i] = <uint16_t> (node.runtime + kind)
        n_misses += table != NO_TABLE
        if is_traced(b):
            entry = <classify_trace_t*> trace_add(w, node, b, sizeof(classify_trace_t))
            entry.sw_if_index, entry.table, entry.next_index = b.sw_if_index[which], table, nexts[i]
    count_error(w, node, ERROR_MISS, n_misses)
    enqueue_frame(w, node, frame, nexts)


cdef void input_classify(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    classify(w, node, frame, True, (<l2_node_t*> node.main).main.bits.classify)


cdef void output_classify(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    classify(w, node, frame, False, (<l2_node_t*> node.main).main.bits.output_classify)


cdef register_one(L2State l2, str name, bint is_input, tuple declared):
    acls = ACL_NODES[is_input]
    first = l2.profile.acls_first
    l2.register_node(name, input_classify if is_input else output_classify, is_input,
                     declared + (acls if first else ()), ERRORS, CLASSIFY_FORMAT, () if first else acls)
    l2.graph.set_runtime(name, l2.graph.add_next(name, acls[0]))


def register_output(L2State l2):
    register_one(l2, "l2-output-classify", False, OUTPUT_NEXTS)


def register_input(L2State l2):
    register_one(l2, "l2-input-classify", True, INPUT_NEXTS)
