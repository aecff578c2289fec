"""Forwarding objects as the packet path sees them: tables, load-balances, adjacencies, receive objects.

A lookup gives the number of a load-balance; a bucket of it says which node is next and which object that node uses.
The control plane (config.py) decides what the objects hold; here stand their layouts and the reads of the packet path.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t

from ...core.buffer cimport SW_IF_INDEX_RX, SW_IF_INDEX_TX, buffer_t, likely
from ...core.counters cimport combined_counter_t
from ...core.graph cimport Graph
from ...tables.mtrie cimport mtrie_lookup, mtrie_t
from ...tables.pool cimport pool_t
from ..interface.interface cimport Interfaces, interface_main_t

cdef enum:
    NO_INTERFACE = 0xffffffffU
    REWRITE_ROOM = 24               # Ethernet header with two tags, rounded up to copy in words
    DROP_LOAD_BALANCE = 0           # what tables that do not exist lead to; no prefix has it

# dpo_t.type: what a bucket points to
cdef enum:
    DPO_DROP = 0
    DPO_PUNT = 1
    DPO_RECEIVE = 2                 # index of a receive_t
    DPO_ADJACENCY = 3               # index of an adjacency_t of any kind
    DPO_LOAD_BALANCE = 4            # index of another load_balance_t: recursive routes
    DPO_LOOKUP = 5                  # index of a table: look up the destination again

# adjacency_t.kind
cdef enum:
    ADJACENCY_GLEAN = 0             # a connected prefix: the neighbour is not known yet
    ADJACENCY_INCOMPLETE = 1        # a neighbour without MAC address
    ADJACENCY_COMPLETE = 2

# table's flow_hash_config
cdef enum:
    FLOW_HASH_SRC = 1
    FLOW_HASH_DST = 2
    FLOW_HASH_SPORT = 4
    FLOW_HASH_DPORT = 8
    FLOW_HASH_PROTO = 16
    FLOW_HASH_REVERSE = 32
    FLOW_HASH_DEFAULT = 31

ctypedef struct dpo_t:
    uint8_t type
    uint8_t reserved
    uint16_t next_index             # in ip4-lookup and ip4-load-balance
    uint32_t index                  # the object; what traces print as dpo-idx

# One cache line; most have one bucket and need no other
ctypedef struct load_balance_t:
    uint16_t n_buckets              # a power of two
    uint16_t n_buckets_minus_1
    uint32_t flow_hash_config
    dpo_t* buckets                  # &first, or n_buckets of them
    dpo_t first
    combined_counter_t to           # forwarded by it
    combined_counter_t via          # forwarded by it on behalf of other load-balances
    uint32_t urpf_index
    uint32_t reserved

# One cache line
ctypedef struct adjacency_t:
    uint32_t sw_if_index            # where it leaves
    uint32_t next_hop               # network order; 0 of a glean
    uint32_t source                 # network order: the address that asks for MAC addresses, 0 for none
    uint16_t output_slot            # next index of NAME-output: in ip4-rewrite; glean, incomplete: in their own nodes
    uint16_t mtu                    # longest IP packet, 0xffff for no check
    uint8_t kind
    uint8_t rewrite_length
    uint8_t pad[22]
    uint8_t rewrite[REWRITE_ROOM]   # right-aligned: ends where the IP header begins

ctypedef struct receive_t:
    uint32_t sw_if_index            # NO_INTERFACE for `via local`
    uint32_t address                # network order

ctypedef struct fib_main_t:
    pool_t adjacencies              # of adjacency_t
    pool_t load_balances            # of load_balance_t
    pool_t receives                 # of receive_t
    mtrie_t** tables                # by fib index
    uint32_t n_tables
    interface_main_t* interfaces


cdef inline load_balance_t* load_balance_at(fib_main_t* fm, uint32_t index) noexcept nogil:
    return &(<load_balance_t*> fm.load_balances.elements)[index]


cdef inline adjacency_t* adjacency_at(fib_main_t* fm, uint32_t index) noexcept nogil:
    return &(<adjacency_t*> fm.adjacencies.elements)[index]


cdef inline receive_t* receive_at(fib_main_t* fm, uint32_t index) noexcept nogil:
    return &(<receive_t*> fm.receives.elements)[index]


cdef inline uint32_t interface_fib_index(fib_main_t* fm, uint32_t sw_if_index) noexcept nogil:
    """Table of an interface."""
    return fm.interfaces.interfaces[sw_if_index].fib_index


cdef inline uint32_t buffer_fib_index(fib_main_t* fm, buffer_t* b) noexcept nogil:
    """Table a packet is looked up in: the one put into its TX field, else that of the receiving interface."""
    if likely(b.sw_if_index[SW_IF_INDEX_TX] == NO_INTERFACE, 1):
        return fm.interfaces.interfaces[b.sw_if_index[SW_IF_INDEX_RX]].fib_index
    return b.sw_if_index[SW_IF_INDEX_TX]


cdef inline uint32_t fib_lookup(fib_main_t* fm, uint32_t fib_index, uint32_t address) noexcept nogil:
    """Number of the load-balance of an address (network order); that of a drop if there is no such table."""
    if not likely(fib_index < fm.n_tables and fm.tables[fib_index] != NULL, 1):
        return DROP_LOAD_BALANCE
    return mtrie_lookup(fm.tables[fib_index], address)


cdef inline dpo_t* load_balance_bucket(load_balance_t* lb, uint32_t flow_hash) noexcept nogil:
    return &lb.buckets[flow_hash & lb.n_buckets_minus_1]


cdef inline bint fib_is_local(fib_main_t* fm, uint32_t fib_index, uint32_t address) noexcept nogil:
    """Whether the address (network order) is one of the vswitch's own in that table."""
    return load_balance_at(fm, fib_lookup(fm, fib_index, address)).first.type == DPO_RECEIVE


cdef inline bint fib_is_interface_address(fib_main_t* fm, uint32_t sw_if_index, uint32_t address) noexcept nogil:
    """Whether the address (network order) is one of that interface's own."""
    cdef dpo_t* dpo = &load_balance_at(fm, fib_lookup(fm, interface_fib_index(fm, sw_if_index), address)).first
    return dpo.type == DPO_RECEIVE and receive_at(fm, dpo.index).sw_if_index == sw_if_index


cdef uint32_t load_balance_interface(fib_main_t* fm, uint32_t index) noexcept nogil
cdef bint load_balance_uses(fib_main_t* fm, uint32_t index, uint32_t sw_if_index) noexcept nogil


cdef class Fib:
    cdef fib_main_t main
    cdef readonly Graph graph
    cdef readonly Interfaces interfaces
    cdef mtrie_t* used_table(self, uint32_t fib_index) except NULL
    cdef uint32_t free_table_slot(self) except? 0xffffffffU
    cdef load_balance_t* used_load_balance(self, uint32_t index) except NULL
    cdef adjacency_t* used_adjacency(self, uint32_t index) except NULL
