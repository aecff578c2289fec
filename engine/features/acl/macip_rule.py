"""A rule of a MACIP ACL, and the chain of tables that a list of them becomes (behaviour of VPP's acl plugin)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .errors import INVALID_VALUE, AclError
from .macip import ARP, IP4, IP6, MacipChain
from .rule import ANY4, DENY, PERMIT, Prefix

Step = tuple[bytes, bytes, int, int, int]  # see MacipChain
Entry = tuple[int, bytes, bytes, int, bool]

PERMIT_BOTH_WAYS = 3  # and frames to the address, on output
NO_MAC = bytes(6)
EXACT_MAC = b"\xff" * 6
ANYTHING = bytes(16)
TAGS = (2, 1, 0)  # tables are made for frames with two VLAN tags first, and so asked last
WEIGHT_OF_USE = 10


def mac_text(mac: bytes) -> str:
    return mac.hex(":")


@dataclass(frozen=True, slots=True)
class MacipRule:
    """Frames from a MAC address (6 bytes, under a mask) that have a source in the prefix.

    The prefix keeps its host bits for display. Raises AclError for what is out of range.
    """

    action: int = PERMIT
    prefix: Prefix = ANY4
    mac: bytes = NO_MAC
    mac_mask: bytes = NO_MAC

    def __post_init__(self) -> None:
        if not 0 <= self.action <= 255 or (len(self.mac), len(self.mac_mask)) != (6, 6):
            raise AclError("Invalid value", INVALID_VALUE)

    @property
    def address(self) -> bytes:
        """16 bytes, an IPv4 address in the first four."""
        return self.prefix.ip.packed.ljust(16, b"\0")

    def text(self) -> str:
        """As `show acl-plugin macip acl` prints it."""
        return (
            f"ipv{self.prefix.version} action {self.action} ip {self.prefix.with_prefixlen} "
            f"mac {mac_text(self.mac)} mask {mac_text(self.mac_mask)}"
        )

    def data(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "action": self.action,
            "prefix": self.prefix.with_prefixlen,
            "mac": mac_text(self.mac),
            "mask": mac_text(self.mac_mask),
        }


@dataclass
class Kind:
    """The rules that share MAC mask, prefix length and family: one table for each number of tags."""

    mac_mask: bytes
    prefix: Prefix
    rules: list[int] = field(default_factory=list)
    egress: bool = False

    @property
    def family(self) -> int:
        return IP4 if self.prefix.version == 4 else IP6

    @property
    def address_mask(self) -> bytes:
        return self.prefix.netmask.packed.ljust(16, b"\0")

    @property
    def weight(self) -> int:
        """VPP's measure: what is more specific and more used is asked first."""
        bits = int.from_bytes(self.mac_mask).bit_count()
        return self.prefix.network.prefixlen + bits + (self.family == IP6) + WEIGHT_OF_USE * len(self.rules)


def kinds_of(rules: Sequence[MacipRule]) -> list[Kind]:
    """Lightest first: the tables made last are asked first."""
    kinds: dict[tuple[bytes, int, int], Kind] = {}
    for number, rule in enumerate(rules):
        key = (rule.mac_mask, rule.prefix.network.prefixlen, rule.prefix.version)
        kind = kinds.setdefault(key, Kind(rule.mac_mask, rule.prefix))
        kind.rules.append(number)
        kind.egress = kind.egress or rule.action == PERMIT_BOTH_WAYS
    return sorted(kinds.values(), key=lambda kind: kind.weight)


class Chains:
    """The tables of a list of rules: `inbound`, `outbound` (None where there is nothing to ask), and their numbers.

    take: gives the number of a new table. arp_tags: whether ARP messages are found behind VLAN tags too. egress:
    whether rules of action 3 have tables for output. Tables are numbered as VPP makes them: those for ARP first,
    each direction's in turn; `tables[is_input]` has them in that order.
    """

    def __init__(self, rules: Sequence[MacipRule], take: Callable[[], int], arp_tags: bool, egress: bool) -> None:
        self.rules = rules
        self.take = take
        self.steps: dict[bool, list[Step]] = {True: [], False: []}
        self.entries: dict[bool, list[Entry]] = {True: [], False: []}
        self.tables: dict[bool, list[int]] = {True: [], False: []}
        kinds = kinds_of(rules)
        for kind in kinds:
            if kind.family == IP4:
                self._add_arp(kind, TAGS if arp_tags else (0,), egress and kind.egress)
        for kind in kinds:
            self._add_addresses(kind, egress and kind.egress)
        self.inbound, self.outbound = (self._chain(is_input) for is_input in (True, False))

    def head(self, is_input: bool) -> int | None:
        """The table that is asked first."""
        return self.tables[is_input][-1] if self.tables[is_input] else None

    def hits(self) -> list[int]:
        """By rule, the frames it decided."""
        counts = [0] * len(self.rules)
        for chain in (self.inbound, self.outbound):
            for rule, hits in chain.hits() if chain is not None else ():
                counts[rule] += hits
        return counts

    def all_tables(self) -> list[int]:
        """In the order in which VPP frees them, from the end of each chain."""
        return self.tables[True] + self.tables[False]

    def _add_arp(self, kind: Kind, tags: Sequence[int], egress: bool) -> None:
        """On output any ARP message may pass where a rule says so."""
        for n_tags in tags:
            self._add(True, kind, ARP, n_tags, kind.mac_mask, kind.address_mask)
            if egress:
                self._add(False, kind, ARP, n_tags, NO_MAC, ANYTHING)

    def _add_addresses(self, kind: Kind, egress: bool) -> None:
        for is_input in (True, False) if egress else (True,):
            for n_tags in TAGS:
                self._add(is_input, kind, kind.family, n_tags, kind.mac_mask, kind.address_mask)

    def _add(self, is_input: bool, kind: Kind, family: int, n_tags: int, mac_mask: bytes, address_mask: bytes) -> None:
        number, step = self.take(), len(self.steps[is_input])
        self.tables[is_input].append(number)
        self.steps[is_input].append((mac_mask, address_mask, family, n_tags, number))
        for place in kind.rules:
            rule = self.rules[place]
            if is_input or rule.action == PERMIT_BOTH_WAYS:
                self.entries[is_input].append((step, rule.mac, rule.address, place, rule.action != DENY))

    def _chain(self, is_input: bool) -> MacipChain | None:
        """The table made last is asked first."""
        last = len(self.steps[is_input]) - 1
        if last < 0:
            return None
        entries = [(last - step, mac, address, *rest) for step, mac, address, *rest in self.entries[is_input]]
        return MacipChain(self.steps[is_input][::-1], entries)


