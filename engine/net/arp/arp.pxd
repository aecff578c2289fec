"""State of ARP on the packet path: the throttle of requests, and what was learned and waits for the control plane."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from ...core.buffer cimport buffer_t
from ...core.graph cimport Graph, node_t, worker_t
from ..fib.fib cimport Fib, adjacency_t, fib_main_t
from ..interface.interface cimport interface_main_t, interface_t

cdef enum:
    ETHERNET_HEADER = 14
    HARDWARE_ETHERNET = 1
    OPCODE_REQUEST = 1
    OPCODE_REPLY = 2
    MOST_LEARNED = 1024         # that can wait; more are learned when they speak again
    THROTTLE_WORDS = 8

ctypedef struct learned_t:
    uint32_t sw_if_index
    uint32_t address            # network order
    uint8_t mac[6]

# Which targets were asked for in the last millisecond: a bitmap by a hash of the address
ctypedef struct throttle_t:
    uint64_t cleared_ns
    uint32_t multiplier         # bit = (address * multiplier >> shift) & mask
    uint32_t shift
    uint32_t mask
    uint64_t bits[THROTTLE_WORDS]

# Addresses, host order and both included, that are answered for where an interface proxies
ctypedef struct proxy_range_t:
    uint32_t low
    uint32_t high
    uint32_t fib_index

ctypedef struct arp_main_t:
    fib_main_t* fib
    interface_main_t* interfaces
    throttle_t throttle
    uint32_t process            # the timer that takes over what was learned
    uint32_t n_learned
    learned_t learned[MOST_LEARNED]
    proxy_range_t* proxies
    uint32_t n_proxies


cdef uint32_t make_request(worker_t* w, arp_main_t* am, uint32_t sw_if_index, uint32_t source,
                           uint32_t target) noexcept nogil
cdef void put_ethernet(const interface_t* interface, buffer_t* b, const uint8_t* destination) noexcept nogil
cdef void learn(worker_t* w, arp_main_t* am, uint32_t sw_if_index, uint32_t address, const uint8_t* mac) noexcept nogil


cdef inline void throttle_tick(throttle_t* throttle, uint64_t now_ns) noexcept nogil:
    """Once a frame: forget all when a millisecond has passed."""
    cdef uint32_t i
    if now_ns - throttle.cleared_ns > 1000000:
        throttle.cleared_ns = now_ns
        for i in range(THROTTLE_WORDS):
            throttle.bits[i] = 0


cdef inline bint throttle_allows(throttle_t* throttle, uint32_t address) noexcept nogil:
    """Whether a target (as in memory) may be asked for; it then may not be for a millisecond."""
    cdef uint32_t bit = (address * throttle.multiplier >> throttle.shift) & throttle.mask
    cdef uint64_t one = <uint64_t> 1 << (bit & 63)
    cdef bint allowed = not throttle.bits[bit >> 6] & one
    throttle.bits[bit >> 6] |= one
    return allowed


cdef class ArpState:
    cdef arp_main_t main
    cdef readonly Graph graph
    cdef readonly Fib fib
