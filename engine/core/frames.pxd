"""Sending packets on: how a node gives its frame, or single buffers, to its next nodes."""

from libc.stdint cimport uint16_t, uint32_t

from .worker cimport FRAME_SIZE, frame_t, next_t, node_t, worker_t


cdef void enqueue_frame(worker_t* w, node_t* node, frame_t* frame, const uint16_t* nexts) noexcept nogil
cdef void enqueue_frame_to(worker_t* w, node_t* node, frame_t* frame, uint32_t next_index) noexcept nogil
cdef void enqueue_buffers(worker_t* w, node_t* node, const uint32_t* indices, const uint16_t* nexts,
                          uint32_t n, uint32_t frame_flags) noexcept nogil
cdef void enqueue_same(worker_t* w, node_t* node, const uint32_t* indices, uint32_t n, uint32_t next_index,
                       uint32_t frame_flags) noexcept nogil
cdef void enqueue_one(worker_t* w, node_t* node, uint32_t buffer_index, uint32_t next_index,
                      uint32_t frame_flags) noexcept nogil
cdef frame_t* open_frame(worker_t* w, uint32_t node_index) noexcept nogil
cdef void grow_frames(worker_t* w) noexcept nogil
