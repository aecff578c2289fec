"""Running a worker's frames and timers."""

from libc.stdint cimport uint32_t, uint64_t

from .worker cimport frame_t, node_t, worker_t


cdef void dispatch_pending(worker_t* w) noexcept nogil
cdef void run_processes(worker_t* w) noexcept nogil
cdef void account(node_t* node, uint32_t n_vectors, uint64_t clocks) noexcept nogil
