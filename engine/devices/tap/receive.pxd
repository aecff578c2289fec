"""Frames from a tap's queue into the graph."""

from libc.stdint cimport uint32_t

from ...core.graph cimport node_t, worker_t
from ...live.queue cimport rx_queue_t

cdef uint32_t tap_poll(worker_t* w, node_t* node, rx_queue_t* queue) noexcept nogil
