"""Interfaces as the packet path sees them: one struct each, by sw_if_index."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t

from ...core.features cimport Features
from ...core.counters cimport interface_counters_t
from ...core.graph cimport Graph, node_function_t, worker_t
from .vlans cimport vlans_t

cdef enum:
    INTERFACE_IN_USE = 1
    INTERFACE_ADMIN_UP = 2
    INTERFACE_L2 = 4            # frames go to l2-input instead of the L3 nodes
    INTERFACE_IP4 = 8           # has an IPv4 address, or borrows one
    INTERFACE_BVI = 16          # the loopback by which a bridge domain reaches L3
    INTERFACE_UNTAGGED = 32     # has a sub-interface that takes its untagged frames
    INTERFACE_PROXY_ARP = 64    # answers ARP for the proxied ranges

cdef enum:
    MOST_TAG_BYTES = 8

ctypedef struct interface_t:
    uint32_t sw_if_index
    uint32_t hw_if_index
    uint32_t flags
    uint32_t output_node        # node index of NAME-output
    uint32_t tx_node            # node index of NAME-tx
    uint32_t fib_index          # IPv4 table, by index
    uint32_t ip4_address        # first address, its own or borrowed, network order; 0 without any
    uint32_t address_owner      # sw_if_index of the interface whose addresses it uses: itself, or another
    uint32_t output_slot        # next index of NAME-output in interface-output
    uint32_t offloads           # OFFLOAD_*: what the device does itself, see net/offload
    uint16_t mtu                # L3, bytes; 0 means no check
    uint8_t mac[6]
    uint8_t tags[MOST_TAG_BYTES]    # what stands behind the MAC addresses of what leaves by it
    uint8_t n_tag_bytes
    vlans_t* vlans              # its sub-interfaces; NULL without any
    void* device                # the driver's own struct

ctypedef struct interface_main_t:
    interface_t* interfaces     # by sw_if_index
    uint32_t n_interfaces       # slots, also of deleted ones


cdef inline interface_t* interface_at(interface_main_t* im, uint32_t sw_if_index) noexcept nogil:
    return &im.interfaces[sw_if_index]


cdef class Interface:
    # the control plane's view; attributes mirror interface_t
    cdef readonly str name
    cdef readonly str kind              # "local", "tap", "physical", "pg", "loopback", ...
    cdef readonly uint32_t sw_if_index
    cdef readonly uint32_t hw_if_index
    cdef readonly bytes mac
    cdef readonly bint admin_up
    cdef readonly bint link_up
    cdef readonly uint32_t mtu          # L3
    cdef public uint32_t fib_index
    cdef public list addresses          # (address text, length), first one first
    cdef readonly Interface borrows     # unnumbered: the interface whose addresses it uses
    cdef readonly str input_node        # node that receives for it, "" for none
    cdef readonly bint l2               # frames go to the bridge
    cdef readonly bint bvi
    cdef readonly bint proxy_arp        # answers ARP for the proxied ranges
    cdef readonly Interface parent      # of a sub-interface, otherwise None
    cdef readonly object match          # of a sub-interface: its SubMatch
    cdef readonly bytes tags            # what stands behind the MAC addresses of what leaves by it
    cdef public object device           # the driver's Python object


cdef class Interfaces:
    cdef interface_main_t main
    cdef Graph graph
    cdef Features features
    cdef readonly list by_index         # Interface or None, by sw_if_index
    cdef readonly dict by_name
    cdef list free_indices
    cdef list free_hw_indices
    cdef list observers
    cdef list free_nodes                # (output node, tx node) names of deleted interfaces, last freed last
    cdef set_offloads(self, Interface interface, uint32_t offloads)
    cdef interface_t* c_interface(self, uint32_t sw_if_index) noexcept
    cdef Interface create(self, str name, str kind, bytes mac, bint link_up, uint32_t mtu, str input_node,
                          node_function_t tx, void* device, object tx_format)
    cdef add(self, Interface interface)
    cdef uint32_t* sub_place(self, Interface parent, object match) except NULL
    cdef reserve(self, uint32_t sw_if_index)
    cdef reserve_counters(self, worker_t* w, uint32_t n, uint32_t wanted)
    cdef void sum_counters(self, uint32_t sw_if_index, interface_counters_t* total) noexcept
    cdef make_nodes(self, Interface interface, node_function_t tx, void* device, object tx_format)
