"""Packets whose L4 checksum, or whose segmentation, is still to be done.

A buffer says so by BUFFER_OFFLOAD_TCP_CKSUM, BUFFER_OFFLOAD_UDP_CKSUM and BUFFER_GSO, its frame by FRAME_OFFLOAD. The
checksum field of such a packet means nothing until it leaves: whoever changes addresses or ports need not care. The
flags are about the outermost IPv4 header, so a node that puts another in front resolves them first, as does one that
cuts packets.
"""

from ...core.buffer cimport BUFFER_GSO, BUFFER_OFFLOAD_TCP_CKSUM, BUFFER_OFFLOAD_UDP_CKSUM
from ...core.graph cimport frame_t, node_t, worker_t

cdef enum:
    BUFFER_OFFLOADS = BUFFER_OFFLOAD_TCP_CKSUM | BUFFER_OFFLOAD_UDP_CKSUM | BUFFER_GSO

# interface_t.offloads: what the device does itself
cdef enum:
    OFFLOAD_CHECKSUM = 1
    OFFLOAD_SEGMENT = 2


cdef void resolve_offloads(worker_t* w, node_t* node, frame_t* frame, bint at_ip) noexcept nogil
