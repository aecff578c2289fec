"""NAME-tx of a tap of the kernel's."""

from libc.stdint cimport uint32_t

from ...core.buffer cimport BUFFER_HEADROOM, BUFFER_NEXT_PRESENT, buffer_current, buffer_free, buffer_t
from ...core.graph cimport FRAME_SIZE, enqueue_same, frame_t, get_buffer, node_t, set_error, worker_t
from ..feed cimport keep
from .device cimport tap_queue_t, tap_t
from .offloads cimport tell_offloads
from .vnet cimport VNET_HEADER, vnet_header_t

cdef extern from "<sys/uio.h>" nogil:
    cdef struct iovec:
        void* iov_base
        size_t iov_len
    ssize_t writev(int fd, const iovec* vector, int count)

cdef extern from "<unistd.h>" nogil:
    ssize_t write(int fd, const void* data, size_t n)

cdef enum:
    NEXT_DROP = 0
    ERROR_NO_SLOT = 0
    MAX_PIECES = 64             # of a chain
    LOWEST_START = VNET_HEADER - BUFFER_HEADROOM


cdef uint32_t gather(worker_t* w, buffer_t* b, iovec* pieces) noexcept nogil:
    """The buffers of a chain, behind the header in pieces[0]; how many pieces, 0 when they are too many."""
    cdef uint32_t n = 1
    while True:
        if n == MAX_PIECES:
            return 0
        pieces[n].iov_base, pieces[n].iov_len = buffer_current(b), b.current_length
        n += 1
        if not b.flags & BUFFER_NEXT_PRESENT:
            return n
        b = get_buffer(w, b.next_buffer)


cdef bint send_chain(worker_t* w, tap_queue_t* q, buffer_t* b) noexcept nogil:
    cdef vnet_header_t header
    cdef iovec pieces[MAX_PIECES]
    cdef uint32_t n = gather(w, b, pieces)
    tell_offloads(w, b, &header)
    pieces[0].iov_base, pieces[0].iov_len = &header, VNET_HEADER
    return n != 0 and writev(q.fd, pieces, <int> n) > 0


cdef inline bint send(worker_t* w, tap_queue_t* q, buffer_t* b) noexcept nogil:
    """Write one frame; the header goes into the headroom where there is some."""
    if b.flags & BUFFER_NEXT_PRESENT or b.current_data < LOWEST_START:
        return send_chain(w, q, b)
    tell_offloads(w, b, <vnet_header_t*> (buffer_current(b) - VNET_HEADER))
    return write(q.fd, buffer_current(b) - VNET_HEADER, VNET_HEADER + b.current_length) > 0


cdef void tap_tx(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """Write each frame to the kernel. What that does not take (the host's side is down) is dropped, and counted."""
    cdef tap_t* tap = <tap_t*> node.main
    cdef tap_queue_t* q = &tap.queues[w.thread_index % tap.n_queues]
    cdef uint32_t refused[FRAME_SIZE]
    cdef uint32_t i, n_refused = 0, n_sent = 0
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        if tap.feed.sink != NULL:
            keep(w, tap.feed.sink, b)
        if send(w, q, b):
            frame.indices[n_sent] = frame.indices[i]
            n_sent += 1
        else:
            set_error(b, node, ERROR_NO_SLOT)
            refused[n_refused] = frame.indices[i]
            n_refused += 1
    w.n_transmitted += n_sent
    buffer_free(w.cache, frame.indices, n_sent)
    if n_refused:
        w.interface_counters[node.runtime].tx_error += n_refused
        enqueue_same(w, node, refused, n_refused, NEXT_DROP, frame.flags)
