"""UDP to the vswitch itself: which node takes which port."""

from libc.stdint cimport uint16_t, uint32_t

from ...core.graph cimport Graph

ctypedef struct udp_main_t:
    uint16_t nexts[65536]       # by destination port (host order): next index of ip4-udp-lookup, 0 for none


cdef class Udp:
    cdef udp_main_t* main
    cdef Graph graph
    cdef readonly dict ports    # {port: node}
