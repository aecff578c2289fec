"""The control plane of the ACL plugin: ACLs, the lists of interfaces, lookup contexts.

Every change is checked whole before it is made, and made between frames: a refused one leaves nothing behind.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from . import ip6, nodes
from .acl import RULE6_SIZE, RULE_SIZE, AclState
from .errors import (
    ENTRY_ALREADY_EXISTS,
    IN_USE_BY_CONTEXT,
    IN_USE_INBOUND,
    IN_USE_OUTBOUND,
    INVALID_SW_IF_INDEX,
    INVALID_VALUE,
    NO_SUCH_ENTRY,
    AclError,
)
from .layout import Layout
from .options import Options
from .profile import PROFILES
from .rule import RULE, RULE6, Rule

assert (RULE.size, RULE6.size) == (RULE_SIZE, RULE6_SIZE)

LONGEST_TAG = 63
FEATURES = {  # by direction (whether it is input): arcs with our node, and the bit of the L2 path
    True: ((("ip4-unicast", "acl-plugin-in-ip4-fa"), ("ip6-unicast", "acl-plugin-in-ip6-fa")), "INPUT_CLASSIFY"),
    False: ((("ip4-output", "acl-plugin-out-ip4-fa"), ("ip6-output", "acl-plugin-out-ip6-fa")), "OUTPUT_CLASSIFY"),
}
INTERFACE_ACL = "interface ACL"
UDP_IDLE, TCP_IDLE, TCP_TRANSIENT = 1, 2, 3


@dataclass
class AccessList:
    """An ACL. `packed` are its IPv4 and its IPv6 rules as the packet path reads them."""

    index: int
    tag: str
    rules: tuple[Rule, ...]
    packed: tuple[bytes, bytes] = field(repr=False)


@dataclass
class Context:
    """A lookup context: the ACLs of one interface in one direction.

    Other features have contexts too: owner names them, as VPP does, and is_input is None.
    """

    index: int
    sw_if_index: int
    is_input: bool | None
    acls: list[int]
    owner: str = INTERFACE_ACL


class Acl:
    """The ACL plugin of one vswitch. l2: what is enabled on the L2 path. profile: "18.01" or "18.10".

    options: the `acl-plugin` section of the startup file.

    `acls`, `contexts`: by index, None where there is none. `inbound`, `outbound`, `users`: by ACL, the interfaces and
    lookup contexts in the order in which they came.
    """

    def __init__(self, graph: Any, features: Any, interfaces: Any, l2: Any, profile: str,
                 options: Options | None = None) -> None:  # fmt: skip
        self.profile = PROFILES[profile]
        self.features = features
        self.interfaces = interfaces
        self.l2 = l2
        self.state = AclState(graph, self.profile)
        if options is not None and options.max_sessions is not None:
            self.state.max_sessions = options.max_sessions
        self.layout = Layout()
        self.acls: list[AccessList | None] = []
        self.free_acls: list[int] = []  # last freed, first given out
        self.contexts: list[Context | None] = []
        self.free_contexts: list[int] = []
        self.by_interface: dict[tuple[int, bool], Context] = {}
        self.users: dict[bool | None, list[list[int]]] = {True: [], False: [], None: []}
        self.ever_applied = False
        self.last_interface = -1  # the highest that ever had a list
        self.timeouts = self.profile.timeouts
        for number, seconds in enumerate(self.timeouts, UDP_IDLE):
            self.state.set_timeout(number, seconds)
        ip6.register(graph, features, self.state, l2)
        nodes.register(graph, features, self.state, l2)
        interfaces.observe(self)

    # ---- ACLs

    def get(self, index: int) -> AccessList:
        """Raises AclError for an index without ACL."""
        acl = self.acls[index] if 0 <= index < len(self.acls) else None
        if acl is None:
            raise AclError("No such entry", NO_SUCH_ENTRY)
        return acl

    def add_replace(self, rules: Sequence[Rule], tag: str = "", index: int | None = None) -> int:
        """Make an ACL, or replace one in place, wherever it is applied; returns its index.

        Raises AclError for an index without ACL or a tag of more than 63 bytes.
        """
        if len(tag.encode()) > LONGEST_TAG:
            raise AclError("Invalid value", INVALID_VALUE)
        if index is not None:
            old = self.get(index)
            self._replace(old, tuple(rules), tag)
            return index
        index = self.free_acls[-1] if self.free_acls else len(self.acls)
        acl = AccessList(index, tag, tuple(rules), pack_rules(index, rules))
        if self.free_acls:
            self.acls[self.free_acls.pop()] = acl
        else:
            self.acls.append(acl)
        self.layout.add_acl(index, rules)
        return index

    def _replace(self, acl: AccessList, rules: tuple[Rule, ...], tag: str) -> None:
        packed = pack_rules(acl.index, rules)
        using = [context for context in self.contexts if context is not None and acl.index in context.acls]
        old = acl.packed
        try:
            acl.packed = packed
            for context in using:
                self._load(context, context.acls, self._rules_before(context, acl.index))
        except MemoryError:
            acl.packed = old
            for context in using:
                self._load(context, context.acls)
            raise
        acl.rules, acl.tag = rules, tag
        self._redraw(acl, using)
        if self.state.reclassify:
            for context in using:
                if context.is_input is not None:
                    self.state.bump_epoch(context.sw_if_index, context.is_input)

    def _rules_before(self, context: Context, acl_index: int) -> tuple[int, int]:
        """IPv4 and IPv6 rules of the ACLs that stand before one in a context."""
        before = [self.get(index).packed for index in context.acls[: context.acls.index(acl_index)]]
        return sum(len(ip4) for ip4, _ in before) // RULE_SIZE, sum(len(ip6) for _, ip6 in before) // RULE6_SIZE

    def _redraw(self, acl: AccessList, using: list[Context]) -> None:
        """The picture of the tables, in the order in which VPP frees and takes masks."""
        for context in reversed(using):
            self.layout.unapply(context.index, acl.index)
        self.layout.delete_acl(acl.index)
        self.layout.add_acl(acl.index, acl.rules)
        for context in using:
            behind = context.acls[context.acls.index(acl.index) + 1 :]
            for index in reversed(behind):
                self.layout.unapply(context.index, index)
            for index in (acl.index, *behind):
                self.layout.apply(context.index, index, context.acls.index(index))

    def delete(self, index: int) -> None:
        """Delete an ACL. Raises AclError if there is none or it is applied."""
        self.get(index)
        for is_input, text, number in (
            (True, "Inbound ACL in use", IN_USE_INBOUND),
            (False, "Outbound ACL in use", IN_USE_OUTBOUND),
        ):
            if index < len(self.users[is_input]) and self.users[is_input][index]:
                raise AclError(text, number)
        if index < len(self.users[None]) and self.users[None][index]:
            raise AclError("ACL in use by a lookup context", IN_USE_BY_CONTEXT)
        self.layout.delete_acl(index)
        self.acls[index] = None
        self.free_acls.append(index)

    # ---- lists of interfaces

    def list_of(self, sw_if_index: int, is_input: bool) -> list[int]:
        """Indices of the ACLs applied, in order."""
        context = self.by_interface.get((sw_if_index, is_input))
        return list(context.acls) if context else []

    def set_lists(self, sw_if_index: int, inbound: Sequence[int], outbound: Sequence[int]) -> None:
        """Both lists of an interface, the output list first, as VPP does. Raises AclError, see `set_list`."""
        self._check(sw_if_index, inbound)
        self._check(sw_if_index, outbound)
        self.set_list(sw_if_index, False, outbound)
        self.set_list(sw_if_index, True, inbound)

    def set_list(self, sw_if_index: int, is_input: bool, acls: Sequence[int]) -> None:
        """Apply ACLs to an interface and direction in place of those before; none turns the feature off.

        The interface's sessions go, or with reclassification are judged anew. Raises AclError for an unknown
        interface or ACL, and for an ACL that is in the list twice.
        """
        self._check(sw_if_index, acls)
        new = list(acls)
        if self.list_of(sw_if_index, is_input) == new:
            return
        context = self.by_interface.get((sw_if_index, is_input)) or self._new_context(sw_if_index, is_input)
        self._load(context, new)
        self._record(context, new)
        self._enable(sw_if_index, is_input, bool(new))
        self.ever_applied = True
        self.last_interface = max(self.last_interface, sw_if_index)
        if self.state.reclassify:
            self.state.bump_epoch(sw_if_index, is_input)
        else:
            self.state.clear_interface(sw_if_index)

    def _check(self, sw_if_index: int, acls: Sequence[int]) -> None:
        known = self.interfaces.by_index
        if not 0 <= sw_if_index < len(known) or known[sw_if_index] is None:
            raise AclError("Invalid sw_if_index", INVALID_SW_IF_INDEX)
        for index in acls:
            self.get(index)
        if len(set(acls)) != len(acls):
            raise AclError("Entry already exists", ENTRY_ALREADY_EXISTS)

    def add_to_list(self, sw_if_index: int, is_input: bool, acl_index: int) -> None:
        """Append one ACL to a list. Raises AclError, also if it is there already."""
        self.set_list(sw_if_index, is_input, [*self.list_of(sw_if_index, is_input), acl_index])

    def delete_from_list(self, sw_if_index: int, is_input: bool, acl_index: int) -> None:
        """Take one ACL off a list. Raises AclError if it is not there."""
        acls = self.list_of(sw_if_index, is_input)
        if acl_index not in acls:
            raise AclError("No such entry", NO_SUCH_ENTRY)
        acls.remove(acl_index)
        self.set_list(sw_if_index, is_input, acls)

    def _new_context(self, sw_if_index: int, is_input: bool) -> Context:
        """A context without ACLs, with rules in place for the packet path."""
        index = self._free_context_index()
        self.state.set_context(index, sw_if_index, is_input, b"")
        context = self._keep_context(Context(index, sw_if_index, is_input, []))
        self.by_interface[sw_if_index, is_input] = context
        return context

    def _free_context_index(self) -> int:
        return self.free_contexts[-1] if self.free_contexts else len(self.contexts)

    def _keep_context(self, context: Context) -> Context:
        if self.free_contexts:
            self.free_contexts.pop()
            self.contexts[context.index] = context
        else:
            self.contexts.append(context)
        self.layout.open(context.index)
        return context

    def _drop_context(self, context: Context) -> None:
        self.state.forget_context(context.index)
        self.contexts[context.index] = None
        self.free_contexts.append(context.index)
        self.layout.forget(context.index)

    # ---- contexts of other features

    def open_context(self, owner: str, sw_if_index: int) -> Context:
        """A context in which another feature looks packets of an interface up, without ACLs as yet."""
        index = self._free_context_index()
        self.state.load_context(index, b"")
        return self._keep_context(Context(index, sw_if_index, None, [], owner))

    def fill_context(self, context: Context, acls: Sequence[int]) -> None:
        """Let other ACLs be what is looked up in it. Raises AclError, see `set_list`."""
        self._check(context.sw_if_index, acls)
        self._load(context, acls)
        self._record(context, list(acls))

    def close_context(self, context: Context) -> None:
        """The feature has done with a context."""
        self._record(context, [])
        self._drop_context(context)

    def _enable(self, sw_if_index: int, is_input: bool, on: bool) -> None:
        """Turn our nodes on or off; on the L2 path a classifier without sessions leads to them."""
        arcs, l2_bit = FEATURES[is_input]
        for arc, node in arcs:
            self.features.enable(arc, node, sw_if_index, on)
        self.l2.set_feature(sw_if_index, is_input, l2_bit, on)

    def _load(self, context: Context, acls: Sequence[int], kept: tuple[int, int] = (0, 0)) -> None:
        """Give the packet path the rules of the ACLs, end to end; the hits of the first `kept` go on."""
        rules, rules6 = (b"".join(self.get(index).packed[family] for index in acls) for family in (0, 1))
        if context.is_input is None:
            self.state.load_context(context.index, rules, rules6, *kept)
        else:
            self.state.set_context(context.index, context.sw_if_index, context.is_input, rules, rules6, *kept)

    def _record(self, context: Context, new: list[int]) -> None:
        """Who uses which ACL, and the picture of the tables."""
        for index in context.acls:
            self.layout.unapply(context.index, index)
            if context.is_input is not None:
                self.users[context.is_input][index].remove(context.sw_if_index)
            self.users[None][index].remove(context.index)
        for position, index in enumerate(new):
            self.layout.apply(context.index, index, position)
            if context.is_input is not None:
                self._users_of(context.is_input, index).append(context.sw_if_index)
            self._users_of(None, index).append(context.index)
        context.acls = new

    def _users_of(self, kind: bool | None, acl_index: int) -> list[int]:
        lists = self.users[kind]
        lists.extend([] for _ in range(len(lists), acl_index + 1))
        return lists[acl_index]

    def interface_deleted(self, interface: Any) -> None:
        """What was applied to the interface goes with it, sessions included."""
        for is_input in (False, True):
            context = self.by_interface.get((interface.sw_if_index, is_input))
            if context is not None:
                self._record(context, [])
                self._enable(interface.sw_if_index, is_input, False)
                del self.by_interface[interface.sw_if_index, is_input]
                self._drop_context(context)
        self.state.clear_interface(interface.sw_if_index)

    # ---- what the show commands read

    def rule_hits(self, context: Context) -> dict[tuple[int, int], tuple[int, int]]:
        """By ACL and place of the rule: packets, and later fragments, which VPP does not count."""
        places = [
            (index, number, rule.is_ip4) for index in context.acls for number, rule in enumerate(self.get(index).rules)
        ]
        hits, hits6 = iter(self.state.hits(context.index)), iter(self.state.hits6(context.index))
        return {(index, number): next(hits) if is_ip4 else (next(hits6), 0) for index, number, is_ip4 in places}

    def hits(self, acl_index: int) -> list[int]:
        """Packets and later fragments per rule of an ACL, all interfaces together."""
        totals = [0] * len(self.get(acl_index).rules)
        for context in self.contexts:
            if context is not None and acl_index in context.acls:
                for (index, number), counts in self.rule_hits(context).items():
                    if index == acl_index:
                        totals[number] += sum(counts)
        return totals

    def set_timeout(self, class_: int, seconds: int) -> None:
        """class_: UDP_IDLE, TCP_IDLE or TCP_TRANSIENT."""
        self.state.set_timeout(class_, seconds)


def pack_rules(acl_index: int, rules: Sequence[Rule]) -> tuple[bytes, bytes]:
    """The IPv4 and the IPv6 rules of an ACL, as acl_rule_t and acl_rule6_t."""
    packed = [(rule.is_ip4, rule.pack(acl_index, number)) for number, rule in enumerate(rules)]
    ip4, ip6 = (b"".join(data for is_ip4, data in packed if is_ip4 == family) for family in (True, False))
    return ip4, ip6
