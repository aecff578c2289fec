"""The neighbour table: static, dynamic and learned entries."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any

from engine.errors import ControlError
from engine.net.arp.arp import ArpState
from engine.net.fib.config import Routing

MOST_ENTRIES = 50000

# multiplier, shift, mask of the throttle's hash: 18.10 takes nine bits of the address as it lies in memory
THROTTLES = {"18.01": (0x9E3779B1, 24, 255), "18.10": (1, 0, 511)}


class NeighbourError(ControlError):
    """A neighbour that cannot be, or is not there."""


@dataclass
class Neighbour:
    """An entry. address: host order; added_ns: when it was made or last changed, on the engine's clock."""

    sw_if_index: int
    fib_index: int
    address: int
    mac: bytes
    static: bool
    no_fib_entry: bool
    added_ns: int

    @property
    def flags(self) -> str:
        """As listings show them."""
        return ("S" if self.static else "D") + ("N" if self.no_fib_entry else "")


@dataclass(frozen=True)
class ProxyRange:
    """Addresses answered for on behalf of others, both ends included; host order."""

    low: int
    high: int
    fib_index: int


class Arp(ArpState):
    """Neighbours of all interfaces of a vswitch."""

    def __init__(self, graph: Any, fib: Routing, interfaces: Any, clock: Any, profile: str = "18.01"):
        self.routing, self.interfaces, self.clock = fib, interfaces, clock
        self.entries: dict[tuple[int, int], Neighbour] = {}  # by (sw_if_index, address), in order of creation
        self.proxies: list[ProxyRange] = []  # in the order in which they came
        self.set_throttle(*THROTTLES[profile])
        fib.adjacencies.solicit = self.solicit
        interfaces.observe(self)

    def add(self, sw_if_index: int, address: IPv4Address | str | int, mac: bytes, static: bool = False,
            no_fib_entry: bool = False) -> None:  # fmt: skip
        """Add a neighbour or change its MAC address. Raises NeighbourError."""
        interface = self.routing.interface(sw_if_index)
        if len(mac) != 6:
            raise NeighbourError(f"a MAC address has 6 bytes, not {len(mac)}")
        self.take_over()
        self._put(interface, int(IPv4Address(address)), mac, static, no_fib_entry)

    def delete(self, sw_if_index: int, address: IPv4Address | str | int) -> None:
        """Forget a neighbour; silent when there is none."""
        self.take_over()
        entry = self.entries.pop((sw_if_index, int(IPv4Address(address))), None)
        if entry is not None:
            self.routing.neighbour_delete(entry.sw_if_index, entry.fib_index, entry.address)

    def neighbours(self) -> list[Neighbour]:
        """All entries, by interface name and address."""
        self.take_over()
        names = {interface.sw_if_index: interface.name for interface in self.interfaces}
        return sorted(self.entries.values(), key=lambda entry: (names[entry.sw_if_index], entry.address))

    def add_proxy(self, low: int, high: int, fib_index: int = 0) -> None:
        """Answer for addresses on the interfaces that proxy (`Interfaces.set_proxy_arp`); silent when that is so."""
        wanted = ProxyRange(low, high, fib_index)
        if wanted not in self.proxies:
            self._set_proxies([*self.proxies, wanted])

    def delete_proxy(self, low: int, high: int, fib_index: int = 0) -> None:
        """Answer no more. Raises NeighbourError for a range that is not there."""
        unwanted = ProxyRange(low, high, fib_index)
        if unwanted not in self.proxies:
            raise NeighbourError("No such entry")
        self._set_proxies([each for each in self.proxies if each != unwanted])

    def _set_proxies(self, proxies: list[ProxyRange]) -> None:
        self.set_proxies([(each.low, each.high, each.fib_index) for each in proxies])
        self.proxies = proxies

    def take_over(self) -> None:
        """Enter what the packet path has learned. A static entry stays as it is."""
        for sw_if_index, address, mac in self.take_learned():
            interface = self.interfaces.by_index[sw_if_index]
            known = self.entries.get((sw_if_index, address))
            if interface is None or (known is not None and (known.static or known.mac == mac)):
                continue
            self._put(interface, address, mac, False, False)

    def _put(self, interface: Any, address: int, mac: bytes, static: bool, no_fib_entry: bool) -> None:
        key = (interface.sw_if_index, address)
        known = self.entries.get(key)
        if known is None and not static:
            self._make_room()
        without = no_fib_entry and (known is None or known.no_fib_entry)
        self.entries[key] = Neighbour(
            interface.sw_if_index, interface.fib_index, address, mac, static, without, self.clock.now_ns
        )
        self.routing.neighbour_add(interface.sw_if_index, address, mac, not without)

    def _make_room(self) -> None:
        """Give up the oldest dynamic entry when the table is full."""
        if len(self.entries) < MOST_ENTRIES:
            return
        oldest = next((entry for entry in self.entries.values() if not entry.static), None)
        if oldest is not None:
            self.delete(oldest.sw_if_index, oldest.address)

    def solicit(self, sw_if_index: int, address: int) -> None:
        """Ask for a neighbour that a new route needs; as VPP only from an address of the neighbour's own subnet."""
        interface = self.interfaces.by_index[sw_if_index]
        source = self.routing.subnet_address(interface, address)
        if source:
            self.send_request(sw_if_index, source, address)

    def interface_deleted(self, interface: Any) -> None:
        """Neighbours go with their interface."""
        self.take_over()
        for sw_if_index, address in list(self.entries):
            if sw_if_index == interface.sw_if_index:
                self.delete(sw_if_index, address)
