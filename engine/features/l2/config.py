"""The control plane of the bridge: domains and their members, cross connects, tag rewrite, provisioned addresses.

Every change is checked whole before it is made, and made between frames: a refused one leaves nothing behind.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Any

from engine.errors import ControlError

from .classifier import Classifier
from .l2 import AGE_NOT, BRIDGE, BVI, FILTER, L3, STATIC, XCONNECT, L2State
from .rewrite_config import NO_REWRITE, Rewrite

MOST_DOMAINS = (1 << 24) - 1
LONGEST_TAG = 63
TUNNELS = ("vxlan", "geneve")  # they stand behind the other members, and so are flooded to first
NO_INTERFACE = 0xFFFFFFFF
ALL_BITS = 0xFFFFFFFF
JOINING = ("FWD", "UU_FLOOD", "UU_FWD", "FLOOD", "ARP_TERM")  # features of an interface that is bridged
FLAG_BITS = {"learn": "LEARN", "forward": "FWD", "uu_flood": "UU_FLOOD", "flood": "FLOOD", "arp_term": "ARP_TERM"}
DEFAULT_FLAGS = {"learn": True, "forward": True, "uu_flood": True, "flood": True, "arp_term": False}


# retvals (vnet/api_errno.h)
NO_SUCH_ENTRY, INVALID_SW_IF_INDEX = -6, -2
BD_ALREADY_EXISTS, BD_IN_USE, BD_NOT_MODIFIABLE, BD_ID_EXCEED_MAX = -119, -120, -121, -122
INVALID_VLAN_TAG_COUNT = -72


class L2Error(ControlError):
    """A change of the bridge that cannot be made. retval: VPP's number for it."""

    def __init__(self, text: str, retval: int = -1) -> None:
        super().__init__(text)
        self.retval = retval


@dataclass
class Member:
    """An interface in a domain."""

    interface: Any
    shg: int
    is_bvi: bool


@dataclass
class Domain:
    """A bridge domain. flags: by name, see FLAG_BITS. arp: answers given for others, MAC by address."""

    bd_id: int
    bd_index: int
    flags: dict[str, bool] = field(default_factory=lambda: dict(DEFAULT_FLAGS))
    mac_age: int = 0
    tag: str = ""
    members: list[Member] = field(default_factory=list)
    arp: dict[IPv4Address, bytes] = field(default_factory=dict)

    @property
    def bvi(self) -> Any:
        """The interface by which it reaches L3, None without any."""
        return next((member.interface for member in self.members if member.is_bvi), None)

    def insert(self, member: Member) -> None:
        """BVI first, then interfaces, then tunnels, each in the order in which they come."""
        n_tunnels = sum(other.interface.kind in TUNNELS for other in self.members)
        place = 0 if member.is_bvi else len(self.members) - n_tunnels
        self.members.insert(len(self.members) if member.interface.kind in TUNNELS else place, member)


class L2(L2State):
    """The bridge of a vswitch. `domains`: by id. `connected`: cross connects, interface to peer by sw_if_index.

    Interfaces are Interface objects, MAC addresses 6 bytes. Methods raise L2Error with nothing changed.
    """

    def __init__(self, graph: Any, interfaces: Any, profile: str = "18.01") -> None:
        self.domains: dict[int, Domain] = {}
        self.connected: dict[int, Any] = {}
        self.bridged: dict[int, Domain] = {}  # by sw_if_index
        self.bitmaps: dict[tuple[int, bool], int] = {}  # features turned on, by sw_if_index and whether of input
        self.rewrites: dict[int, Rewrite] = {}
        self.bvi_macs: dict[int, bytes] = {}
        self.classifier = Classifier()
        self.last_scan = 0.0  # seconds
        for interface in interfaces:
            self.interface_added(interface)
        interfaces.observe(self)

    # ---- features of interfaces

    def set_feature(self, sw_if_index: int, is_input: bool, name: str, on: bool) -> None:
        """Turn a feature of an interface on or off. Raises KeyError for a name that has no bit."""
        bit = self.bit(is_input, name)
        if not bit:
            raise KeyError(name)
        if name in ("INPUT_CLASSIFY", "OUTPUT_CLASSIFY"):
            tables = self.classifier.hook(sw_if_index, is_input, on, self.profile.rehooks)
            self.set_tables(sw_if_index, is_input, tables)
        bitmap = self.bitmaps.get((sw_if_index, is_input), 1)
        self.bitmaps[sw_if_index, is_input] = bitmap | bit if on else bitmap & ~bit
        self.set_features(sw_if_index, is_input, self.bitmaps[sw_if_index, is_input])

    def features(self, sw_if_index: int, is_input: bool) -> Iterable[tuple[str, str]]:
        """(name, node) of what is on, its domain asked too, in the order in which frames meet them."""
        bitmap = self.bitmaps.get((sw_if_index, is_input), 0)
        if is_input:
            bitmap &= ~1  # the last resort is no feature
            if sw_if_index in self.bridged:
                bitmap &= self._domain_features(self.bridged[sw_if_index])
        elif not self.is_l2(sw_if_index):
            bitmap &= ~1
        bits = self.profile.bits(is_input)
        return [pair for bit, pair in reversed(list(enumerate(bits))) if bitmap >> bit & 1]

    def is_l2(self, sw_if_index: int) -> bool:
        return sw_if_index in self.bridged or sw_if_index in self.connected

    # ---- domains

    def domain_of(self, bd_id: int) -> Domain:
        """By id. Raises L2Error."""
        if bd_id not in self.domains:
            raise L2Error(f"No such bridge domain {bd_id}", NO_SUCH_ENTRY)
        return self.domains[bd_id]

    def add_domain(self, bd_id: int, flags: dict[str, bool] | None = None, mac_age: int = 0, tag: str = "") -> Domain:
        """A new domain; flags that are not given are as usual."""
        if bd_id == 0:
            raise L2Error("bridge domain 0 can not be modified", BD_NOT_MODIFIABLE)
        if not 0 < bd_id <= MOST_DOMAINS:
            raise L2Error("bridge domain ID exceed 16M limit", BD_ID_EXCEED_MAX)
        if not 0 <= mac_age <= 255:
            raise L2Error("mac age must be less than 256")
        if len(tag.encode()) > LONGEST_TAG:
            raise L2Error("bd-tag cannot be longer than 63")
        if bd_id in self.domains:
            raise L2Error("bd_add_del returned -119", BD_ALREADY_EXISTS)
        domain = Domain(bd_id, self.new_domain(), DEFAULT_FLAGS | (flags or {}), mac_age, tag)
        self.domains[bd_id] = domain
        self._sync(domain)
        return domain

    def delete_domain(self, bd_id: int) -> None:
        """Give up a domain without members, and what is known of addresses in it."""
        if bd_id == 0:
            raise L2Error("bridge domain 0 can not be modified", BD_NOT_MODIFIABLE)
        if bd_id not in self.domains:
            raise L2Error("bridge domain ID does not exist", NO_SUCH_ENTRY)
        domain = self.domains[bd_id]
        if domain.members:
            raise L2Error("bridge domain in use - remove members", BD_IN_USE)
        for address in list(domain.arp):
            self.set_arp_entry(bd_id, address, None)
        self.delete_macs(bd_index=domain.bd_index, provisioned=True)
        self.free_domain(domain.bd_index)
        del self.domains[bd_id]

    def set_flags(self, bd_id: int, **flags: bool) -> None:
        """Turn learn, forward, flood, uu_flood or arp_term of a domain on or off."""
        domain = self.domain_of(bd_id)
        domain.flags |= flags
        self._sync(domain)

    def set_mac_age(self, bd_id: int, minutes: int) -> None:
        """How long a learned address is kept that is not heard of; 0 for ever."""
        if not 0 <= minutes <= 255:
            raise L2Error("mac aging time cannot be bigger than 255")
        domain = self.domain_of(bd_id)
        domain.mac_age = minutes
        self._sync(domain)

    def set_arp_entry(self, bd_id: int, address: IPv4Address, mac: bytes | None) -> None:
        """Answer requests for an address for its owner; None: no more."""
        domain = self.domain_of(bd_id)
        if mac is None and address not in domain.arp:
            raise L2Error(f"MAC entry for {address} not found")
        self.set_arp(domain.bd_index, int.from_bytes(address.packed, "little"), mac)
        if mac is None:
            del domain.arp[address]
        else:
            domain.arp[address] = mac

    def _domain_features(self, domain: Domain) -> int:
        """The bits that the domain leaves to its interfaces."""
        off = [FLAG_BITS[name] for name, on in domain.flags.items() if not on]
        bits = ALL_BITS & ~self.bit(True, "UU_FWD")
        for name in off:
            bits &= ~self.bit(True, name)
        return bits

    def _sync(self, domain: Domain) -> None:
        """Give the packet path what the domain is now."""
        members = [(each.interface.sw_if_index, each.shg, each.is_bvi) for each in domain.members]
        self.set_members(domain.bd_index, members)
        self.set_domain(domain.bd_index, self._domain_features(domain), domain.mac_age)

    # ---- where interfaces belong

    def bridge(self, interface: Any, bd_id: int, bvi: bool = False, shg: int = 0) -> None:
        """Put an interface into a domain, made if need be, in place of where it was.

        As in VPP a second BVI joins as an ordinary member, and L2Error says so.
        """
        if not 0 <= bd_id <= MOST_DOMAINS:
            raise L2Error("bridge domain ID exceed 16M limit", BD_ID_EXCEED_MAX)
        if interface.kind == "local":
            raise L2Error("bridged interface must be ethernet", INVALID_SW_IF_INDEX)
        if bd_id == 0:
            raise L2Error("No operations on the default bridge domain are supported", BD_NOT_MODIFIABLE)
        self._leave(interface)
        domain = self.domains.get(bd_id) or self.add_domain(bd_id)
        has_bvi = domain.bvi is not None
        self._join(interface, domain, bvi and not has_bvi, shg)
        if bvi and has_bvi:
            raise L2Error("bridge-domain already has a bvi interface")

    def _join(self, interface: Any, domain: Domain, bvi: bool, shg: int) -> None:
        sw_if_index = interface.sw_if_index
        self.bridged[sw_if_index] = domain
        self.interfaces.set_l2(interface, True, bvi)
        self.set_interface(sw_if_index, BRIDGE, domain.bd_index, shg, bvi)
        self.bump_interface(sw_if_index)
        for name in JOINING:
            if self.bit(True, name):
                self.set_feature(sw_if_index, True, name, True)
        self.set_feature(sw_if_index, True, "LEARN", not bvi)
        self.set_feature(sw_if_index, False, "OUTPUT", True)
        if bvi:
            self.bvi_macs[sw_if_index] = interface.mac
            self.add_mac(interface.mac, domain.bd_index, sw_if_index, STATIC | AGE_NOT | BVI)
        domain.insert(Member(interface, shg, bvi))
        self._sync(domain)

    def xconnect(self, interface: Any, peer: Any) -> None:
        """Let everything that comes in by an interface leave by its peer; the way back is another cross connect."""
        if "local" in (interface.kind, peer.kind):
            raise L2Error("invalid configuration for interface", INVALID_SW_IF_INDEX)
        self._leave(interface)
        self.connected[interface.sw_if_index] = peer
        self.interfaces.set_l2(interface, True, False)
        self.set_interface(interface.sw_if_index, XCONNECT, 0, 0, False, peer.sw_if_index)
        self.set_feature(interface.sw_if_index, True, "XCONNECT", True)
        self.set_feature(interface.sw_if_index, False, "OUTPUT", True)

    def route(self, interface: Any) -> None:
        """Take an interface off the L2 path."""
        self._leave(interface)
        self.interfaces.set_l2(interface, False, False)
        self.set_interface(interface.sw_if_index, L3)

    def _leave(self, interface: Any) -> None:
        """Undo bridge or xconnect; what was learned on the interface is forgotten."""
        sw_if_index = interface.sw_if_index
        domain = self.bridged.pop(sw_if_index, None)
        self.connected.pop(sw_if_index, None)
        if domain is not None:
            domain.members = [each for each in domain.members if each.interface is not interface]
            self._sync(domain)
            self.delete_macs(sw_if_index)
            mac = self.bvi_macs.pop(sw_if_index, None)
            if mac is not None:
                self.delete_mac(mac, domain.bd_index)
        for name in (*JOINING, "LEARN", "XCONNECT"):
            if self.bit(True, name):
                self.set_feature(sw_if_index, True, name, False)

    def mode_of(self, interface: Any) -> dict[str, Any]:
        """Whether an interface is routed (l3), bridged or connected (xconnect), and to what."""
        sw_if_index = interface.sw_if_index
        data: dict[str, Any] = {"name": interface.name, "mode": "l3"}
        if sw_if_index in self.bridged:
            domain = self.bridged[sw_if_index]
            member = next(each for each in domain.members if each.interface is interface)
            data |= {"mode": "bridge", "bd_id": domain.bd_id, "bd_index": domain.bd_index, "bvi": member.is_bvi,
                     "shg": member.shg}  # fmt: skip
        elif sw_if_index in self.connected:
            data |= {"mode": "xconnect", "peer": self.connected[sw_if_index].name}
        return data

    # ---- tags

    def set_rewrites(self, interface: Any, rewrite: Rewrite) -> None:
        """How an interface's tags change: rewrite says it for what comes in, what leaves gets it undone."""
        own = tuple(interface.tags)
        if rewrite.pops > len(own) // 4:
            raise L2Error("vlan tag rewrite is not compatible with interface", INVALID_VLAN_TAG_COUNT)
        sw_if_index = interface.sw_if_index
        pop, push = rewrite.pops * 4, rewrite.push_bytes
        self.set_rewrite(sw_if_index, True, pop, push)
        self.set_rewrite(sw_if_index, False, len(push), interface.tags[:pop])
        self.set_feature(sw_if_index, True, "VTR", rewrite != NO_REWRITE)
        self.rewrites[sw_if_index] = rewrite

    def rewrite_of(self, sw_if_index: int) -> Rewrite:
        return self.rewrites.get(sw_if_index, NO_REWRITE)

    # ---- MAC addresses

    def provision(self, mac: bytes, bd_id: int, interface: Any, static: bool = False, bvi: bool = False) -> None:
        """Say where an address is. static: it is refused elsewhere; else it may move there."""
        domain = self._domain_for_mac(bd_id)
        flags = AGE_NOT | (STATIC if static or bvi else 0) | (BVI if bvi else 0)
        self.add_mac(mac, domain.bd_index, interface.sw_if_index, flags)

    def filter(self, mac: bytes, bd_id: int) -> None:
        """Drop what comes from an address or goes there."""
        self.add_mac(mac, self._domain_for_mac(bd_id).bd_index, NO_INTERFACE, STATIC | AGE_NOT | FILTER)

    def forget(self, mac: bytes, bd_id: int) -> None:
        """Delete an address, learned or provisioned."""
        if not self.delete_mac(mac, self._domain_for_mac(bd_id).bd_index):
            raise L2Error("mac entry not found", NO_SUCH_ENTRY)

    def _domain_for_mac(self, bd_id: int) -> Domain:
        if bd_id not in self.domains:
            raise L2Error(f"bridge domain ID {bd_id} invalid", NO_SUCH_ENTRY)
        return self.domains[bd_id]

    def flush(self, interface: Any = None, bd_id: int | None = None) -> None:
        """Forget what was learned: on an interface, in a domain, or anywhere."""
        if interface is not None:
            self.bump_interface(interface.sw_if_index)
        else:
            for domain in [self._domain_for_mac(bd_id)] if bd_id is not None else self.domains.values():
                self.bump_domain(domain.bd_index)
        started = time.perf_counter()
        self.scan()
        self.last_scan = time.perf_counter() - started

    # ---- observer of interfaces

    def interface_added(self, interface: Any) -> None:
        self.reset_interface(interface.sw_if_index)
        words = [int.from_bytes(interface.tags[at : at + 2], "big") for at in range(2, len(interface.tags), 4)]
        self.set_own_tags(interface.sw_if_index, tuple(words))

    def interface_changed(self, interface: Any) -> None:
        """The BVI's address in its domain is the interface's own."""
        known = self.bvi_macs.get(interface.sw_if_index)
        if known is not None and known != interface.mac:
            bd_index = self.bridged[interface.sw_if_index].bd_index
            self.delete_mac(known, bd_index)
            self.bvi_macs[interface.sw_if_index] = interface.mac
            self.add_mac(interface.mac, bd_index, interface.sw_if_index, STATIC | AGE_NOT | BVI)

    def interface_deleted(self, interface: Any) -> None:
        """Nothing leads to it any more."""
        self._leave(interface)
        for sw_if_index, peer in list(self.connected.items()):
            if peer is interface:
                self.route(self.interfaces.by_index[sw_if_index])
        self.delete_macs(interface.sw_if_index, provisioned=True)
        for is_input in (True, False):
            self.classifier.unhook(interface.sw_if_index, is_input)
            self.bitmaps.pop((interface.sw_if_index, is_input), None)
        self.rewrites.pop(interface.sw_if_index, None)
        self.reset_interface(interface.sw_if_index)
