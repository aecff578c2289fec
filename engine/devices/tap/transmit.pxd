"""Frames out of the graph into a tap."""

from ...core.graph cimport frame_t, node_t, worker_t

cdef void tap_tx(worker_t* w, node_t* node, frame_t* frame) noexcept nogil
