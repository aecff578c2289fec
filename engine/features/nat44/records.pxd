"""Trace records of the NAT nodes."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t

from ...core.graph cimport frame_t, node_t, worker_t
from .batch cimport packet_t

ctypedef packed struct nat_trace_t:
    uint32_t sw_if_index
    uint32_t next_index
    uint32_t session
    uint32_t is_slow_path

cdef void trace_packets(worker_t* w, node_t* node, frame_t* frame, packet_t* packets, const uint16_t* nexts,
                        bint is_slow_path, bint in_pairs) noexcept nogil
