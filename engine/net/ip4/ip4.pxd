"""State, error codes and helpers shared by the IPv4 nodes."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from ...core.buffer cimport SW_IF_INDEX_TX, buffer_t
from ...core.features cimport Features, arc_has_features, feature_arc_t
from ...core.graph cimport NO_INDEX, Graph, frame_t, node_t, worker_t
from ...wire.headers cimport ip4_header_t
from ..fib.fib cimport Fib, fib_main_t
from ..interface.interface cimport interface_main_t

# Error codes of ip4-input's family, which most IPv4 nodes share
cdef enum:
    IP4_ERROR_NONE = 0
    IP4_ERROR_TOO_SHORT = 1
    IP4_ERROR_BAD_LENGTH = 2
    IP4_ERROR_BAD_CHECKSUM = 3
    IP4_ERROR_VERSION = 4
    IP4_ERROR_OPTIONS = 5
    IP4_ERROR_FRAGMENT_OFFSET_ONE = 6
    IP4_ERROR_TIME_EXPIRED = 7
    IP4_ERROR_MTU_EXCEEDED = 8
    IP4_ERROR_DST_LOOKUP_MISS = 9
    IP4_ERROR_SRC_LOOKUP_MISS = 10
    IP4_ERROR_DROP = 11
    IP4_ERROR_PUNT = 12
    IP4_ERROR_SAME_INTERFACE = 13
    IP4_ERROR_UNKNOWN_PROTOCOL = 14
    IP4_ERROR_TCP_CHECKSUM = 15
    IP4_ERROR_UDP_CHECKSUM = 16
    IP4_ERROR_UDP_LENGTH = 17
    IP4_ERROR_UNICAST_SOURCE_CHECK = 18
    IP4_ERROR_SPOOFED_LOCAL = 19
    IP4_ERROR_INACL_TABLE_MISS = 20
    IP4_ERROR_INACL_SESSION_DENY = 21
    IP4_ERROR_OUTACL_TABLE_MISS = 22
    IP4_ERROR_OUTACL_SESSION_DENY = 23
    IP4_ERROR_RPF_FAILURE = 24
    IP4_ERROR_REASS_DUPLICATE = 25
    IP4_ERROR_REASS_LIMIT = 26
    IP4_ERROR_REASS_TIMEOUT = 27

ctypedef struct ip4_main_t:
    fib_main_t* fib
    interface_main_t* interfaces
    feature_arc_t* unicast
    feature_arc_t* multicast
    feature_arc_t* output
    feature_arc_t* local
    uint16_t local_nexts[256]       # by protocol: next index of ip4-local
    uint16_t local_fragment_next    # where ip4-local sends fragments
    bint source_verdict_sticks      # ip4-local: of packets of one source the first decides
    uint16_t fragment_id            # of the last datagram that ip4-frag cut
    uint32_t random_seed            # of the identifications of packets made here


# Where packets go that begin an arc on one interface: loaded once for a run of them
ctypedef struct arc_entry_t:
    uint32_t config_index           # for the buffer: the place behind the first feature's
    uint16_t next_index
    uint8_t arc_index


cdef inline arc_entry_t arc_entry(worker_t* w, feature_arc_t* arc, uint32_t sw_if_index,
                                  uint16_t default_next) noexcept nogil:
    """What arc_start does for a packet of that interface, as values."""
    cdef arc_entry_t entry
    entry.arc_index, entry.config_index, entry.next_index = arc.arc_index, 0, default_next
    if arc_has_features(arc, sw_if_index):
        entry.config_index = arc.config_index[sw_if_index] + 1
        entry.next_index = <uint16_t> w.feature_config[entry.config_index - 1]
    return entry


cdef void trace_headers(worker_t* w, node_t* node, frame_t* frame) noexcept nogil
cdef void trace_forward(fib_main_t* fm, worker_t* w, node_t* node, frame_t* frame) noexcept nogil
cdef uint64_t chain_sum(worker_t* w, buffer_t* b, uint32_t skip, uint32_t length) noexcept nogil


cdef inline void set_icmp_error(buffer_t* b, int kind, int code, uint32_t data) noexcept nogil:
    """What ip4-icmp-error will say of the packet; data: the last 32 bits of the ICMP header, network order."""
    b.u.icmp.type, b.u.icmp.code, b.u.icmp.data = kind, code, data
    b.sw_if_index[SW_IF_INDEX_TX] = NO_INDEX


cdef class Ip4:
    cdef ip4_main_t main
    cdef readonly Graph graph
    cdef readonly Features features
    cdef readonly Fib fib
    cdef readonly object profile
