"""A wire: what one interface transmits, another one receives, of the same engine or of another in the process.

Transmitted frames wait in memory as pcap records, which is how a replay's captures are read; so crossing a
wire is what entering from a capture is, and needs no Python. A cable is two wires, one each way.
"""

from libc.stdint cimport uint32_t, uint64_t

from ..core.graph cimport Graph, worker_t
from .feed cimport Detached, feed_t
from .pcap.source cimport source_t
from .pcap.writer cimport PcapWriter, pcap_writer_t

ctypedef struct wire_t:
    pcap_writer_t* leaving      # the sending device's sink
    pcap_writer_t* arriving     # what the receiver takes in meanwhile: both may be one engine
    pcap_writer_t* capture      # who else wants to see what crosses; NULL for nobody
    source_t source             # over `arriving`
    worker_t* receiver
    feed_t* feed                # the receiving device's
    bint up                     # whether that one receives at all
    uint64_t n_sent
    uint64_t n_received         # the others found the interface down, no buffer, or were too long

cdef wire_t* wires_settle(wire_t** wires, uint32_t n_wires, uint64_t limit, uint32_t budget) noexcept nogil


cdef class Wire:
    cdef wire_t state
    cdef readonly str name
    cdef readonly Detached sender
    cdef readonly Detached receiver
    cdef Graph graph
    cdef PcapWriter leaving
    cdef PcapWriter arriving
    cdef PcapWriter capture
