"""The control plane of MACIP ACLs: lists, and the one that an interface may have."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from . import macip_nodes
from .errors import INVALID_SW_IF_INDEX, INVALID_VALUE, NO_SUCH_ENTRY, AclError
from .macip import MacipState
from .macip_rule import Chains, MacipRule
from .profile import PROFILES

LONGEST_TAG = 63
FEATURES = {  # by direction (whether it is input): arcs with our nodes
    True: (("ip4-unicast", "ip4-inacl"), ("ip6-unicast", "ip6-inacl")),
    False: (("ip4-output", "ip4-outacl"), ("ip6-output", "ip6-outacl")),
}


@dataclass
class MacipList:
    """A MACIP ACL. interfaces: sw_if_index of those that have it, in the order in which they came."""

    index: int
    tag: str
    rules: tuple[MacipRule, ...]
    chains: Chains
    interfaces: list[int]


class Macip:
    """MACIP ACLs of one vswitch. `acls`: by index, None where there is none. `applied`: index by sw_if_index."""

    def __init__(self, graph: Any, features: Any, interfaces: Any, l2: Any, profile: str) -> None:
        self.profile = PROFILES[profile]
        self.features = features
        self.interfaces = interfaces
        self.l2 = l2
        self.state = MacipState(graph)
        self.acls: list[MacipList | None] = []
        self.free: list[int] = []  # last freed, first given out
        self.applied: dict[int, int] = {}
        self.last_interface = -1  # the highest that ever had one
        self.last_applied = -1  # the highest index that was ever applied
        interfaces.observe(self)

    def register(self) -> None:
        """Add the nodes, once ip4-input is there."""
        macip_nodes.register(self.state, self.features, self.l2)

    # ---- lists

    def get(self, index: int) -> MacipList:
        """Raises AclError for an index without list."""
        acl = self.acls[index] if 0 <= index < len(self.acls) else None
        if acl is None:
            raise AclError("No such entry", NO_SUCH_ENTRY)
        return acl

    def add_replace(self, rules: Sequence[MacipRule], tag: str = "", index: int | None = None) -> int:
        """Make a list, or replace one in place, wherever it is applied; returns its index.

        Raises AclError for an index without list or a tag of more than 63 bytes.
        """
        if len(tag.encode()) > LONGEST_TAG:
            raise AclError("Invalid value", INVALID_VALUE)
        if index is not None:
            self._replace(self.get(index), tuple(rules), tag)
            return index
        chains = self._chains(rules)
        index = self.free.pop() if self.free else len(self.acls)
        self.acls[index : index + 1] = [MacipList(index, tag, tuple(rules), chains, [])]
        return index

    def _replace(self, acl: MacipList, rules: tuple[MacipRule, ...], tag: str) -> None:
        """The old tables' numbers are given up before the new ones are made, which take them again, as in VPP."""
        self.l2.classifier.give_back(acl.chains.all_tables())
        chains = self._chains(rules)
        for sw_if_index in acl.interfaces:
            self._hook(sw_if_index, acl.chains, False)
        acl.rules, acl.tag, acl.chains = rules, tag, chains
        for sw_if_index in acl.interfaces:
            self._hook(sw_if_index, chains, True)

    def _chains(self, rules: Sequence[MacipRule]) -> Chains:
        return Chains(rules, self.l2.classifier.take, self.profile.macip_arp_tags, self.profile.macip_egress)

    def delete(self, index: int) -> None:
        """Delete a list, and take it off the interfaces that have it. Raises AclError for an index without list."""
        acl = self.get(index)
        for sw_if_index in list(acl.interfaces):
            self.unapply(sw_if_index)
        self.l2.classifier.give_back(acl.chains.all_tables())
        self.acls[index] = None
        self.free.append(index)

    # ---- interfaces

    def apply(self, sw_if_index: int, index: int) -> None:
        """Give an interface a list, in place of the one it has. Raises AclError for an unknown interface or list."""
        acl = self.get(index)
        self._check(sw_if_index)
        if sw_if_index in self.applied:
            self.unapply(sw_if_index)
        self.applied[sw_if_index] = index
        acl.interfaces.append(sw_if_index)
        self.last_interface = max(self.last_interface, sw_if_index)
        self.last_applied = max(self.last_applied, index)
        self._hook(sw_if_index, acl.chains, True)

    def unapply(self, sw_if_index: int) -> None:
        """Take an interface's list off, whichever it is. Raises AclError if it has none."""
        self._check(sw_if_index)
        if sw_if_index not in self.applied:
            raise AclError("No such entry", NO_SUCH_ENTRY)
        acl = self.get(self.applied.pop(sw_if_index))
        acl.interfaces.remove(sw_if_index)
        self._hook(sw_if_index, acl.chains, False)

    def _check(self, sw_if_index: int) -> None:
        known = self.interfaces.by_index
        if not 0 <= sw_if_index < len(known) or known[sw_if_index] is None:
            raise AclError("Invalid sw_if_index", INVALID_SW_IF_INDEX)

    def _hook(self, sw_if_index: int, chains: Chains, on: bool) -> None:
        """Turn our nodes on or off, where the list has tables for them: an empty list lets everything pass."""
        for is_input, chain in ((True, chains.inbound), (False, chains.outbound)):
            if chain is None:
                continue
            if on:
                self.state.set_chain(sw_if_index, is_input, chain)
            for arc, node in FEATURES[is_input]:
                self.features.enable(arc, node, sw_if_index, on)
            self.l2.set_feature(sw_if_index, is_input, "ACL", on)
            if not on:
                self.state.set_chain(sw_if_index, is_input, None)

    def interface_deleted(self, interface: Any) -> None:
        """The next of its number begins without."""
        if interface.sw_if_index in self.applied:
            self.unapply(interface.sw_if_index)
