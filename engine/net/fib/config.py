"""Routing as a whole: interface addresses with their connected routes, neighbours, and what interfaces' changes do."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any

from engine.net.fib.entry import MASKS, Table
from engine.net.fib.path import NO_INTERFACE, Path
from engine.net.fib.pathlist import PathList
from engine.net.fib.tables import Prefix, RouteError, Tables, parse_prefix

__all__ = ["RouteError", "Routing"]


class Routing(Tables):
    """All that decides where IPv4 packets of a vswitch go."""

    def __init__(self, graph: Any, interfaces: Any, profile: str = "18.01"):
        super().__init__(graph, interfaces, profile)
        self.observers: list[Any] = []
        for interface in interfaces:
            self.interface_added(interface)
        interfaces.observe(self)

    def bind_interface(self, sw_if_index: int, table_id: int) -> None:
        """Move an interface without addresses into a table."""
        interface, table = self.interface(sw_if_index), self.table(table_id)
        if interface.addresses:
            raise RouteError(f"IP addresses are still present on {interface.name}")
        old = self.by_index[interface.fib_index]
        if old is table:
            return
        if table.table_id:
            table.locks["CLI"] += 1
        interface.fib_index = table.fib_index
        self.interfaces.changed(interface)
        if old.table_id:
            self.unlock_table(old.table_id, "CLI")

    # ---- interfaces and their addresses

    def observe(self, observer: Any) -> None:
        """Tell observer of address_added and address_deleted(interface, address text, length), where it has them."""
        self.observers.append(observer)

    def _tell(self, event: str, interface: Any, address: int, length: int) -> None:
        for observer in self.observers:
            handler = getattr(observer, event, None)
            if handler is not None:
                handler(interface, str(IPv4Address(address)), length)

    def address_add(self, sw_if_index: int, prefix: Prefix) -> None:
        """Give an interface an address, with its connected routes."""
        interface = self.interface(sw_if_index)
        address, length = parse_prefix(prefix)
        self._check_conflict(interface, address, length)
        interface.addresses.append((str(IPv4Address(address)), length))
        self.interfaces.changed(interface)
        self._add_connected(self.by_index[interface.fib_index], interface, address, length)
        self._tell("address_added", interface, address, length)

    def _check_conflict(self, interface: Any, address: int, length: int) -> None:
        for other in self.interfaces:
            if other.fib_index != interface.fib_index:
                continue
            for text, other_length in other.addresses:
                if (address ^ int(IPv4Address(text))) & MASKS[min(length, other_length)] == 0:
                    raise RouteError(
                        f"failed to add {IPv4Address(address)}/{length} which conflicts with "
                        f"{text}/{other_length} for interface {other.name}"
                    )

    def address_delete(self, sw_if_index: int, prefix: Prefix) -> None:
        """Take an address from an interface, with its connected routes."""
        interface = self.interface(sw_if_index)
        address, length = parse_prefix(prefix)
        known = (str(IPv4Address(address)), length)
        if known not in interface.addresses:
            raise RouteError(f"{known[0]}/{length} not found for interface {interface.name}")
        self._tell("address_deleted", interface, address, length)
        table = self.by_index[interface.fib_index]
        for prefix_address, prefix_length in self._connected(address, length):
            entry = table.find(prefix_address & MASKS[prefix_length], prefix_length)
            if entry is not None:
                self._unset_source(table, entry, "interface")
        interface.addresses.remove(known)
        self.interfaces.changed(interface)

    @staticmethod
    def _connected(address: int, length: int) -> list[tuple[int, int]]:
        """Prefixes an address makes: its subnet, the subnet's first and last address, the address itself."""
        if length == 32:
            return [(address, 32)]
        first, last = address & MASKS[length], address | ~MASKS[length] & 0xFFFFFFFF
        others = [(first, 32), (last, 32)] if length < 31 else [(address ^ 1, 32)]
        return [(address, length), *others, (address, 32)]

    def _add_connected(self, table: Table, interface: Any, address: int, length: int) -> None:
        for prefix, prefix_length in self._connected(address, length):
            flags: tuple[str, ...]
            if prefix_length < 32:
                path, flags = Path("attached", 0, interface.sw_if_index), ("connected", "attached")
            elif prefix == address:
                path, flags = Path("receive", address, interface.sw_if_index), ("connected", "local")
            elif length == 31:
                path, flags = Path("attached-nexthop", prefix, interface.sw_if_index), ("attached",)
            else:
                path, flags = Path("special"), ("drop",)
            listed = {"receive": ("local",), "special": ("drop",)}.get(path.kind, ())
            table.find_or_make(prefix, prefix_length)
            self._set_source(table, prefix, prefix_length, "interface", PathList(self, (path,), listed, False), flags)

    def add_special(self, prefix: Prefix, source: str = "plugin-low", sw_if_index: int = NO_INTERFACE,
                    table_id: int = 0) -> None:  # fmt: skip
        """Let a prefix be the vswitch's own, as addresses of a NAT pool: packets to it go to ip4-local."""
        table = self.table(table_id)
        address, length = self._checked(prefix)
        path = Path("receive", address if sw_if_index != NO_INTERFACE else 0, sw_if_index)
        self._set_source(table, address, length, source, PathList(self, (path,), ("local",), False),
                         ("connected", "local", "exclusive") if length == 32 else ("local",))  # fmt: skip

    def delete_special(self, prefix: Prefix, source: str = "plugin-low", table_id: int = 0) -> None:
        """Undo add_special; silent when there is nothing to undo."""
        table = self.table(table_id)
        address, length = self._checked(prefix)
        entry = table.find(address, length)
        if entry is not None:
            self._unset_source(table, entry, source, all_refs=True)

    # ---- neighbours

    def neighbour_add(self, sw_if_index: int, address: int, mac: bytes, with_entry: bool) -> None:
        """A neighbour's MAC address is known; with_entry: it gets a /32 of its own."""
        interface = self.interface(sw_if_index)
        table = self.by_index[interface.fib_index]
        entry = table.find(address, 32)
        self.adjacencies.macs[sw_if_index, address] = mac
        if with_entry and not (entry and entry.source("adjacency")):
            paths = (Path("attached-nexthop", address, sw_if_index),)
            table.find_or_make(address, 32)
            self._set_source(table, address, 32, "adjacency", PathList(self, paths, (), False), ("attached",))
            table.locks["adjacency"] += 1
        self.adjacencies.resolve(sw_if_index, address, mac)

    def neighbour_delete(self, sw_if_index: int, fib_index: int, address: int) -> None:
        """A neighbour is forgotten."""
        table = self.by_index[fib_index]
        entry = table.find(address, 32) if table is not None else None
        self.adjacencies.resolve(sw_if_index, address, None)
        known = entry.source("adjacency") if entry is not None else None
        if entry is not None and known is not None and known.path_list.paths[0].sw_if_index == sw_if_index:
            table.locks["adjacency"] -= 1
            self._unset_source(table, entry, "adjacency", all_refs=True)

    # ---- observer of interfaces

    def interface_added(self, interface: Any) -> None:
        self.on_interface.setdefault(interface.sw_if_index, set())

    def interface_changed(self, interface: Any) -> None:
        self.adjacencies.interface_changed(interface.sw_if_index)
        for path_list in list(self.on_interface[interface.sw_if_index]):
            path_list.update()

    def interface_deleted(self, interface: Any) -> None:
        for address, length in list(interface.addresses):
            self.address_delete(interface.sw_if_index, f"{address}/{length}")
        if interface.fib_index:
            self.bind_interface(interface.sw_if_index, 0)
        self.adjacencies.interface_deleted(interface.sw_if_index)
        for path_list in self.on_interface.pop(interface.sw_if_index):
            if path_list.shared:
                path_list.shared = False
                del self.shared[path_list.paths]
            path_list.update()
