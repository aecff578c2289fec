"""The live loop's state: one live_t for each worker thread, whoever starts it."""

from libc.stdint cimport uint32_t, uint64_t

from ..core.graph cimport Graph, worker_t
from .parking cimport parking_t
from .queue cimport rx_queue_t, tx_flush_t

cdef enum:
    SPIN_NS = 20000             # how long a worker goes on asking after the last packet before it sleeps

ctypedef struct live_t:
    worker_t* worker
    parking_t parking
    int epoll_fd
    int event_fd                # wakes the worker from its sleep
    uint32_t stop
    uint32_t spin_ns
    rx_queue_t** queues
    uint32_t n_queues
    tx_flush_t* flushes
    uint32_t n_flushes
    uint64_t monotonic_ns       # when worker.now_ns was set
    uint64_t last_packet_ns
    uint64_t n_rounds
    uint64_t n_sleeps
    uint64_t n_parkings


cdef void live_run(live_t* live) noexcept nogil
cdef void live_wake(live_t* live) noexcept nogil
cdef void live_follow(live_t* live) noexcept nogil


cdef class LiveWorker:
    cdef live_t live
    cdef Graph graph
    cdef bind(self, worker_t* worker)
    cdef add_queue(self, rx_queue_t* queue)
    cdef remove_queue(self, rx_queue_t* queue)
    cdef add_flush(self, tx_flush_t flush)
    cdef remove_flush(self, void* main)
