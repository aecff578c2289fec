"""error-drop and error-punt: the one place where packets end that go nowhere, and where they are counted."""

from libc.stdint cimport uint32_t

from .buffer cimport BUFFER_IS_TRACED, SW_IF_INDEX_RX, buffer_free, buffer_t
from .capture cimport CAPTURE_DROP, capture_frame
from .graph cimport FRAME_TRACE, NO_INDEX, Graph, frame_t, get_buffer, node_t, worker_t
from .trace cimport trace_add
from .trace import TraceFormat

cdef enum:
    DROP = 0
    PUNT = 1


ctypedef struct drop_trace_t:
    uint32_t error


cdef void trace_frame(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef uint32_t i
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        if b.flags & BUFFER_IS_TRACED:
            (<drop_trace_t*> trace_add(w, node, b, sizeof(drop_trace_t))).error = b.error


cdef void drop_node(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """Count each packet under its reason and against the interface it came from, and free it."""
    cdef uint32_t i
    cdef buffer_t* b
    if frame.flags & FRAME_TRACE:
        trace_frame(w, node, frame)
    capture_frame(w, CAPTURE_DROP, NO_INDEX, frame.indices, frame.n_vectors)
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        w.error_counters[b.error] += 1
        w.drop_counters[b.error] += 1
        if node.runtime == DROP:
            w.interface_counters[b.sw_if_index[SW_IF_INDEX_RX]].drops += 1
        else:
            w.interface_counters[b.sw_if_index[SW_IF_INDEX_RX]].punt += 1
    w.n_dropped += frame.n_vectors
    if node.runtime == PUNT:
        w.n_punted += frame.n_vectors
    buffer_free(w.cache, frame.indices, frame.n_vectors)


def decode(data: bytes, vpp) -> dict:
    node, reason = vpp.graph.error_strings[int.from_bytes(data[:4], "little")]
    return {"node": node, "reason": reason}


FORMAT = TraceFormat(decode, lambda entry: f"{entry['node']}: {entry['reason']}")


def register(Graph graph):
    """null-node owns error 0, the reason of a packet that nobody gave one."""
    graph.register("null-node", drop_node, NULL, "internal", (), ("blackholed packets",), None, None, None, DROP)
    graph.register("error-drop", drop_node, NULL, "internal", (), (), "null-node", None, FORMAT, DROP)
    graph.register("error-punt", drop_node, NULL, "internal", (), (), "null-node", None, FORMAT, PUNT)
