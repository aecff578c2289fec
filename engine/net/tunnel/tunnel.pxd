"""Tunnels over UDP as the nodes see them: the headers that go in front of a frame, and how a packet finds its tunnel.

VXLAN (RFC 7348) and Geneve (RFC 8926) without options have headers of one shape; what differs stands in their rooms.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from ...core.buffer cimport SW_IF_INDEX_RX, buffer_advance, buffer_current, buffer_length, buffer_t
from ...core.graph cimport Graph, node_t, worker_t
from ...tables.bihash cimport bihash_hash, bihash_search, bihash_t
from ...tables.pool cimport pool_t
from ...wire.headers cimport ip4_header_t, swap32, udp_header_t
from ..fib.fib cimport Fib, buffer_fib_index, fib_main_t
from ..interface.interface cimport Interfaces

cdef enum:
    NO_TUNNEL = 0xffffffffU
    OUTER_BEFORE = sizeof(ip4_header_t) + sizeof(udp_header_t)

ctypedef packed struct tunnel_header_t:
    uint32_t flags              # and what else a protocol has in its first word
    uint32_t vni_reserved       # vni in the upper three bytes

# All that goes in front of a frame: 36 bytes
ctypedef packed struct outer_t:
    ip4_header_t ip
    udp_header_t udp
    tunnel_header_t tunnel

ctypedef struct tunnel_t:
    outer_t outer               # with lengths 0 and the checksum of that; the source port if it is fixed, else 0
    uint16_t port_mask          # of the flow's hash: what of it goes into the source port
    uint16_t encap_next         # of the encapsulating node, and the object that node takes
    uint16_t decap_next         # of the input node
    bint routed                 # frames come from ip4-rewrite, not from a bridge
    uint32_t encap_index
    uint32_t sw_if_index
    uint32_t vni
    uint64_t key[2]             # what arrives by it has: see outer_key

ctypedef struct tunnel_main_t:
    bihash_t by_key             # key of two words to index
    pool_t tunnels              # of tunnel_t
    uint32_t* by_interface      # by sw_if_index: index, NO_TUNNEL for none
    uint32_t n_interfaces
    uint32_t n_routed           # tunnels with routed set
    fib_main_t* fib

# The tunnel of the packet before: most packets of a frame have the same
ctypedef struct last_tunnel_t:
    uint64_t key[2]
    uint32_t index

ctypedef struct decap_trace_t:
    uint32_t tunnel             # NO_TUNNEL: none takes it
    uint32_t vni
    uint32_t next_index
    uint32_t error


cdef inline tunnel_t* tunnel_at(tunnel_main_t* m, uint32_t index) noexcept nogil:
    return &(<tunnel_t*> m.tunnels.elements)[index]


cdef inline uint32_t tunnel_of_interface(tunnel_main_t* m, uint32_t sw_if_index) noexcept nogil:
    return m.by_interface[sw_if_index] if sw_if_index < m.n_interfaces else <uint32_t> NO_TUNNEL


cdef inline void outer_key(uint64_t* key, uint32_t local, uint32_t remote, uint32_t fib_index,
                           uint32_t vni) noexcept nogil:
    """Key of a tunnel: its two ends (network order), the table and the vni."""
    key[0] = local | <uint64_t> remote << 32
    key[1] = vni | <uint64_t> fib_index << 32


cdef inline void no_tunnel_yet(last_tunnel_t* last) noexcept nogil:
    last.key[0] = last.key[1] = 0
    last.index = NO_TUNNEL


cdef inline uint32_t header_vni(buffer_t* b) noexcept nogil:
    """The vni of a packet that begins at its tunnel header; rubbish, but no harm, if it is cut short."""
    return swap32((<tunnel_header_t*> buffer_current(b)).vni_reserved) >> 8


cdef inline uint32_t tunnel_of(tunnel_main_t* m, last_tunnel_t* last, buffer_t* b, uint32_t vni) noexcept nogil:
    """Index of the tunnel by which a packet came that begins at its tunnel header; NO_TUNNEL for none."""
    cdef ip4_header_t* ip = <ip4_header_t*> (buffer_current(b) - OUTER_BEFORE)
    cdef uint64_t key[2]
    cdef uint64_t index = NO_TUNNEL
    outer_key(key, ip.dst, ip.src, buffer_fib_index(m.fib, b), vni)
    if key[0] != last.key[0] or key[1] != last.key[1]:
        bihash_search(&m.by_key, key, bihash_hash(key, 2), 2, &index)
        last.key[0], last.key[1], last.index = key[0], key[1], <uint32_t> index
    return last.index


cdef inline void decapsulate(worker_t* w, buffer_t* b, tunnel_t* tunnel, uint32_t header_length) noexcept nogil:
    """What is behind the tunnel header came in by the tunnel's interface."""
    buffer_advance(b, header_length)
    b.sw_if_index[SW_IF_INDEX_RX] = tunnel.sw_if_index
    w.interface_counters[tunnel.sw_if_index].rx.packets += 1
    w.interface_counters[tunnel.sw_if_index].rx.bytes += buffer_length(b)


cdef void trace_decap(worker_t* w, node_t* node, buffer_t* b, uint32_t vni, uint32_t index, uint16_t next_index,
                      uint32_t error) noexcept nogil


cdef class TunnelState:
    cdef tunnel_main_t main
    cdef readonly Graph graph
    cdef readonly Interfaces interfaces
    cdef readonly Fib fib
    cdef tunnel_t* tunnel(self, uint32_t index) except NULL
    cdef set_owner(self, uint32_t sw_if_index, uint32_t index)
