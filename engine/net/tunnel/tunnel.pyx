"""Tunnels: making, changing and freeing what the nodes read. What they should be, config.py decides."""

from libc.stdint cimport uint16_t, uint32_t
from libc.stdlib cimport free, realloc
from libc.string cimport memset

from ...core.buffer cimport buffer_t
from ...core.graph cimport Graph, enqueue_frame_to, frame_t, node_t, worker_t
from ...core.trace cimport trace_add
from ...tables.bihash cimport bihash_add, bihash_del, bihash_free, bihash_hash, bihash_init
from ...tables.pool cimport POOL_NONE, pool_free, pool_get, pool_init, pool_is_used, pool_put
from ...wire.checksum cimport ip4_header_checksum
from ...wire.headers cimport IP_PROTOCOL_UDP, ip4_header_t, swap16, swap32
from ..fib.fib cimport Fib
from ..interface.interface cimport Interfaces

cdef enum:
    MOST_TUNNELS = 1 << 20
    TTL = 254
    WHOLE_PORT = 0xffff


cdef void drop_tx(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """NAME-tx of a tunnel: nothing comes here, as the encapsulating node takes what leaves by it."""
    enqueue_frame_to(w, node, frame, 0)


cdef void trace_decap(worker_t* w, node_t* node, buffer_t* b, uint32_t vni, uint32_t index, uint16_t next_index,
                      uint32_t error) noexcept nogil:
    """What an input node did with a packet; index: of its tunnel, or NO_TUNNEL."""
    cdef decap_trace_t* entry = <decap_trace_t*> trace_add(w, node, b, sizeof(decap_trace_t))
    entry.tunnel, entry.vni, entry.next_index, entry.error = index, vni, next_index, error


cdef class TunnelState:
    """The tunnels of one protocol as its nodes see them. Addresses are integers in host order.

    Every method raises MemoryError when there is no room, IndexError for a tunnel that is not there.
    """

    def __cinit__(self, Graph graph, Interfaces interfaces, Fib fib, *_args, **_named):
        self.graph, self.interfaces, self.fib = graph, interfaces, fib
        self.main.fib = &fib.main
        if (bihash_init(&self.main.by_key, 2, 0, 0) != 0
                or pool_init(&self.main.tunnels, sizeof(tunnel_t), MOST_TUNNELS, True) != 0):
            raise MemoryError("no memory for tunnels")

    def __dealloc__(self):
        bihash_free(&self.main.by_key, 2)
        pool_free(&self.main.tunnels)
        free(self.main.by_interface)

    cdef tunnel_t* tunnel(self, uint32_t index) except NULL:
        if not pool_is_used(&self.main.tunnels, index):
            raise IndexError(f"no tunnel {index}")
        return tunnel_at(&self.main, index)

    cdef set_owner(self, uint32_t sw_if_index, uint32_t index):
        """Note whose interface it is, with room made for it."""
        cdef uint32_t n = self.main.n_interfaces, wanted = max(sw_if_index + 1, 2 * n, 64)
        cdef uint32_t* grown
        if sw_if_index >= n:
            grown = <uint32_t*> realloc(self.main.by_interface, wanted * sizeof(uint32_t))
            if grown == NULL:
                raise MemoryError("no memory for tunnels")
            memset(&grown[n], 0xff, (wanted - n) * sizeof(uint32_t))
            self.main.by_interface, self.main.n_interfaces = grown, wanted
        self.main.by_interface[sw_if_index] = index

    def new_tunnel(self) -> int:
        """A tunnel's number; it is told apart by nothing yet."""
        cdef uint32_t index = pool_get(&self.main.tunnels)
        if index == POOL_NONE:
            raise MemoryError("no room for another tunnel")
        memset(tunnel_at(&self.main, index), 0, sizeof(tunnel_t))
        return index

    def make_interface(self, str name, str kind, bytes mac, uint32_t mtu):
        """The interface of a tunnel; mac: six zeros where it has no address, mtu: 0 where it checks none."""
        return self.interfaces.create(name, kind, mac, True, mtu, "", drop_tx, NULL, None)

    def open_tunnel(self, uint32_t index, uint32_t sw_if_index, uint32_t fib_index, outer, uint16_t decap_next,
                    bint routed):
        """Let a tunnel take what comes from its remote end, and its interface what leaves by it.

        outer: an Outer, what stands in front of its frames. routed: frames come from ip4-rewrite, not from a bridge.
        """
        cdef tunnel_t* tunnel = self.tunnel(index)
        cdef uint32_t local = outer.local, remote = outer.remote, vni = outer.vni
        self.set_owner(sw_if_index, index)
        outer_key(tunnel.key, swap32(local), swap32(remote), fib_index, vni)
        if bihash_add(&self.main.by_key, tunnel.key, bihash_hash(tunnel.key, 2), index, 2) != 0:
            self.set_owner(sw_if_index, NO_TUNNEL)
            raise MemoryError("no memory for another tunnel")
        tunnel.sw_if_index, tunnel.vni, tunnel.decap_next = sw_if_index, vni, decap_next
        tunnel.port_mask, tunnel.routed = 0 if outer.source_port else WHOLE_PORT, routed
        self.main.n_routed += routed
        write_outer(&tunnel.outer, outer)

    def stack(self, uint32_t index, uint16_t encap_next, uint32_t encap_index):
        """Where encapsulated packets go: a next index of the encapsulating node, and the object that node takes."""
        cdef tunnel_t* tunnel = self.tunnel(index)
        tunnel.encap_next, tunnel.encap_index = encap_next, encap_index

    def encap_index_of(self, uint32_t index) -> int:
        return self.tunnel(index).encap_index

    def free_tunnel(self, uint32_t index):
        """Give a tunnel up; its number goes to the next one made."""
        cdef tunnel_t* tunnel = self.tunnel(index)
        bihash_del(&self.main.by_key, tunnel.key, bihash_hash(tunnel.key, 2), 2)
        self.main.n_routed -= tunnel.routed
        if tunnel.sw_if_index:
            self.set_owner(tunnel.sw_if_index, NO_TUNNEL)
        pool_put(&self.main.tunnels, index)


cdef write_outer(outer_t* c, outer):
    """The headers with all that is the same for each frame."""
    memset(c, 0, sizeof(outer_t))
    c.ip.version_and_length, c.ip.ttl, c.ip.protocol = 0x45, TTL, IP_PROTOCOL_UDP
    c.ip.src, c.ip.dst = swap32(outer.local), swap32(outer.remote)
    c.ip.checksum = ip4_header_checksum(&c.ip, sizeof(ip4_header_t))
    c.udp.src_port, c.udp.dst_port = swap16(outer.source_port), swap16(outer.port)
    c.tunnel.flags, c.tunnel.vni_reserved = swap32(outer.flags), swap32(outer.vni << 8)
