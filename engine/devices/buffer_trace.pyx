"""Recording a buffer for the trace."""

from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memcpy, memset

from ..core.buffer cimport BUFFER_DATA_SIZE, BUFFER_IS_TRACED, buffer_current, buffer_data, buffer_length
from ..core.graph cimport FRAME_TRACE, get_buffer
from ..core.trace cimport trace_add, trace_mark


cdef buffer_trace_t* trace_buffer(worker_t* w, node_t* node, uint32_t buffer_index, uint32_t sw_if_index,
                                  const uint8_t* start) noexcept nogil:
    """An entry with the buffer's header and 128 bytes from start, which is where the frame begins."""
    cdef buffer_t* b = get_buffer(w, buffer_index)
    cdef buffer_trace_t* entry = <buffer_trace_t*> trace_add(w, node, b, sizeof(buffer_trace_t))
    entry.sw_if_index, entry.buffer_index, entry.trace_index = sw_if_index, buffer_index, b.trace_index
    entry.total_length = buffer_length(b)
    memcpy(entry.header, b, sizeof(entry.header))
    memcpy(entry.data, start, BUFFER_TRACE_BYTES)
    return entry


cdef void zero_tail(buffer_t* b) noexcept nogil:
    """Clear what traces print beyond a short frame, so that a replay prints the same every time."""
    cdef int end = b.current_data + b.current_length
    if 0 <= end < BUFFER_DATA_SIZE:
        memset(buffer_data(b) + end, 0, min(BUFFER_TRACE_BYTES, BUFFER_DATA_SIZE - end))


cdef uint32_t trace_received(worker_t* w, node_t* node, const feed_t* feed, const uint32_t* indices,
                             uint32_t n) noexcept nogil:
    """Entries of those that shall be traced, with the name of the stream they came from; the frame's flags."""
    cdef uint32_t i, flags = 0
    cdef buffer_t* b
    cdef buffer_trace_t* entry
    for i in range(n):
        b = get_buffer(w, indices[i])
        if trace_mark(w, node, b) == 0:
            continue
        flags = FRAME_TRACE
        zero_tail(b)
        entry = trace_buffer(w, node, indices[i], feed.sw_if_index, buffer_data(b))
        memcpy(entry.name, feed.name, feed.name_length)
    return flags


cdef void trace_transmitted(worker_t* w, node_t* node, const feed_t* feed, frame_t* frame) noexcept nogil:
    """Entries of the traced buffers of a frame that leaves."""
    cdef uint32_t i
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        if b.flags & BUFFER_IS_TRACED:
            trace_buffer(w, node, frame.indices[i], feed.sw_if_index, buffer_current(b))
