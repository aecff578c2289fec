"""Feeding frames of a capture into the graph, and keeping those that leave: what all detached devices share.

A detached device has no kernel interface behind it. Replay hands it a source; its input node (virtio-input,
dpdk-input, pg-input) takes frames from there exactly as it would from a ring.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from ..core.buffer cimport buffer_t
from ..core.clock cimport read_tsc
from ..core.graph cimport account, dispatch_pending, frame_t, node_t, worker_t
from ..net.interface.interface cimport Interface, interface_t
from .pcap.source cimport Source, source_t
from .pcap.writer cimport PcapWriter, pcap_writer_t

ctypedef struct feed_t:
    source_t* source            # what is received next; NULL outside a replay
    bint loaded                 # source.frame holds a frame that is not in the graph yet
    int status                  # SOURCE_*: what the last source_advance() said
    uint32_t input_node         # node index of the node that receives for this device
    uint32_t sw_if_index
    uint32_t hw_if_index
    uint8_t mac[6]
    pcap_writer_t* sink         # where transmitted frames go; NULL: they are counted only
    uint32_t name_length
    char name[64]               # of what is replayed, as pg-input prints it

ctypedef struct feed_main_t:
    # state of one input node: which device it serves in this call, and how many frames it may take
    feed_t* feed
    uint32_t budget
    void* interfaces            # interface_main_t, for nodes that ask it

cdef uint32_t feed_frame(worker_t* w, node_t* node, feed_t* feed, uint32_t budget, uint32_t* indices) noexcept nogil
cdef bint feed_load(feed_t* feed) noexcept nogil
cdef void keep(worker_t* w, pcap_writer_t* sink, buffer_t* b) noexcept nogil
cdef void transmit_frame(worker_t* w, feed_t* feed, frame_t* frame) noexcept nogil
cdef void detached_tx(worker_t* w, node_t* node, frame_t* frame) noexcept nogil


cdef inline void receive(worker_t* w, feed_t* feed, uint32_t budget) noexcept nogil:
    """One turn of an input node for one device, and all that follows from it."""
    cdef node_t* node = &w.nodes[feed.input_node]
    cdef feed_main_t* fm = <feed_main_t*> node.main
    cdef uint64_t before = read_tsc(), received = w.n_received
    fm.feed, fm.budget = feed, budget
    node.function(w, node, NULL)
    received = w.n_received - received
    account(node, <uint32_t> received, read_tsc() - before)
    dispatch_pending(w)


cdef class Detached:
    # a device without a kernel interface
    cdef feed_t feed
    cdef readonly Interface interface
    cdef Source source
    cdef PcapWriter sink
    cdef attach(self, Interface interface, uint32_t input_node)
    cdef prepare(self, bytes name)
