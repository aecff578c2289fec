"""The workers of one vswitch: their memory, and what they counted."""

from libc.stdint cimport uint32_t, uint64_t

from .buffer cimport BufferPool
from .worker cimport node_t, worker_t


cdef class Workers:
    cdef readonly BufferPool buffers
    cdef worker_t* worker               # the main thread's: thread 0
    cdef worker_t** workers             # by thread index
    cdef readonly uint32_t n_threads
    cdef readonly list nodes            # of NodeInfo, by index
    cdef readonly list error_strings    # (node name, reason) by buffer_t.error
    cdef list process_names
    cdef worker_t* thread(self, uint32_t thread_index) except NULL
    cdef void set_now(self, uint64_t now_ns) noexcept nogil
