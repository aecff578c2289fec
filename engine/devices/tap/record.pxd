"""virtio-input's trace."""

from libc.stdint cimport uint32_t

from ...core.graph cimport node_t, worker_t
from ..feed cimport feed_t

cdef enum:
    NEXT_ETHERNET_INPUT = 4
    NO_QUEUE = 0xffffffffU

cdef uint32_t trace_received(worker_t* w, node_t* node, feed_t* feed, uint32_t queue, const uint32_t* indices,
                             uint32_t n) noexcept nogil
