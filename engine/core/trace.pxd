"""Packet traces: each traced buffer owns a record, to which every node appends an entry of its own.

A node asks once per frame (frame_t.flags & FRAME_TRACE); only then it looks at single buffers.
"""

from libc.stdint cimport uint32_t, uint64_t

from .buffer cimport BUFFER_IS_TRACED, buffer_t
from .bpf cimport PacketFilter
from .graph cimport (
    FRAME_TRACE,
    Graph,
    frame_t,
    get_buffer,
    node_t,
    trace_record_t,
    trace_selection_t,
    worker_t,
)

cdef enum:
    # trace_index of a buffer: the slot of its record, and above how often a ring has given the slot away
    TRACE_SLOT_BITS = 20
    MAX_RECORDS = 1 << TRACE_SLOT_BITS

ctypedef struct trace_entry_t:
    uint64_t time_ns        # when the node's frame was dispatched
    uint32_t node_index
    uint32_t n_bytes        # of data behind this header; entries are aligned to 8

cdef void* trace_append(worker_t* w, uint32_t node_index, uint32_t trace_index, uint32_t n_bytes) noexcept nogil
cdef bint trace_start(worker_t* w, buffer_t* b) noexcept nogil
cdef bint trace_select(worker_t* w, node_t* node, buffer_t* b) noexcept nogil


cdef inline bint is_traced(buffer_t* b) noexcept nogil:
    return (b.flags & BUFFER_IS_TRACED) != 0


cdef inline void* trace_add(worker_t* w, node_t* node, buffer_t* b, uint32_t n_bytes) noexcept nogil:
    """A new entry of n_bytes (zeroed) in the traced buffer's record, for the node to fill in."""
    return trace_append(w, node.index, b.trace_index, n_bytes)


cdef inline bint wants_trace(node_t* node) noexcept nogil:
    """In an input node, once a frame: does `trace add` still ask for packets?"""
    return (node.trace_remaining | <size_t> node.trace_selections) != 0


cdef inline uint32_t trace_mark(worker_t* w, node_t* node, buffer_t* b) noexcept nogil:
    """In an input node: start tracing the buffer if that is asked for. Returns the frame flags; 0 if it is not.

    The frame begins where the buffer's data begins. What a selection wants does not count against the budget.
    """
    if node.trace_selections != NULL and trace_select(w, node, b):
        return FRAME_TRACE
    if node.trace_remaining == 0 or not trace_start(w, b):
        return 0
    node.trace_remaining -= 1
    w.trace.n_budgeted += 1
    return FRAME_TRACE


cdef class Selection:
    # one `trace add` with conditions; owns what the input node's list points to
    cdef trace_selection_t selection
    cdef readonly str node
    cdef readonly PacketFilter filter


cdef class Tracer:
    cdef Graph graph
    cdef list selections
    cdef free_records(self)
    cdef link(self, Selection selection)
    cdef unlink(self, Selection selection)
    cdef uint32_t budget(self, uint32_t node_index) noexcept
    cdef list entries(self, uint32_t index)
