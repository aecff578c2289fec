"""Trace records of the NAT nodes."""

from libc.stdint cimport uint16_t, uint32_t

from ...core.buffer cimport SW_IF_INDEX_RX
from ...core.graph cimport frame_t, node_t, worker_t
from ...core.trace cimport is_traced, trace_add
from .batch cimport packet_t
from .nat44 cimport ED_MARK, NAT_NONE


cdef void trace_packets(worker_t* w, node_t* node, frame_t* frame, packet_t* packets, const uint16_t* nexts,
                        bint is_slow_path, bint in_pairs) noexcept nogil:
    """One record a traced packet.

    in_pairs: VPP's node handles packets in pairs while four or more are left, and in its record of a pair's second
    packet the mark of the slow path is missing: it prints as the fast path's.
    """
    cdef uint32_t i, n = frame.n_vectors
    cdef nat_trace_t* record
    for i in range(n):
        if is_traced(packets[i].b):
            record = <nat_trace_t*> trace_add(w, node, packets[i].b, sizeof(nat_trace_t))
            record.sw_if_index = packets[i].b.sw_if_index[SW_IF_INDEX_RX]
            record.next_index = nexts[i]
            record.session = packets[i].session if packets[i].session < ED_MARK else NAT_NONE
            record.is_slow_path = is_slow_path and not (in_pairs and i & 1 and n - i + 1 >= 4)
