"""Where packets can be listened to: as they come in, as they leave, and where they are dropped."""

from libc.stdint cimport uint32_t

from .worker cimport worker_t

cdef enum:
    CAPTURE_RX = 0
    CAPTURE_TX = 1
    CAPTURE_DROP = 2


cdef inline void capture_frame(worker_t* w, uint32_t where, uint32_t sw_if_index, const uint32_t* indices,
                               uint32_t n) noexcept nogil:
    """Let the listener see n packets; one test a frame when there is none.

    sw_if_index: the interface they came in or leave by; of dropped packets each knows its own.
    """
    if w.captures[where].take != NULL:
        w.captures[where].take(w, w.captures[where].main, sw_if_index, indices, n)
