"""Packet traces: each traced buffer owns a record, to which every node appends an entry of its own.

A node asks once per frame (frame_t.flags & FRAME_TRACE); only then it looks at single buffers.
"""

from libc.stdint cimport uint32_t, uint64_t

from .buffer cimport BUFFER_IS_TRACED, buffer_t
from .graph cimport FRAME_TRACE, Graph, frame_t, get_buffer, node_t, trace_record_t, worker_t

ctypedef struct trace_entry_t:
    uint64_t time_ns        # when the node's frame was dispatched
    uint32_t node_index
    uint32_t n_bytes        # of data behind this header; entries are aligned to 8

cdef void* trace_append(worker_t* w, uint32_t node_index, uint32_t trace_index, uint32_t n_bytes) noexcept nogil
cdef void trace_start(worker_t* w, buffer_t* b) noexcept nogil


cdef inline bint is_traced(buffer_t* b) noexcept nogil:
    return (b.flags & BUFFER_IS_TRACED) != 0


cdef inline void* trace_add(worker_t* w, node_t* node, buffer_t* b, uint32_t n_bytes) noexcept nogil:
    """A new entry of n_bytes (zeroed) in the traced buffer's record, for the node to fill in."""
    return trace_append(w, node.index, b.trace_index, n_bytes)


cdef inline uint32_t trace_mark(worker_t* w, node_t* node, buffer_t* b) noexcept nogil:
    """In an input node: start tracing the buffer if `trace add` still asks for some. Returns the frame flags."""
    if node.trace_remaining == 0:
        return 0
    node.trace_remaining -= 1
    trace_start(w, b)
    return FRAME_TRACE


cdef class Tracer:
    cdef Graph graph
    cdef free_records(self)
    cdef list entries(self, uint32_t index)
