"""Adjacencies: one glean for each interface, one neighbour for each next hop on it, shared by all who go there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.net.fib.fib import COMPLETE, GLEAN, INCOMPLETE

if TYPE_CHECKING:
    from engine.net.fib.pathlist import PathList
    from engine.net.fib.tables import Tables

BROADCAST = b"\xff" * 6
TYPE_IP4 = b"\x08\x00"
TYPE_ARP = b"\x08\x06"
NODES = {GLEAN: "ip4-glean", INCOMPLETE: "ip4-arp", COMPLETE: "ip4-rewrite"}
LOOKUP_SLOTS = {GLEAN: 4, INCOMPLETE: 3, COMPLETE: 5}  # of those nodes, declared by ip4-lookup


class Adjacency:
    """One adjacency. users: the path lists that point to it; it lives as long as there are any."""

    __slots__ = ("index", "kind", "mtu", "next_hop", "rewrite", "sw_if_index", "users")

    def __init__(self, index: int, kind: int, sw_if_index: int, next_hop: int):
        self.index, self.kind, self.sw_if_index, self.next_hop = index, kind, sw_if_index, next_hop
        self.rewrite, self.mtu = b"", 0
        self.users: set[PathList] = set()


class Adjacencies:
    """All adjacencies of a vswitch. Numbers are given as VPP does: from 0, the one freed last first."""

    def __init__(self, fib: Tables):
        self.fib = fib
        self.by_index: dict[int, Adjacency] = {}
        self.by_key: dict[tuple[int, int | None], Adjacency] = {}
        self.macs: dict[tuple[int, int], bytes] = {}  # (sw_if_index, address) of neighbours that are known
        # called with (sw_if_index, address) for a new neighbour that is not known
        self.solicit: Callable[[int, int], None] | None = None

    def glean(self, sw_if_index: int) -> Adjacency:
        """The adjacency of what is connected to an interface and has no neighbour of its own yet."""
        return self.by_key.get((sw_if_index, None)) or self._new(GLEAN, sw_if_index, None)

    def neighbour(self, sw_if_index: int, next_hop: int) -> Adjacency:
        """The adjacency of a next hop; a new one asks for its MAC address if that is not known."""
        found = self.by_key.get((sw_if_index, next_hop))
        if found is not None:
            return found
        kind = COMPLETE if (sw_if_index, next_hop) in self.macs else INCOMPLETE
        adjacency = self._new(kind, sw_if_index, next_hop)
        if kind == INCOMPLETE and self.solicit is not None:
            self.solicit(sw_if_index, next_hop)
        return adjacency

    def _new(self, kind: int, sw_if_index: int, next_hop: int | None) -> Adjacency:
        index = self.fib.new_adjacency(kind, sw_if_index, next_hop or 0)
        adjacency = Adjacency(index, kind, sw_if_index, next_hop or 0)
        self.by_index[index] = self.by_key[sw_if_index, next_hop] = adjacency
        self._write(adjacency)
        return adjacency

    def release(self, adjacency: Adjacency, user: PathList) -> None:
        """The user needs it no more; the last one frees it."""
        adjacency.users.discard(user)
        if not adjacency.users and adjacency.index in self.by_index:
            key = (adjacency.sw_if_index, None if adjacency.kind == GLEAN else adjacency.next_hop)
            if self.by_key.get(key) is adjacency:
                del self.by_key[key]
            del self.by_index[adjacency.index]
            self.fib.free_adjacency(adjacency.index)

    def resolve(self, sw_if_index: int, address: int, mac: bytes | None) -> None:
        """A neighbour's MAC address became known, changed, or (None) was forgotten."""
        key = (sw_if_index, address)
        if mac is None:
            self.macs.pop(key, None)
        else:
            self.macs[key] = mac
        adjacency = self.by_key.get(key)
        if adjacency is not None:
            adjacency.kind = COMPLETE if mac is not None else INCOMPLETE
            self._write(adjacency)
            self._tell(adjacency)

    def interface_changed(self, sw_if_index: int) -> None:
        """An interface has another MAC, MTU, state or address: everything that leaves by it is made again."""
        for adjacency in [each for each in self.by_key.values() if each.sw_if_index == sw_if_index]:
            self._write(adjacency)

    def interface_deleted(self, sw_if_index: int) -> None:
        """Adjacencies of a deleted interface stay while routes point to them; nobody new finds them."""
        self.by_key = {key: adjacency for key, adjacency in self.by_key.items() if key[0] != sw_if_index}
        self.macs = {key: mac for key, mac in self.macs.items() if key[0] != sw_if_index}

    def _tell(self, adjacency: Adjacency) -> None:
        for user in list(adjacency.users):
            user.update()

    def _write(self, adjacency: Adjacency) -> None:
        """Hand the adjacency to the packet path."""
        interface = self.fib.interfaces.by_index[adjacency.sw_if_index]
        if interface is None:
            return
        self.fib.set_source(adjacency.index, self.fib.source_address(interface, adjacency.next_hop))
        mac = BROADCAST
        if adjacency.kind == COMPLETE:
            mac = self.macs[adjacency.sw_if_index, adjacency.next_hop]
        if adjacency.kind != GLEAN or not adjacency.rewrite:  # a glean keeps the MTU it was made with
            adjacency.mtu = interface.mtu
        ethertype = TYPE_IP4 if adjacency.kind == COMPLETE else TYPE_ARP
        adjacency.rewrite = mac + interface.mac + interface.tags + ethertype
        slot = self.fib.graph.add_next(NODES[adjacency.kind], self.fib.output_node(adjacency.sw_if_index))
        self.fib.set_adjacency(adjacency.index, adjacency.kind, adjacency.rewrite, adjacency.mtu, slot)
