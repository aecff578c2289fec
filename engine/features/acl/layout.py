"""What `show acl-plugin tables` shows: the rules as VPP 18.10 lays them out in its hash tables.

Our lookup (engine/tables/tuple_space) has partitions of its own; this is a picture of VPP's, kept up to date in its
order of events, because the numbers of masks follow from it. Rules are grouped by masks (TupleMerge): a rule takes
the youngest mask of its context that asks for no more than the rule does; where there is none, a relaxed form of
its own mask is added. VPP also splits groups of more than 39 rules with the same masked key; the picture does not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .rule import Rule

Words = tuple[int, int, int, int, int, int]  # as the six words of a packet's key

FULL = 32  # bits of an IPv4 address
RELAXED = 26  # a host becomes this long
UNBALANCED = 4  # the shorter prefix is dropped if it is shorter by more than this

INFO_ANY = 0x0800FFFFFFFFFFFF  # of a mask: family, and what is not looked at
INFO_L4 = 0x0E00FFFFFFFFFFFF  # and: L4 fields valid, no later fragment
INFO_TCP_FLAGS = 1 << 56
L4_VALID = 0x02 << 56
IS_IP6 = 0x08 << 56
PROTO = 0xFF << 32
ALL_ONES = (1 << 64) - 1
KEY = (*[ALL_ONES] * 5, 0xFFFF << 48)  # the info word without the number of the base mask
RELAXED_INFO = ~(0x06 << 56)

# the arena of VPP's hash table: empty, and for each bucket in use
ARENA_EMPTY = 0x80040
ARENA_BUCKET = 0x100


def _address_words(address: bytes) -> tuple[int, ...]:
    return tuple(int.from_bytes(address[at : at + 8], "little") for at in range(0, len(address), 8))


def _l3_words(src: bytes, dst: bytes) -> tuple[int, int, int, int]:
    if len(src) == 4:
        return (0, 0, 0, *_address_words(src + dst))  # type: ignore[return-value]
    return (*_address_words(src), *_address_words(dst))  # type: ignore[return-value]


def _port_mask(ports: tuple[int, int]) -> int:
    return 0xFFFF if ports[0] == ports[1] else 0


def base_mask(rule: Rule) -> Words:
    """What of a packet's key the rule looks at. Port ranges are not part of it."""
    l3 = _l3_words(rule.src.netmask.packed, rule.dst.netmask.packed)
    if not rule.proto:
        return (*l3, 0, INFO_ANY)
    info = INFO_L4
    if rule.proto == 6 and rule.tcp_flags_mask:
        info |= INFO_TCP_FLAGS | rule.tcp_flags_mask << 48
    return (*l3, _port_mask(rule.sport) | _port_mask(rule.dport) << 16 | PROTO, info)


def match_key(rule: Rule, mask: Words, mask_index: int) -> Words:
    """The rule's own key under its mask; the number of the mask stands where a packet's key has all ones."""
    l3 = _l3_words(rule.src.ip.packed, rule.dst.ip.packed)
    l4 = rule.sport[0] | rule.dport[0] << 16 | rule.proto << 32
    info = 0 if rule.is_ip4 else IS_IP6
    if rule.proto:
        info |= L4_VALID
        if mask[5] & INFO_TCP_FLAGS:
            info |= INFO_TCP_FLAGS | (rule.tcp_flags_value & rule.tcp_flags_mask) << 48
    words = tuple(value & bits for value, bits in zip((*l3, l4), mask, strict=False))
    return (*words, info | mask_index << 32)  # type: ignore[return-value]


def asks_no_more(one: Words, other: Words) -> bool:
    """Every bit of `one` is in `other` too."""
    return all(a & b == a for a, b in zip(one, other, strict=True))


def relax(mask: Words, is_ip4: bool) -> Words:
    """A mask that more rules can share: hosts become /26, the shorter of two very different prefixes goes."""
    info = mask[5] & RELAXED_INFO
    if not is_ip4:
        return (*mask[:5], info)
    lengths = [(mask[3] & 0xFFFFFFFF).bit_count(), (mask[3] >> 32).bit_count()]
    shorter = 0 if lengths[0] < lengths[1] else 1
    relaxed = [RELAXED if length == FULL else length for length in lengths]
    if abs(lengths[0] - lengths[1]) > UNBALANCED:
        relaxed[shorter] = 0
    src, dst = (((1 << 32) - (1 << (32 - length))).to_bytes(4, "big") for length in relaxed)
    return (*_l3_words(src, dst), mask[4], info)


class Masks:
    """The masks of all rules, numbered as VPP does: last freed first."""

    def __init__(self) -> None:
        self.words: list[Words | None] = []
        self.counts: list[int] = []
        self.free: list[int] = []
        self.index: dict[Words, int] = {}

    def take(self, words: Words) -> int:
        index = self.index.get(words)
        if index is None:
            index = self.free.pop() if self.free else len(self.words)
            if index == len(self.words):
                self.words.append(None)
                self.counts.append(0)
            self.words[index] = words
            self.index[words] = index
        self.counts[index] += 1
        return index

    def release(self, index: int) -> None:
        self.counts[index] -= 1
        if self.counts[index] == 0:
            words = self.words[index]
            assert words is not None
            del self.index[words]
            self.words[index] = None
            self.free.append(index)

    def used(self) -> Iterable[tuple[int, Words, int]]:
        """(number, words, how many use it)."""
        return ((i, words, self.counts[i]) for i, words in enumerate(self.words) if words is not None)


@dataclass(slots=True)
class Prepared:
    """A rule of an ACL, ready to be applied."""

    rule: Rule
    base_index: int
    key: Words


@dataclass(slots=True)
class Applied:
    """A rule in a lookup context."""

    acl_index: int
    rule_index: int
    acl_position: int
    prepared: Prepared
    mask_index: int
    masked_key: Words


@dataclass(slots=True)
class ContextLayout:
    """The applied rules of a lookup context, in order."""

    entries: list[Applied] = field(default_factory=list)
    masks: list[int] = field(default_factory=list)  # in the order in which rules first needed them
    chosen: dict[Words, int] = field(default_factory=dict)  # mask by base mask, until a mask is added

    def chains(self) -> dict[tuple[int, Words], list[int]]:
        """Places of the entries that share a masked key, first one first."""
        found: dict[tuple[int, Words], list[int]] = {}
        for place, entry in enumerate(self.entries):
            found.setdefault((entry.mask_index, entry.masked_key), []).append(place)
        return found


class Layout:
    """The picture of all ACLs and contexts."""

    def __init__(self) -> None:
        self.masks = Masks()
        self.acls: dict[int, list[Prepared]] = {}
        self.contexts: dict[int, ContextLayout] = {}
        self.elements = 0  # of the hash table: masked keys
        self.most_elements = 0

    def add_acl(self, acl_index: int, rules: Sequence[Rule]) -> None:
        prepared = []
        for rule in rules:
            words = base_mask(rule)
            index = self.masks.take(words)
            prepared.append(Prepared(rule, index, match_key(rule, words, index)))
        self.acls[acl_index] = prepared

    def delete_acl(self, acl_index: int) -> None:
        for prepared in self.acls.pop(acl_index):
            self.masks.release(prepared.base_index)

    def open(self, lc_index: int) -> None:
        """A new context, to which nothing is applied yet."""
        self.contexts[lc_index] = ContextLayout()

    def apply(self, lc_index: int, acl_index: int, position: int) -> None:
        """Put an ACL's rules at the end of a context; position: the ACL's place in the context's list."""
        context = self.contexts[lc_index]
        before = len(context.chains())
        for number, prepared in enumerate(self.acls[acl_index]):
            mask_index = self._choose(context, prepared)
            words = self.masks.words[mask_index]
            assert words is not None
            key = tuple(
                value & bits & looked_at for value, bits, looked_at in zip(prepared.key, words, KEY, strict=True)
            )
            context.entries.append(Applied(acl_index, number, position, prepared, mask_index, key))  # type: ignore[arg-type]
        self._count(len(context.chains()) - before)

    def unapply(self, lc_index: int, acl_index: int) -> None:
        """Take an ACL's rules out of a context."""
        context = self.contexts[lc_index]
        before = len(context.chains())
        for entry in context.entries:
            if entry.acl_index == acl_index:
                self.masks.release(entry.mask_index)
        context.entries = [entry for entry in context.entries if entry.acl_index != acl_index]
        context.masks = list(dict.fromkeys(entry.mask_index for entry in context.entries))
        context.chosen = {}
        self._count(len(context.chains()) - before)

    def forget(self, lc_index: int) -> None:
        """The context's interface is gone; nothing is applied there any more."""
        self.contexts.pop(lc_index, None)

    def _choose(self, context: ContextLayout, prepared: Prepared) -> int:
        base = self.masks.words[prepared.base_index]
        assert base is not None
        if base not in context.chosen:
            context.chosen[base] = self._fitting(context, base, prepared.rule.is_ip4)
        else:
            self.masks.take(self.masks.words[context.chosen[base]])  # type: ignore[arg-type]
        return context.chosen[base]

    def _fitting(self, context: ContextLayout, base: Words, is_ip4: bool) -> int:
        for index in reversed(context.masks):
            words = self.masks.words[index]
            assert words is not None
            if asks_no_more(words, base):
                return self.masks.take(words)
        index = self.masks.take(relax(base, is_ip4))
        context.masks.append(index)
        context.chosen = {}
        return index

    def _count(self, elements: int) -> None:
        self.elements += elements
        self.most_elements = max(self.most_elements, self.elements)
