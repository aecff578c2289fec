"""The trace entry of drivers that print the buffer itself: pg-input, pgN-tx, dpdk-input, NAME-tx."""

from libc.stdint cimport uint8_t, uint32_t

from ..core.buffer cimport buffer_t
from ..core.graph cimport frame_t, node_t, worker_t
from .feed cimport feed_t

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

cdef uint32_t trace_received(worker_t* w, node_t* node, const feed_t* feed, const uint32_t* indices,
                             uint32_t n) noexcept nogil
cdef void trace_transmitted(worker_t* w, node_t* node, const feed_t* feed, frame_t* frame) noexcept nogil
cdef void zero_tail(buffer_t* b) noexcept nogil
