"""The trace entry of drivers that print the buffer itself: pg-input, pgN-tx, dpdk-input, NAME-tx."""

from libc.stdint cimport uint8_t, uint32_t

from ..core.buffer cimport buffer_t
from ..core.graph cimport node_t, worker_t

cdef enum:
    BUFFER_TRACE_BYTES = 128

ctypedef struct buffer_trace_t:
    uint32_t sw_if_index
    uint32_t buffer_index
    uint32_t trace_index
    uint32_t total_length
    uint8_t header[64]                  # first line of buffer_t
    uint8_t data[BUFFER_TRACE_BYTES]
    char name[64]

cdef buffer_trace_t* trace_buffer(worker_t* w, node_t* node, uint32_t buffer_index, uint32_t sw_if_index,
                                  const uint8_t* start) noexcept nogil
cdef void zero_tail(buffer_t* b) noexcept nogil
