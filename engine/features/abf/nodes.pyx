"""abf-input-ip4: a packet that any rule of an attached policy's ACL matches goes by the policy's paths.

Permit or deny is all the same, as in VPP 18.10. What no policy wants goes on along the arc, to ip4-lookup.
"""

from libc.stdint cimport uint16_t, uint32_t

from ...core.buffer cimport SW_IF_INDEX_RX, buffer_current, buffer_t
from ...core.features cimport Features, feature_next
from ...core.graph cimport (
    FRAME_SIZE,
    FRAME_TRACE,
    count_error,
    enqueue_frame,
    frame_t,
    get_buffer,
    node_t,
    worker_t,
)
from ...core.trace cimport is_traced, trace_add
from ...tables.tuple_space cimport tuple_key_t
from ..acl.acl cimport DIRECTION_INPUT, acl_packet_t
from ..acl.keys cimport fill_key, fill_match_key
from ..acl.match cimport match_context
from ..acl.rules cimport NO_RULE, acl_context_t
from .abf cimport AbfState, abf_interface_t, abf_main_t, attachment_t

from .trace import FORMAT

NEXTS = ("error-drop",)
ERRORS = ("no match", "matched")
RUNS_BEFORE = ("ip4-not-enabled",)
RUNS_AFTER = ("acl-plugin-in-ip4-fa",)

cdef enum:
    ERROR_MATCHED = 1

ctypedef struct abf_trace_t:
    uint32_t next_index
    uint32_t index


cdef void trace_packet(worker_t* w, node_t* node, buffer_t* b, uint16_t next_index) noexcept nogil:
    """Without a match the index is what the buffer held."""
    cdef abf_trace_t* entry = <abf_trace_t*> trace_add(w, node, b, sizeof(abf_trace_t))
    entry.next_index, entry.index = next_index, b.u.ip.adj_index_tx


cdef inline void fill(worker_t* w, frame_t* frame, tuple_key_t* keys) noexcept nogil:
    """First pass: what rules look at."""
    cdef uint32_t i
    cdef acl_packet_t packet
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        fill_key(&packet, buffer_current(b), b.current_length, b.sw_if_index[SW_IF_INDEX_RX], DIRECTION_INPUT, True)
        fill_match_key(&keys[i], &packet, DIRECTION_INPUT, True)


cdef inline uint16_t follow(buffer_t* b, abf_interface_t* interface, acl_context_t* context,
                            uint32_t place) noexcept nogil:
    """Next index of a packet that a rule of a context matched."""
    cdef uint32_t acl_index = context.rules[place].acl_index
    cdef attachment_t* attachment = interface.attachments
    while attachment.acl_index != acl_index:
        attachment += 1
    context.hits[place] += 1
    b.u.ip.flow_hash = 0
    b.u.ip.adj_index_tx = attachment.object_index
    return attachment.next_index


cdef uint32_t run_end(worker_t* w, frame_t* frame, uint32_t first, uint32_t sw_if_index) noexcept nogil:
    """Behind the last of the packets from `first` on that came in by the same interface."""
    cdef uint32_t i = first + 1
    while i < frame.n_vectors and get_buffer(w, frame.indices[i]).sw_if_index[SW_IF_INDEX_RX] == sw_if_index:
        i += 1
    return i


cdef void abf_input_ip4(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef abf_main_t* m = <abf_main_t*> node.main
    cdef tuple_key_t keys[FRAME_SIZE]
    cdef uint32_t places[FRAME_SIZE]
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i, sw_if_index, first = 0, end, n_matched = 0
    cdef abf_interface_t* interface
    cdef acl_context_t* context
    cdef buffer_t* b
    fill(w, frame, keys)
    while first < frame.n_vectors:
        sw_if_index = get_buffer(w, frame.indices[first]).sw_if_index[SW_IF_INDEX_RX]
        end = run_end(w, frame, first, sw_if_index)
        interface = &m.interfaces[sw_if_index]
        context = m.acl.contexts[interface.lc_index]
        match_context(m.acl, context, &keys[first], end - first, &places[first])
        for i in range(first, end):
            b = get_buffer(w, frame.indices[i])
            if places[i] == NO_RULE:
                nexts[i] = feature_next(w, b)
            else:
                nexts[i] = follow(b, interface, context, places[i])
                n_matched += 1
            if frame.flags & FRAME_TRACE and is_traced(b):
                trace_packet(w, node, b, nexts[i])
        first = end
    count_error(w, node, ERROR_MATCHED, n_matched)
    enqueue_frame(w, node, frame, nexts)


def register(AbfState abf, Features features):
    abf.graph.register("abf-input-ip4", abf_input_ip4, &abf.main, "internal", NEXTS, ERRORS, None, None, FORMAT, 0)
    features.add_feature("ip4-unicast", "abf-input-ip4", RUNS_BEFORE, RUNS_AFTER)
