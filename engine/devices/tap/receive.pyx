"""virtio-input for a tap of the kernel's: reads what waits in one of its queues."""

from libc.errno cimport EAGAIN, EINTR, errno
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from ...core.buffer cimport (
    BUFFER_DATA_SIZE,
    BUFFER_NEXT_PRESENT,
    BUFFER_TOTAL_LENGTH_VALID,
    SW_IF_INDEX_RX,
    SW_IF_INDEX_TX,
    buffer_alloc,
    buffer_data,
    buffer_free,
    buffer_length,
    buffer_t,
)
from ...core.capture cimport CAPTURE_RX, capture_frame
from ...core.graph cimport (
    FRAME_OFFLOAD,
    FRAME_SIZE,
    NO_INDEX,
    enqueue_same,
    get_buffer,
    node_t,
    worker_t,
)
from ...core.trace cimport wants_trace
from ...live.queue cimport rx_queue_t
from .device cimport OVERFLOW_SIZE, tap_queue_t
from .offloads cimport note_offloads
from .record cimport NEXT_ETHERNET_INPUT, trace_received
from .vnet cimport VNET_HEADER, vnet_header_t

cdef extern from "<sys/uio.h>" nogil:
    cdef struct iovec:
        void* iov_base
        size_t iov_len
    ssize_t readv(int fd, const iovec* vector, int count)

cdef enum:
    BATCH = 32                  # buffers taken at once


cdef inline vnet_header_t* header_of(buffer_t* b) noexcept nogil:
    """The virtio-net header is read into the headroom, right before the frame."""
    return <vnet_header_t*> (buffer_data(b) - VNET_HEADER)


cdef bint chain_rest(worker_t* w, buffer_t* head, const uint8_t* rest, uint32_t length) noexcept nogil:
    """What came beyond the first buffer, into others behind it; False when buffers run out."""
    cdef buffer_t* last = head
    cdef buffer_t* b
    cdef uint32_t index, n
    head.flags |= BUFFER_TOTAL_LENGTH_VALID
    head.total_length_not_including_first_buffer = length
    while length:
        if buffer_alloc(w.cache, &index, 1) == 0:
            return False
        b = get_buffer(w, index)
        memset(b, 0, 64)
        n = min(length, <uint32_t> BUFFER_DATA_SIZE)
        memcpy(buffer_data(b), rest, n)
        b.current_length = <uint16_t> n
        last.next_buffer = index
        last.flags |= BUFFER_NEXT_PRESENT
        last = b
        rest += n
        length -= n
    return True


cdef bint accept(worker_t* w, tap_queue_t* q, buffer_t* b, uint32_t length, uint32_t* flags) noexcept nogil:
    """Make a packet of what was read; False when it cannot be one."""
    cdef vnet_header_t* header = header_of(b)
    memset(b, 0, 64)
    b.sw_if_index[SW_IF_INDEX_RX] = q.tap.feed.sw_if_index
    b.sw_if_index[SW_IF_INDEX_TX] = NO_INDEX
    b.current_length = <uint16_t> min(length, <uint32_t> BUFFER_DATA_SIZE)
    if length > BUFFER_DATA_SIZE and not chain_rest(w, b, q.overflow, length - BUFFER_DATA_SIZE):
        w.interface_counters[q.tap.feed.sw_if_index].rx_no_buf += 1
        return False
    if header.flags | header.gso_type:
        if not note_offloads(w, b, header):
            w.interface_counters[q.tap.feed.sw_if_index].rx_error += 1
            return False
        flags[0] |= FRAME_OFFLOAD
    return True


cdef ssize_t read_frame(tap_queue_t* q, buffer_t* b) noexcept nogil:
    """One frame with its header; bytes, or what errno says, negative."""
    cdef iovec places[2]
    cdef ssize_t n
    places[0].iov_base, places[0].iov_len = header_of(b), VNET_HEADER + BUFFER_DATA_SIZE
    places[1].iov_base, places[1].iov_len = q.overflow, OVERFLOW_SIZE
    n = readv(q.fd, places, 2)
    return n if n >= 0 else -errno


cdef void give_back(worker_t* w, const uint32_t* indices, uint32_t n) noexcept nogil:
    """Buffers that were not filled; their headers are stale."""
    cdef uint32_t i
    for i in range(n):
        get_buffer(w, indices[i]).flags = 0
    buffer_free(w.cache, indices, n)


cdef uint32_t read_some(worker_t* w, tap_queue_t* q, uint32_t* indices, uint32_t* flags, bint* empty) noexcept nogil:
    """Up to BATCH frames into new buffers; returns how many. empty: nothing more waits, or there are no buffers."""
    cdef uint32_t n = 0, i, got = buffer_alloc(w.cache, indices, BATCH)
    cdef ssize_t length
    empty[0] = got == 0
    if got == 0:
        lose_one(w, q)
    for i in range(got):
        length = read_frame(q, get_buffer(w, indices[i]))
        if length <= VNET_HEADER:
            empty[0] = True
            q.rx.broken = length != -EAGAIN and length != -EINTR
            give_back(w, &indices[i], got - i)
            break
        if accept(w, q, get_buffer(w, indices[i]), <uint32_t> length - VNET_HEADER, flags):
            indices[n] = indices[i]
            n += 1
        else:
            buffer_free(w.cache, &indices[i], 1)
    return n


cdef void lose_one(worker_t* w, tap_queue_t* q) noexcept nogil:
    """Without buffers frames are read all the same, as a card's are overwritten: the worker must not spin on them."""
    cdef iovec place
    place.iov_base, place.iov_len = q.overflow, OVERFLOW_SIZE
    if readv(q.fd, &place, 1) > 0:
        w.interface_counters[q.tap.feed.sw_if_index].rx_no_buf += 1


cdef uint32_t tap_poll(worker_t* w, node_t* node, rx_queue_t* queue) noexcept nogil:
    """A frame of packets, or as many as there are."""
    cdef tap_queue_t* q = <tap_queue_t*> queue.main
    cdef uint32_t indices[FRAME_SIZE]
    cdef uint32_t n = 0, i, flags = 0
    cdef uint64_t n_bytes = 0
    cdef bint empty = False
    while not empty and n <= FRAME_SIZE - BATCH:
        n += read_some(w, q, &indices[n], &flags, &empty)
    queue.more = not empty
    if n == 0:
        return 0
    for i in range(n):
        n_bytes += buffer_length(get_buffer(w, indices[i]))
    w.n_received += n
    w.interface_counters[queue.sw_if_index].rx.packets += n
    w.interface_counters[queue.sw_if_index].rx.bytes += n_bytes
    capture_frame(w, CAPTURE_RX, queue.sw_if_index, indices, n)
    if wants_trace(node):
        flags |= trace_received(w, node, q.tap.feed, queue.queue_id, indices, n)
    enqueue_same(w, node, indices, n, NEXT_ETHERNET_INPUT, flags)
    return n
