"""What is left to do, done in software where the way on cannot do it."""

from libc.stdint cimport uint32_t

from ...core.buffer cimport BUFFER_GSO, buffer_t
from ...core.graph cimport FRAME_OFFLOAD, FRAME_SIZE, frame_t, get_buffer, node_t, open_frame, worker_t
from ...wire.headers cimport IP_PROTOCOL_TCP
from .l4 cimport find_l4, finish_checksum, l4_place_t
from .segment cimport segment


cdef void queue_again(worker_t* w, node_t* node, uint32_t index, uint32_t flags) noexcept nogil:
    cdef frame_t* frame = open_frame(w, node.index)
    frame.indices[frame.n_vectors] = index
    frame.n_vectors += 1
    frame.flags |= flags


cdef void resolve(worker_t* w, node_t* node, uint32_t index, bint at_ip, uint32_t flags) noexcept nogil:
    """One packet, and what became of it, back into the node's queue."""
    cdef buffer_t* b = get_buffer(w, index)
    cdef uint32_t pieces[FRAME_SIZE]
    cdef uint32_t i, n, done = 0
    cdef l4_place_t place
    if not b.flags & BUFFER_OFFLOADS or not find_l4(b, at_ip, &place):
        b.flags &= ~<uint32_t> BUFFER_OFFLOADS
        queue_again(w, node, index, flags)
        return
    if not b.flags & BUFFER_GSO or place.protocol != IP_PROTOCOL_TCP:
        b.flags &= ~<uint32_t> BUFFER_OFFLOADS
        finish_checksum(w, b, &place)
        queue_again(w, node, index, flags)
        return
    while True:
        n = segment(w, index, &place, &done, pieces, FRAME_SIZE)
        for i in range(n):
            queue_again(w, node, pieces[i], flags)
        if n < FRAME_SIZE:
            return


cdef void resolve_offloads(worker_t* w, node_t* node, frame_t* frame, bint at_ip) noexcept nogil:
    """Do in software what is left to do, and queue all packets of a frame for the same node again.

    The node returns at once; it gets them back, order kept, in frames without FRAME_OFFLOAD. at_ip: packets start
    with their IPv4 headers there, otherwise with Ethernet's.
    """
    cdef uint32_t i, flags = frame.flags & ~<uint32_t> FRAME_OFFLOAD
    for i in range(frame.n_vectors):
        resolve(w, node, frame.indices[i], at_ip, flags)
