"""A tap of the kernel's: its queues, each a file descriptor that reads and writes whole frames."""

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from ...core.graph cimport worker_t
from ...live.loop cimport LiveWorker
from ...live.queue cimport rx_queue_t
from ..feed cimport Detached, feed_t

cdef enum:
    OVERFLOW_SIZE = 65536       # bytes of a frame beyond its first buffer

ctypedef struct tap_queue_t:
    rx_queue_t rx
    int fd
    tap_t* tap
    uint8_t* overflow

ctypedef struct tap_t:
    feed_t* feed                # numbers of the interface, and who keeps what it sends
    tap_queue_t* queues
    uint32_t n_queues


cdef class Tap(Detached):
    cdef tap_t tap
    cdef list workers           # LiveWorker that serves each queue
    cdef readonly object host   # HostSide
    cdef readonly bint serving
    cdef open(self, list fds, object host, list workers)
