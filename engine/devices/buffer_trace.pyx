"""Recording a buffer for the trace."""

from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memcpy, memset

from ..core.buffer cimport BUFFER_DATA_SIZE, buffer_data, buffer_length
from ..core.graph cimport get_buffer
from ..core.trace cimport trace_add


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
