"""Frames into pool buffers, transmitted frames into captures."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from ..core.buffer cimport (
    BUFFER_DATA_SIZE,
    BUFFER_NEXT_PRESENT,
    BUFFER_TOTAL_LENGTH_VALID,
    SW_IF_INDEX_RX,
    SW_IF_INDEX_TX,
    buffer_alloc,
    buffer_current,
    buffer_data,
    buffer_free,
    buffer_length,
    buffer_t,
    prefetch,
)
from ..core.capture cimport CAPTURE_RX, capture_frame
from ..core.graph cimport NO_INDEX, frame_t, get_buffer, node_t, worker_t
from .pcap.source cimport FRAME_NO_MAC, SOURCE_FRAME, source_advance, source_frame_t
from .pcap.writer cimport writer_add, writer_begin

cdef enum:
    READ_AHEAD = 1024           # bytes; the processor's own prefetching stops at each page's end

cdef extern from *:
    """
    #include <string.h>
    /* whole cache lines; the caller made sure that both sides have them */
    static inline void vppsh_copy_lines(uint8_t *to, const uint8_t *from, uint32_t n) {
        uint32_t i;
        for (i = 0; i < n; i += 64) __builtin_memcpy(to + i, from + i, 64);
    }
    """
    void copy_lines "vppsh_copy_lines"(uint8_t* to, const uint8_t* source, uint32_t n) noexcept nogil


cdef bint feed_load(feed_t* feed) noexcept nogil:
    """Make source.frame the next one to enter; False when there is none."""
    if not feed.loaded:
        feed.status = source_advance(feed.source)
        feed.loaded = feed.status == SOURCE_FRAME
    return feed.loaded


cdef void start_header(buffer_t* b, feed_t* feed, uint32_t length) noexcept nogil:
    """A header as a driver leaves it. The line is written whole, so nothing of its last user remains."""
    memset(b, 0, 64)
    b.current_length = <uint16_t> length
    b.sw_if_index[SW_IF_INDEX_RX] = feed.sw_if_index
    b.sw_if_index[SW_IF_INDEX_TX] = NO_INDEX


cdef uint32_t take_long(worker_t* w, buffer_t* head, source_frame_t* frame) noexcept nogil:
    """Put what is beyond the first buffer into a chain behind it; returns 0 when the pool is empty."""
    cdef uint32_t at = BUFFER_DATA_SIZE, n, index
    cdef buffer_t* last = head
    cdef buffer_t* b
    head.total_length_not_including_first_buffer = 0
    while at < frame.captured:
        if buffer_alloc(w.cache, &index, 1) == 0:
            return 0
        b = get_buffer(w, index)
        memset(b, 0, 64)
        n = min(<uint32_t> BUFFER_DATA_SIZE, frame.captured - at)
        memcpy(buffer_data(b), frame.data + at, n)
        b.current_length = <uint16_t> n
        last.next_buffer = index
        last.flags |= BUFFER_NEXT_PRESENT
        last = b
        at += n
        head.total_length_not_including_first_buffer += n
    head.flags |= BUFFER_TOTAL_LENGTH_VALID
    return 1


cdef inline void fill(buffer_t* b, feed_t* feed, source_frame_t* frame) noexcept nogil:
    """Copy the start of a frame. By whole lines where the capture goes on behind it, else byte by byte."""
    cdef uint32_t n = frame.captured
    start_header(b, feed, n)
    if frame.data + ((n + 63) & ~<uint32_t> 63) <= feed.source.end:
        copy_lines(buffer_data(b), frame.data, n)
    else:
        memcpy(buffer_data(b), frame.data, n)
    if frame.flags & FRAME_NO_MAC:
        memcpy(buffer_data(b), feed.mac, 6)


cdef bint fill_long(worker_t* w, buffer_t* b, feed_t* feed, source_frame_t* frame) noexcept nogil:
    start_header(b, feed, BUFFER_DATA_SIZE)
    memcpy(buffer_data(b), frame.data, BUFFER_DATA_SIZE)
    if frame.flags & FRAME_NO_MAC:
        memcpy(buffer_data(b), feed.mac, 6)
    return take_long(w, b, frame) != 0


cdef uint32_t feed_frame(worker_t* w, node_t* node, feed_t* feed, uint32_t budget, uint32_t* indices) noexcept nogil:
    """Take up to `budget` frames (at most 256) into buffers and count them as received.

    Returns how many. Frames that the pool has no buffers for are counted as rx-no-buf and lost, as by a NIC.
    """
    cdef uint32_t n = 0, lost = 0, got
    cdef uint64_t n_bytes = 0
    cdef buffer_t* b
    cdef source_frame_t* frame = &feed.source.frame
    got = buffer_alloc(w.cache, indices, budget)
    while n + lost < budget and feed_load(feed):
        feed.loaded = False
        if n == got:
            lost += 1
            continue
        b = get_buffer(w, indices[n])
        prefetch(frame.data + READ_AHEAD)
        if frame.captured <= BUFFER_DATA_SIZE:
            fill(b, feed, frame)
        elif not fill_long(w, b, feed, frame):
            buffer_free(w.cache, &indices[n], 1)
            got -= 1
            indices[n] = indices[got]
            lost += 1
            continue
        n_bytes += frame.captured
        n += 1
    if n < got:
        clear_and_free(w, &indices[n], got - n)
    w.n_received += n
    w.interface_counters[feed.sw_if_index].rx.packets += n
    w.interface_counters[feed.sw_if_index].rx.bytes += n_bytes
    w.interface_counters[feed.sw_if_index].rx_no_buf += lost
    capture_frame(w, CAPTURE_RX, feed.sw_if_index, indices, n)
    return n


cdef void clear_and_free(worker_t* w, uint32_t* indices, uint32_t n) noexcept nogil:
    """Give back buffers that were never filled; their headers are stale."""
    cdef uint32_t i
    for i in range(n):
        get_buffer(w, indices[i]).flags = 0
    buffer_free(w.cache, indices, n)


cdef void keep(worker_t* w, pcap_writer_t* sink, buffer_t* b) noexcept nogil:
    """Append a transmitted packet, chain and all, to a capture."""
    writer_begin(sink, w.now_ns, buffer_length(b))
    writer_add(sink, buffer_current(b), b.current_length)
    while b.flags & BUFFER_NEXT_PRESENT:
        b = get_buffer(w, b.next_buffer)
        writer_add(sink, buffer_current(b), b.current_length)


cdef void transmit_frame(worker_t* w, feed_t* feed, frame_t* frame) noexcept nogil:
    """The wire's end: count, keep where somebody listens, give the buffers back."""
    cdef uint32_t i
    if feed.sink != NULL:
        for i in range(frame.n_vectors):
            keep(w, feed.sink, get_buffer(w, frame.indices[i]))
    w.n_transmitted += frame.n_vectors
    buffer_free(w.cache, frame.indices, frame.n_vectors)


cdef void detached_tx(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """NAME-tx of a device that prints nothing when it transmits."""
    transmit_frame(w, <feed_t*> node.main, frame)


cdef class Detached:
    """A device whose frames come from captures and go to captures."""

    cdef attach(self, Interface interface, uint32_t input_node):
        self.interface = interface
        self.feed.input_node = input_node
        self.feed.sw_if_index, self.feed.hw_if_index = interface.sw_if_index, interface.hw_if_index
        interface.device = self

    @property
    def input_node(self) -> int:
        """Number of the node that receives for it."""
        return self.feed.input_node

    cdef prepare(self, bytes name):
        """The device's own address, which cards look for, and the name of what comes, as pg-input prints it."""
        cdef bytes mac = self.interface.mac
        memcpy(self.feed.mac, <const char*> mac, 6)
        self.feed.name_length = min(len(name), 63)
        memcpy(self.feed.name, <const char*> name, self.feed.name_length)

    def load(self, Source source, str name):
        """Receive all frames of source in the next replay. name: what pg-input prints as the stream."""
        source.rewind()
        self.source = source
        self.feed.source = &source.state
        self.feed.loaded = False
        self.prepare(name.encode())

    def unload(self):
        """Forget the source. Raises CaptureError when it was broken; what came before was processed."""
        source, self.source = self.source, None
        self.feed.source = NULL
        if source is not None:
            source.check()

    def collect(self, PcapWriter sink):
        """Keep what leaves by this device from now on in sink; None to stop."""
        self.sink = sink
        self.feed.sink = NULL if sink is None else &sink.state
