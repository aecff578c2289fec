"""ip4-inacl, ip6-inacl, l2-input-acl and their brothers on output: frames against the MACIP ACL of their interface.

They are VPP's nodes for classifier tables on interfaces; MACIP ACLs are what hooks tables into them here. Frames are
judged by their Ethernet header, wherever the packet begins at the moment.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uintptr_t
from libc.stdlib cimport calloc

from ...core.buffer cimport SW_IF_INDEX_RX, SW_IF_INDEX_TX, buffer_advance, buffer_current, buffer_data, buffer_t
from ...core.features cimport Features, feature_next
from ...core.graph cimport FRAME_SIZE, FRAME_TRACE, count_error, enqueue_frame, frame_t, get_buffer, node_t, worker_t
from ...core.trace cimport is_traced, trace_add
from ...net.ip4.ip4 cimport IP4_ERROR_INACL_TABLE_MISS, IP4_ERROR_NONE, IP4_ERROR_OUTACL_TABLE_MISS
from ..l2.l2 cimport next_feature
from .macip cimport MacipState, macip_chain_t, macip_entry_t, macip_find, macip_frame_t, macip_main_t, macip_read

from .macip_trace import INPUT_FORMAT, OUTPUT_FORMAT

cdef enum:
    NEXT_DROP = 0
    # what a node counts, behind node_main_t.first_counter
    COUNT_MISS = 0
    COUNT_HIT = 1
    COUNT_CHAIN_HIT = 2

ctypedef struct node_main_t:
    macip_main_t* main
    uint32_t first_counter      # code of the misses
    uint32_t passed             # buffer_t.error of what passes
    uint32_t missed             # and of what no entry knows; behind it that of what an entry denies

ctypedef struct macip_trace_t:
    uint32_t sw_if_index
    uint32_t next_index
    uint32_t table_index
    uint32_t offset


def counted(direction) -> tuple:
    """What the nodes of a direction count on the IP path."""
    return (f"{direction} ACL misses", f"{direction} ACL hits", f"{direction} ACL hits after chain walk")


def drops(direction) -> tuple:
    return (f"{direction} ACL table-miss drops", f"{direction} ACL session deny drops")


cdef inline macip_entry_t* judge(macip_chain_t* chain, buffer_t* b, bint is_input, bint l2,
                                 uint32_t* step) noexcept nogil:
    """The entry that decides on a frame, NULL if none knows it."""
    cdef uint8_t* end = buffer_current(b) + b.current_length
    cdef uint8_t* ethernet = buffer_data(b) + b.l2_hdr_offset if is_input and not l2 else buffer_current(b)
    cdef macip_frame_t frame
    macip_read(&frame, ethernet, <uint32_t> (end - ethernet) if ethernet < end else 0, is_input)
    return macip_find(chain, &frame, step)


cdef inline void macip_frame(worker_t* w, node_t* node, frame_t* frame, bint is_input, bint l2) noexcept nogil:
    cdef node_main_t* n = <node_main_t*> node.main
    cdef int which = SW_IF_INDEX_RX if is_input else SW_IF_INDEX_TX
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i, step = 0, n_hits = 0, n_chain_hits = 0
    cdef macip_chain_t* chain
    cdef macip_entry_t* entry
    cdef macip_trace_t* trace
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        chain = n.main.interfaces[b.sw_if_index[which]].chains[is_input]
        entry = judge(chain, b, is_input, l2, &step)
        if l2:
            nexts[i] = next_feature(n.main.l2_nexts[is_input], b, n.main.l2_bits[is_input])
        else:
            nexts[i] = feature_next(w, b)
        b.error = <uint16_t> n.passed
        if entry != NULL:
            n_hits += 1
            n_chain_hits += step != 0
            entry.hits += 1
        if entry == NULL or not entry.permits:
            nexts[i] = NEXT_DROP
            b.error = <uint16_t> (n.missed + (entry != NULL))
        if frame.flags & FRAME_TRACE and is_traced(b):
            trace = <macip_trace_t*> trace_add(w, node, b, sizeof(macip_trace_t))
            trace.sw_if_index, trace.next_index = b.sw_if_index[which], nexts[i]
            trace.table_index = chain.steps[step].table_index
            trace.offset = <uint32_t> ((entry - chain.entries) * sizeof(macip_entry_t)) if entry != NULL else 0xffffffffU
        if not is_input and not l2 and nexts[i] == NEXT_DROP:
            buffer_advance(b, b.u.ip.save_rewrite_length)   # the drop node wants the IP header
    count_error(w, node, n.first_counter + COUNT_MISS, frame.n_vectors - n_hits)
    count_error(w, node, n.first_counter + COUNT_HIT, n_hits)
    count_error(w, node, n.first_counter + COUNT_CHAIN_HIT, n_chain_hits)
    enqueue_frame(w, node, frame, nexts)


cdef void inacl(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    macip_frame(w, node, frame, True, False)


cdef void outacl(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    macip_frame(w, node, frame, False, False)


cdef void l2_inacl(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    macip_frame(w, node, frame, True, True)


cdef void l2_outacl(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    macip_frame(w, node, frame, False, True)


# ---- registration ---------------------------------------------------------------------------

cdef node_main_t* new_main(MacipState state) except NULL:
    cdef node_main_t* main = <node_main_t*> calloc(1, sizeof(node_main_t))
    if main == NULL:
        raise MemoryError("no memory for another node")
    state.nodes.append(<uintptr_t> main)
    main.main = &state.main
    return main


cdef register_ip4(MacipState state, bint is_input):
    """Drops count under ip4-input, as in VPP."""
    name, direction = ("ip4-inacl", "input") if is_input else ("ip4-outacl", "output")
    cdef node_main_t* main = new_main(state)
    cdef uint32_t family = state.graph.node("ip4-input").error_base
    main.passed = family + IP4_ERROR_NONE
    main.missed = family + (IP4_ERROR_INACL_TABLE_MISS if is_input else IP4_ERROR_OUTACL_TABLE_MISS)
    state.graph.register(name, inacl if is_input else outacl, main, "internal", ("ip4-drop",), counted(direction),
                         None, None, INPUT_FORMAT if is_input else OUTPUT_FORMAT, 0)


cdef register_ip6(MacipState state, bint is_input):
    """Drops count here: ip6-input has no counters."""
    name, direction = ("ip6-inacl", "input") if is_input else ("ip6-outacl", "output")
    cdef node_main_t* main = new_main(state)
    state.graph.register(name, inacl if is_input else outacl, main, "internal", ("ip6-drop",),
                         counted(direction) + drops(direction) + ("no error",), None, None,
                         INPUT_FORMAT if is_input else OUTPUT_FORMAT, 0)
    main.missed = state.graph.node(name).error_base + 3
    main.passed = main.missed + 2


cdef register_l2(MacipState state, object l2, bint is_input):
    name, direction = ("l2-input-acl", "input") if is_input else ("l2-output-acl", "output")
    cdef node_main_t* main = new_main(state)
    cdef uint32_t bit
    nexts = ("error-drop", *l2.profile.feature_nodes(is_input))
    slots = l2.slots(is_input, nexts)
    for bit in range(32):
        state.main.l2_nexts[is_input][bit] = slots[bit]
    state.main.l2_bits[is_input] = l2.bit(is_input, "ACL")
    errors = (f"valid {direction} ACL packets", *counted(direction), *drops(direction))
    state.graph.register(name, l2_inacl if is_input else l2_outacl, main, "internal", nexts, errors, None, None,
                         INPUT_FORMAT if is_input else OUTPUT_FORMAT, 0)
    main.passed = state.graph.node(name).error_base
    main.first_counter = 1
    main.missed = main.passed + 4


def register(MacipState state, Features features, l2):
    """The six nodes, those of the IP path as features of their arcs. ip4-input must be there."""
    for is_input in (True, False):
        register_ip4(state, is_input)
        register_ip6(state, is_input)
        register_l2(state, l2, is_input)
    features.add_feature("ip4-unicast", "ip4-inacl", ("ip4-source-check-via-rx",), ("ip4-not-enabled",))
    features.add_feature("ip4-output", "ip4-outacl", (), ("acl-plugin-out-ip4-fa",))
    features.add_feature("ip6-unicast", "ip6-inacl", ("ip6-not-enabled",), ("acl-plugin-in-ip6-fa",))
    features.add_feature("ip6-output", "ip6-outacl")
