"""Tunnels: making, changing and freeing what the nodes read. What they should be, config.py decides."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.stdlib cimport free, realloc
from libc.string cimport memset

from ...core.graph cimport Graph, enqueue_frame_to, frame_t, node_t, worker_t
from ...net.fib.fib cimport Fib
from ...net.interface.interface cimport Interfaces
from ...tables.bihash cimport bihash_add, bihash_del, bihash_free, bihash_hash, bihash_init
from ...tables.pool cimport POOL_NONE, pool_free, pool_get, pool_init, pool_is_used, pool_put
from ...wire.checksum cimport ip4_header_checksum
from ...wire.headers cimport IP_PROTOCOL_UDP, ip4_header_t, swap16, swap32

from .profile import PROFILES

cdef enum:
    MOST_TUNNELS = 1 << 20
    TTL = 254
    PORT = 4789


cdef void drop_tx(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """NAME-tx of a tunnel: nothing comes here, as vxlan4-encap takes what leaves by it."""
    enqueue_frame_to(w, node, frame, 0)


cdef class VxlanState:
    """The tunnels of one vswitch as its nodes see them. Addresses are integers in host order.

    Every method raises MemoryError when there is no room, IndexError for a tunnel that is not there.
    """

    def __cinit__(self, Graph graph, Interfaces interfaces, Fib fib, _udp, str profile="18.01"):
        self.graph, self.interfaces, self.fib, self.profile = graph, interfaces, fib, PROFILES[profile]
        self.main.fib = &fib.main
        if (bihash_init(&self.main.by_key, 2, 0, 0) != 0
                or pool_init(&self.main.tunnels, sizeof(vxlan_tunnel_t), MOST_TUNNELS, True) != 0):
            raise MemoryError("no memory for tunnels")

    def __dealloc__(self):
        bihash_free(&self.main.by_key, 2)
        pool_free(&self.main.tunnels)
        free(self.main.by_interface)

    cdef vxlan_tunnel_t* tunnel(self, uint32_t index) except NULL:
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
        memset(tunnel_at(&self.main, index), 0, sizeof(vxlan_tunnel_t))
        return index

    def make_interface(self, str name):
        """The interface of a tunnel, which has no MAC address and checks no MTU."""
        return self.interfaces.create(name, "vxlan", bytes(6), True, 0, "", drop_tx, NULL, None)

    def open_tunnel(self, uint32_t index, uint32_t sw_if_index, uint32_t local, uint32_t remote, uint32_t fib_index,
                    uint32_t vni, uint16_t decap_next):
        """Let a tunnel take what comes from its remote end, and its interface what leaves by it."""
        cdef vxlan_tunnel_t* tunnel = self.tunnel(index)
        self.set_owner(sw_if_index, index)
        outer_key(tunnel.key, swap32(local), swap32(remote), fib_index, vni)
        if bihash_add(&self.main.by_key, tunnel.key, bihash_hash(tunnel.key, 2), index, 2) != 0:
            self.set_owner(sw_if_index, NO_TUNNEL)
            raise MemoryError("no memory for another tunnel")
        tunnel.sw_if_index, tunnel.vni, tunnel.decap_next = sw_if_index, vni, decap_next
        write_outer(&tunnel.outer, local, remote, vni)

    def stack(self, uint32_t index, uint16_t encap_next, uint32_t encap_index):
        """Where encapsulated packets go: a next index of vxlan4-encap, and the object that node takes."""
        cdef vxlan_tunnel_t* tunnel = self.tunnel(index)
        tunnel.encap_next, tunnel.encap_index = encap_next, encap_index

    def encap_index_of(self, uint32_t index) -> int:
        return self.tunnel(index).encap_index

    def free_tunnel(self, uint32_t index):
        """Give a tunnel up; its number goes to the next one made."""
        cdef vxlan_tunnel_t* tunnel = self.tunnel(index)
        bihash_del(&self.main.by_key, tunnel.key, bihash_hash(tunnel.key, 2), 2)
        self.set_owner(tunnel.sw_if_index, NO_TUNNEL)
        pool_put(&self.main.tunnels, index)


cdef void write_outer(outer_t* outer, uint32_t local, uint32_t remote, uint32_t vni) noexcept:
    """The header with all that is the same for each frame."""
    memset(outer, 0, sizeof(outer_t))
    outer.ip.version_and_length, outer.ip.ttl, outer.ip.protocol = 0x45, TTL, IP_PROTOCOL_UDP
    outer.ip.src, outer.ip.dst = swap32(local), swap32(remote)
    outer.ip.checksum = ip4_header_checksum(&outer.ip, sizeof(ip4_header_t))
    outer.udp.dst_port = swap16(PORT)
    outer.vxlan.flags, outer.vxlan.vni_reserved = VXLAN_FLAGS, swap32(vni << 8)
