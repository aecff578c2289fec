"""Tunnels as the nodes see them, and the header that goes in front of a frame (RFC 7348)."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from ...core.graph cimport Graph
from ...net.fib.fib cimport Fib, fib_main_t
from ...net.interface.interface cimport Interfaces
from ...tables.bihash cimport bihash_t
from ...tables.pool cimport pool_t
from ...wire.headers cimport ip4_header_t, udp_header_t

cdef enum:
    VXLAN_FLAGS = 0x08          # the vni is valid; nothing else may be set
    NO_TUNNEL = 0xffffffffU

ctypedef packed struct vxlan_header_t:
    uint8_t flags
    uint8_t reserved[3]
    uint32_t vni_reserved       # vni in the upper three bytes

# All that goes in front of a frame: 36 bytes
ctypedef packed struct outer_t:
    ip4_header_t ip
    udp_header_t udp
    vxlan_header_t vxlan

ctypedef struct vxlan_tunnel_t:
    outer_t outer               # with lengths and source port 0, and the checksum of that
    uint16_t encap_next         # of vxlan4-encap, and the object that node takes
    uint16_t decap_next         # of vxlan4-input
    uint32_t encap_index
    uint32_t sw_if_index
    uint32_t vni
    uint64_t key[2]             # what arrives by it has: see outer_key

ctypedef struct vxlan_main_t:
    bihash_t by_key             # key of two words to index
    pool_t tunnels              # of vxlan_tunnel_t
    uint32_t* by_interface      # by sw_if_index: index, NO_TUNNEL for none
    uint32_t n_interfaces
    fib_main_t* fib


cdef inline vxlan_tunnel_t* tunnel_at(vxlan_main_t* m, uint32_t index) noexcept nogil:
    return &(<vxlan_tunnel_t*> m.tunnels.elements)[index]


cdef inline void outer_key(uint64_t* key, uint32_t local, uint32_t remote, uint32_t fib_index,
                           uint32_t vni) noexcept nogil:
    """Key of a tunnel: its two ends (network order), the table and the vni."""
    key[0] = local | <uint64_t> remote << 32
    key[1] = vni | <uint64_t> fib_index << 32


cdef class VxlanState:
    cdef vxlan_main_t main
    cdef readonly Graph graph
    cdef readonly Interfaces interfaces
    cdef readonly Fib fib
    cdef readonly object profile
    cdef vxlan_tunnel_t* tunnel(self, uint32_t index) except NULL
    cdef set_owner(self, uint32_t sw_if_index, uint32_t index)
