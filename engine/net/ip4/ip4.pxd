"""State and error codes shared by the IPv4 nodes."""

from libc.stdint cimport uint16_t, uint32_t

from ...core.features cimport feature_arc_t
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
    uint16_t local_nexts[256]       # by protocol: next index of ip4-local; 0 for protocols nobody took
    uint16_t fragment_id            # of the last datagram that ip4-frag cut
    uint32_t load_balance_slot      # next index of ip4-load-balance in the nodes that skip ip4-lookup


cdef class Ip4:
    cdef ip4_main_t main
    cdef object graph
    cdef readonly object fib
    cdef readonly object profile
