"""Counters of interfaces; those of errors hang off the worker (graph.pxd)."""

from libc.stdint cimport uint32_t, uint64_t

ctypedef struct combined_counter_t:
    uint64_t packets
    uint64_t bytes

# One cache line and a half per interface and worker; names as `show interface` prints them
ctypedef struct interface_counters_t:
    combined_counter_t rx
    combined_counter_t tx
    uint64_t drops
    uint64_t punt
    uint64_t ip4
    uint64_t ip6
    uint64_t rx_no_buf
    uint64_t rx_miss
    uint64_t rx_error
    uint64_t tx_error
