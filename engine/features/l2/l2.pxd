"""What the bridge's nodes and its control plane share: interfaces on the L2 path, domains, MAC addresses.

Words are VPP's: a *domain* is a bridge domain, named on the packet path by its bd_index; the *BVI* is the loopback by
which a domain reaches the L3 nodes; *shg* is a split-horizon group. The features a frame meets are a bitmap: the
highest bit comes first, and every feature node hands on to the node of the highest bit that is left.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from ...core.buffer cimport buffer_t
from ...core.graph cimport Graph, frame_t, node_function_t, node_t, worker_t
from ...net.interface.interface cimport Interfaces, interface_main_t
from ...tables.bihash cimport bihash_t

cdef enum:
    N_FEATURES = 32
    FEATURE_DROP = 1            # bit 0 of the input features: what is left when nobody wants the frame
    FEATURE_OUTPUT = 1          # bit 0 of the output features: the interface itself
    ETHERNET_HEADER = 14
    NO_DOMAIN = 0               # bd_index of the default domain, which forwards nothing

cdef enum:
    TX_FROM_BVI = 0xfffffffeU   # sw_if_index[TX] of a frame that a BVI gives to its domain

# l2_interface_t.mode
cdef enum:
    MODE_L3 = 0
    MODE_BRIDGE = 1
    MODE_XCONNECT = 2

# l2_entry_t.flags
cdef enum:
    ENTRY_STATIC = 1            # provisioned, and stays where it is
    ENTRY_AGE_NOT = 2           # provisioned: neither ages nor goes when its interface is flushed
    ENTRY_BVI = 4
    ENTRY_FILTER = 8            # frames from and to it are dropped

# The value of a MAC address in the table, as one word
ctypedef struct l2_entry_t:
    uint32_t sw_if_index
    uint8_t flags
    uint8_t timestamp           # minutes of the engine's clock, when it was last learned
    uint16_t sn                 # sequence numbers when it was learned: low byte the interface's, high the domain's

ctypedef union l2_value_t:
    l2_entry_t entry
    uint64_t word

# A tag rewrite: bytes taken off behind the MAC addresses, and bytes put there
ctypedef struct l2_rewrite_t:
    uint8_t pop
    uint8_t push
    uint8_t tags[8]

ctypedef struct l2_interface_t:
    uint32_t input_features     # what the interface lets
    uint32_t features           # and its domain too
    uint32_t output_features
    uint32_t peer               # of a cross connect
    uint16_t bd_index
    uint16_t output_next        # of l2-output: the interface's output node
    uint8_t mode
    uint8_t shg
    uint8_t sn                  # goes up whenever it joins a domain and whenever it is flushed
    uint8_t is_bvi
    uint8_t efp_filter          # output is checked against the sub-interface's own tags
    uint8_t n_tags              # of the sub-interface
    uint16_t outer_id
    uint16_t inner_id
    l2_rewrite_t input_rewrite
    l2_rewrite_t output_rewrite
    uint32_t tables[2][3]       # classifier tables by direction (1 is input) and what is in the frame

ctypedef struct l2_member_t:
    uint32_t sw_if_index
    uint8_t shg
    uint8_t is_bvi

ctypedef struct l2_domain_t:
    uint32_t features           # bits of what the domain has turned off are 0
    uint32_t n_members
    l2_member_t* members        # BVI first, then interfaces, then tunnels: floods go from the end
    uint8_t sn                  # goes up whenever it is flushed
    uint8_t mac_age             # minutes, 0 for no ageing
    uint8_t in_use

# The bits that nodes clear or ask for; which they are is the profile's
ctypedef struct l2_bits_t:
    uint32_t forward
    uint32_t flood
    uint32_t unknown_flood
    uint32_t unknown_forward    # 0 where the release has none
    uint32_t arp_term
    uint32_t learn
    uint32_t rewrite
    uint32_t classify
    uint32_t output_classify
    uint32_t efp_filter

ctypedef struct l2_main_t:
    l2_bits_t bits
    bihash_t macs               # MAC address and bd_index to l2_value_t
    bihash_t arp                # IPv4 address and bd_index to a MAC address: answers given for others
    l2_interface_t* interfaces  # by sw_if_index
    uint32_t n_interfaces
    uint32_t n_domains
    l2_domain_t* domains        # by bd_index
    interface_main_t* hardware
    uint32_t n_learned
    uint32_t learn_limit

# node.main of every node here
ctypedef struct l2_node_t:
    l2_main_t* main
    uint16_t nexts[N_FEATURES]  # by feature bit


ctypedef struct l2_trace_t:
    uint32_t sw_if_index
    uint16_t bd_index
    uint8_t data[26]


cdef void trace_frame_of(worker_t* w, node_t* node, buffer_t* b, int which) noexcept nogil
cdef void trace_frames(worker_t* w, node_t* node, frame_t* frame, int which) noexcept nogil


cdef extern from *:
    int count_leading_zeros "__builtin_clz"(uint32_t word) noexcept nogil


cdef inline uint16_t feature_slot(const uint16_t* nexts, uint32_t features) noexcept nogil:
    """Next index of the first of the features; there is at least one."""
    return nexts[31 - count_leading_zeros(features | FEATURE_DROP)]


cdef inline uint16_t next_feature(const uint16_t* nexts, buffer_t* b, uint32_t done) noexcept nogil:
    """Next index of the feature behind the one whose bit is `done`."""
    b.u.l2.feature_bitmap &= ~done
    return feature_slot(nexts, b.u.l2.feature_bitmap)


cdef inline uint64_t mac_key(const uint8_t* mac, uint16_t bd_index) noexcept nogil:
    """Key of a MAC address in a domain."""
    cdef uint32_t low
    cdef uint16_t high
    memcpy(&low, mac, 4)
    memcpy(&high, mac + 4, 2)
    return low | <uint64_t> high << 32 | <uint64_t> bd_index << 48


cdef inline uint64_t arp_key(uint32_t address, uint16_t bd_index) noexcept nogil:
    """Key of an IPv4 address, network order, in a domain."""
    return address | <uint64_t> bd_index << 32


cdef inline uint8_t minutes_of(uint64_t now_ns) noexcept nogil:
    return <uint8_t> (now_ns // 60000000000U)


cdef class L2State:
    cdef l2_main_t main
    cdef readonly Graph graph
    cdef readonly Interfaces interfaces
    cdef readonly object profile
    cdef list nodes             # what keeps the l2_node_t of each node alive
    cdef uint32_t process_index
    cdef register_node(self, str name, node_function_t function, bint is_input, tuple declared, tuple errors,
                       object trace_format, tuple behind=*)
    cdef clear(self, l2_interface_t* interface)
    cdef l2_interface_t* interface(self, uint32_t sw_if_index) except NULL
    cdef l2_domain_t* domain(self, uint32_t bd_index) except NULL
