"""Listening to packets at the places the core offers, and writing them to a pcap file."""

cimport cython
from libc.stdint cimport int16_t, uint8_t, uint32_t, uint64_t

from ...core.bpf cimport PacketFilter, bpf_insn_t, bpf_run
from ...core.buffer cimport (
    BUFFER_HEADROOM,
    BUFFER_L2_HDR_OFFSET_VALID,
    BUFFER_NEXT_PRESENT,
    SW_IF_INDEX_RX,
    buffer_current,
    buffer_data,
    buffer_length,
    buffer_t,
)
from ...core.capture cimport CAPTURE_DROP
from ...core.graph cimport NO_INDEX, Graph, get_buffer, worker_t
from ..pcap.writer cimport PcapWriter, pcap_writer_t, writer_add, writer_begin

PLACES = ("rx", "tx", "drop")        # by CAPTURE_*

cdef enum:
    N_PLACES = 3

ctypedef struct listener_t:
    pcap_writer_t* sink
    uint64_t max_packets
    uint32_t sw_if_index            # NO_INDEX: any
    const bpf_insn_t* filter        # NULL: all


cdef void keep(worker_t* w, listener_t* listener, buffer_t* b, int16_t start) noexcept nogil:
    """Write the packet that begins at offset `start` of the buffer's data, if the filter lets it."""
    cdef const uint8_t* data = buffer_data(b) + start
    cdef uint32_t first = b.current_length + b.current_data - start
    cdef uint32_t length = buffer_length(b) + b.current_data - start
    if listener.filter != NULL and bpf_run(listener.filter, data, first, length) == 0:
        return
    writer_begin(listener.sink, w.now_ns, length)
    writer_add(listener.sink, data, first)
    while b.flags & BUFFER_NEXT_PRESENT:
        b = get_buffer(w, b.next_buffer)
        writer_add(listener.sink, buffer_current(b), b.current_length)


cdef bint is_full(worker_t* w, listener_t* listener) noexcept nogil:
    """True when the listener has all it wanted; it listens no more then."""
    if listener.sink.count < listener.max_packets:
        return False
    leave(w, listener)
    return True


cdef void leave(worker_t* w, listener_t* listener) noexcept nogil:
    cdef uint32_t i
    for i in range(N_PLACES):
        if w.captures[i].main == listener:
            w.captures[i].take = NULL
            w.captures[i].main = NULL


cdef void take_passing(worker_t* w, void* main, uint32_t sw_if_index, const uint32_t* indices,
                       uint32_t n) noexcept nogil:
    """Packets of one interface, on the wire's side of it."""
    cdef listener_t* listener = <listener_t*> main
    cdef uint32_t i
    cdef buffer_t* b
    if listener.sw_if_index != NO_INDEX and listener.sw_if_index != sw_if_index:
        return
    for i in range(n):
        if is_full(w, listener):
            return
        b = get_buffer(w, indices[i])
        keep(w, listener, b, b.current_data)


cdef int16_t frame_start(buffer_t* b) noexcept nogil:
    """Where a packet that was dropped on its way began: at its Ethernet header, or where it was received.

    As in VPP; what a node made itself, without an Ethernet header, may show what was in the buffer before.
    """
    cdef int16_t start = b.l2_hdr_offset if b.flags & BUFFER_L2_HDR_OFFSET_VALID else 0
    return b.current_data if start > b.current_data or start < -BUFFER_HEADROOM else start


cdef void take_dropped(worker_t* w, void* main, uint32_t sw_if_index, const uint32_t* indices,
                       uint32_t n) noexcept nogil:
    """Packets at their end, of any interface."""
    cdef listener_t* listener = <listener_t*> main
    cdef uint32_t i
    cdef buffer_t* b
    for i in range(n):
        if is_full(w, listener):
            return
        b = get_buffer(w, indices[i])
        if listener.sw_if_index == NO_INDEX or listener.sw_if_index == b.sw_if_index[SW_IF_INDEX_RX]:
            keep(w, listener, b, frame_start(b))


@cython.no_gc_clear         # the graph must be there when __dealloc__ takes the hooks off it
cdef class Listener:
    """One pcap trace, from the moment it is made until close() or its last packet.

    places: of "rx", "tx", "drop". path: the file, made anew. max_bytes: of a packet that are kept. sw_if_index: the
    interface, None for any; of a dropped packet the one it came in by. filter: only what it matches.
    Raises OSError when the file cannot be made. Nobody may listen at these places already.
    """

    cdef Graph graph
    cdef listener_t listener
    cdef PcapWriter sink
    cdef readonly PacketFilter filter
    cdef readonly tuple places

    def __cinit__(self, Graph graph, tuple places, path, uint64_t max_packets, uint32_t max_bytes, sw_if_index=None,
                  PacketFilter filter=None):
        cdef uint32_t place
        self.graph, self.places, self.filter = graph, places, filter
        self.sink = PcapWriter(path, snaplen=max_bytes)
        self.listener.sink = &self.sink.state
        self.listener.max_packets = max_packets
        self.listener.sw_if_index = NO_INDEX if sw_if_index is None else sw_if_index
        self.listener.filter = NULL if filter is None else filter.code
        for place in range(N_PLACES):
            if PLACES[place] in places:
                graph.worker.captures[place].main = &self.listener
                graph.worker.captures[place].take = take_dropped if place == CAPTURE_DROP else take_passing

    def __dealloc__(self):
        if self.graph is not None:          # None when the file could not be made
            leave(self.graph.worker, &self.listener)

    @property
    def path(self) -> str:
        return self.sink.name

    @property
    def count(self) -> int:
        """Packets captured so far."""
        return self.sink.count

    @property
    def max_packets(self) -> int:
        return self.listener.max_packets

    @property
    def sw_if_index(self):
        """The interface it is about, None for any."""
        return None if self.listener.sw_if_index == NO_INDEX else self.listener.sw_if_index

    def stop(self):
        """Listen no more."""
        leave(self.graph.worker, &self.listener)

    def flush(self):
        """Bring what was captured into the file. Raises OSError when it could not be written."""
        self.sink.flush()

    def close(self):
        """Stop, and end the file. Raises OSError when it could not be written."""
        self.stop()
        self.sink.close()
