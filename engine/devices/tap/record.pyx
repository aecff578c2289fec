"""virtio-input's trace record."""

from libc.stdint cimport uint32_t
from libc.string cimport memcpy

from ...core.buffer cimport buffer_data, buffer_length
from ...core.graph cimport get_buffer, node_t, worker_t
from ...core.trace cimport trace_add, trace_mark
from ..buffer_trace cimport zero_tail
from ..feed cimport feed_t
from .vnet cimport VNET_HEADER, vnet_header_t


ctypedef struct virtio_trace_t:
    uint32_t hw_if_index
    uint32_t next_index
    uint32_t queue
    uint32_t length
    vnet_header_t header


cdef uint32_t trace_received(worker_t* w, node_t* node, feed_t* feed, uint32_t queue, const uint32_t* indices,
                             uint32_t n) noexcept nogil:
    """Trace what is asked for of n received packets; returns flags of the frame.

    queue: of a tap of the kernel's, whose packets have their virtio-net header before them; NO_QUEUE of a replay.
    """
    cdef uint32_t i, flags = 0
    cdef virtio_trace_t* entry
    for i in range(n):
        if trace_mark(w, node, get_buffer(w, indices[i])) == 0:
            continue
        flags = 1
        zero_tail(get_buffer(w, indices[i]))
        entry = <virtio_trace_t*> trace_add(w, node, get_buffer(w, indices[i]), sizeof(virtio_trace_t))
        entry.hw_if_index, entry.next_index = feed.hw_if_index, NEXT_ETHERNET_INPUT
        entry.length = buffer_length(get_buffer(w, indices[i]))
        if queue != NO_QUEUE:
            entry.queue = queue
            memcpy(&entry.header, buffer_data(get_buffer(w, indices[i])) - VNET_HEADER, VNET_HEADER)
        entry.header.n_buffers = 1
    return flags
