"""Frames from one device's transmit side into another device's input node."""

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memmove

from ..core.graph cimport Graph
from .feed cimport Detached, feed_load, feed_t, receive
from .pcap.source cimport RECORD_HEADER, SOURCE_FRAME, source_advance, source_t
from .pcap.writer cimport PcapWriter, pcap_writer_t, writer_add, writer_begin


cdef void swap_memory(wire_t* wire) noexcept nogil:
    """What waited arrives now, and what the receiver sends meanwhile waits in the other memory."""
    cdef pcap_writer_t* leaving = wire.leaving
    cdef pcap_writer_t* arriving = wire.arriving
    cdef uint8_t* memory = arriving.buffer
    cdef size_t size = arriving.size
    arriving.buffer, arriving.size, arriving.used = leaving.buffer, leaving.size, leaving.used
    leaving.buffer, leaving.size, leaving.used, leaving.count = memory, size, 0, 0


cdef void rewind(wire_t* wire) noexcept nogil:
    wire.source.at = wire.arriving.buffer
    wire.source.end = wire.arriving.buffer + wire.arriving.used


cdef void inspect(wire_t* wire) noexcept nogil:
    """Show every frame to who listens, and take out those too long for a record, which would arrive cut."""
    cdef source_t* source = &wire.source
    cdef uint8_t* kept = wire.arriving.buffer
    cdef uint32_t n
    rewind(wire)
    while source_advance(source) == SOURCE_FRAME:
        n = source.frame.captured
        if wire.capture != NULL:
            writer_begin(wire.capture, source.frame.time, source.frame.original)
            writer_add(wire.capture, source.frame.data, n)
        if n == source.frame.original:
            if kept != source.frame.data - RECORD_HEADER:
                memmove(kept, source.frame.data - RECORD_HEADER, RECORD_HEADER + n)
            kept += RECORD_HEADER + n
    wire.arriving.used = kept - wire.arriving.buffer
    rewind(wire)


cdef void deliver(wire_t* wire, uint32_t budget) noexcept nogil:
    """Let all that waits be received, up to `budget` frames a turn, and run to its end in the receiving engine."""
    cdef feed_t* feed = wire.feed
    cdef source_t* capture = feed.source        # a capture may enter by the same interface
    cdef bint loaded = feed.loaded
    cdef int status = feed.status
    cdef uint64_t before = wire.receiver.n_received
    wire.n_sent += wire.leaving.count
    swap_memory(wire)
    inspect(wire)
    if not wire.up:
        return
    feed.source, feed.loaded = &wire.source, False
    while feed_load(feed):
        receive(wire.receiver, feed, budget)
    feed.source, feed.loaded, feed.status = capture, loaded, status
    wire.n_received += wire.receiver.n_received - before


cdef void cut(wire_t* wire) noexcept nogil:
    """Lose what waits; it counts as sent."""
    wire.n_sent += wire.leaving.count
    wire.leaving.used = wire.leaving.count = 0


cdef wire_t* wires_settle(wire_t** wires, uint32_t n_wires, uint64_t limit, uint32_t budget) noexcept nogil:
    """Let frames cross until none waits. After `limit` of them all wires are cut, and that in use is returned."""
    cdef uint32_t i, k
    cdef uint64_t waiting
    cdef bint busy = True
    while busy:
        busy = False
        for i in range(n_wires):
            waiting = wires[i].leaving.count
            if waiting > limit:
                for k in range(n_wires):
                    cut(wires[k])
                return wires[i]
            if waiting:
                busy = True
                limit -= waiting
                deliver(wires[i], budget)
    return NULL


cdef class Wire:
    """One direction of a cable.

    name: how messages call it. sender: the device whose transmitted frames cross. graph, receiver: where they
    arrive. It works between plug() and unplug(), for one replay. Frames of more than 65535 bytes are lost, as
    are those to an interface that is down, or that find no buffer: sent - received.
    """

    def __cinit__(self, str name, Detached sender, Graph graph, Detached receiver):
        self.name, self.sender, self.graph, self.receiver = name, sender, graph, receiver
        self.leaving, self.arriving = PcapWriter(nanoseconds=True), PcapWriter(nanoseconds=True)
        self.leaving.state.used = 0             # no file header: records are all there is
        self.state.leaving, self.state.arriving = &self.leaving.state, &self.arriving.state
        self.state.source.tick = 1
        self.state.receiver, self.state.feed = graph.worker, &receiver.feed

    def plug(self):
        """Stand between the sender and who listened to it, who sees all the same what leaves."""
        self.capture = self.sender.sink
        self.state.capture = NULL if self.capture is None else &self.capture.state
        self.state.up = self.receiver.interface.admin_up
        self.receiver.prepare(b"wire")
        self.sender.collect(self.leaving)

    def unplug(self):
        """Take the wire away, with whoever listened. Raises OSError when memory was short for what crossed."""
        self.sender.collect(None)
        self.leaving.flush()

    @property
    def sent(self) -> int:
        """Frames that entered the wire."""
        return self.state.n_sent

    @property
    def received(self) -> int:
        """Frames that the far interface received."""
        return self.state.n_received
