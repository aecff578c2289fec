"""What the show commands of ACLs give as data."""

from typing import NotRequired, TypedDict


class Rule(TypedDict):
    """A rule. sport, dport: first and last; text: as VPP prints it."""

    action: str
    src: str
    dst: str
    proto: int
    sport: list[int]
    dport: list[int]
    tcp_flags_mask: int
    tcp_flags_value: int
    text: str


class RuleWithHits(Rule):
    """A rule and how many packets it decided on."""

    hits: int


class Acl(TypedDict):
    """An ACL."""

    acl_index: int
    tag: str
    rules: list[Rule]


class UsedAcl(Acl):
    """An ACL and where it is used, by sw_if_index and lookup context; None while none of its index ever was."""

    inbound: list[int] | None
    outbound: list[int] | None
    contexts: list[int] | None


class AclSummary(TypedDict):
    """An ACL with names of interfaces and hits."""

    acl_index: int
    tag: str
    input: list[str]
    output: list[str]
    rules: list[RuleWithHits]


class Direction(TypedDict):
    """The ACLs of an interface in one direction; lc_index: -1 without any."""

    acls: list[int]
    rules: list[Acl]
    lc_index: int
    policy_epoch: int | None


class InterfaceAcls(TypedDict):
    """An interface."""

    sw_if_index: int
    input: Direction
    output: Direction


class LookupContext(TypedDict):
    """Who looks up in which ACLs."""

    lc_index: int
    user: str
    sw_if_index: int
    is_input: int | None
    acls: list[int]


class LookupUser(TypedDict):
    """Who makes lookup contexts, and what its two values mean."""

    index: int
    name: str
    first: str | None
    second: str | None


class Session(TypedDict):
    """A session as its first packet was seen; src, dst: hex digits; times in ns; words: its key, when listed."""

    index: int
    sw_if_index: int
    thread_index: int
    src: str
    dst: str
    sport: int
    dport: int
    proto: int
    key: list[int]
    tcp_flags: int
    bits: int
    tcp_flags_seen: int
    last_active_ns: int
    link_enqueue_ns: int
    link_next: int
    link_prev: int
    link_list_id: int
    policy_epoch: int
    words: NotRequired[list[int]]


class SessionCounters(TypedDict):
    """What happened to sessions, and to the cleaner."""

    added: int
    deactivated: int
    deleted: int
    entries: int
    most_entries: int
    cleaned: int
    requeued: int
    interval_ns: int


class InterfaceSessions(TypedDict):
    """Sessions of an interface."""

    sw_if_index: int
    added: int
    deleted: int
    epoch_changes: int


class HashTable(TypedDict):
    """A hash table as VPP would have it; used, memory in bytes."""

    name: str
    entries: int
    free: int
    used: int
    memory: int


class Sessions(TypedDict):
    """Sessions; lists: the first of each timeout's list. now: in ns."""

    now: int
    counters: SessionCounters
    interfaces: list[InterfaceSessions]
    lists: list[Session | None]
    sessions: list[Session]
    reclassify: bool
    tables: list[HashTable] | None


class Mask(TypedDict):
    """A mask that rules share."""

    index: int
    words: list[int]
    refcount: int


class PreparedRule(TypedDict):
    """A rule as it is looked up."""

    words: list[int]
    base_mask: int
    action: int


class PreparedAcl(TypedDict):
    """An ACL as it is looked up."""

    acl_index: int
    contexts: list[int]
    rules: list[PreparedRule]


class MaskUse(TypedDict):
    """A mask of a context."""

    mask: int
    first: int
    entries: int
    most_collisions: int


class AppliedRule(TypedDict):
    """A rule in a context; next, prev, tail: -1 for none."""

    acl: int
    rule: int
    acl_position: int
    action: int
    mask: int
    colliding: list[int]
    next: int
    prev: int
    tail: int
    hits: int


class AppliedContext(TypedDict):
    """A lookup context's rules."""

    lc_index: int
    acls: list[int]
    masks: list[MaskUse]
    entries: list[AppliedRule]


class Tables(TypedDict):
    """The parts that were asked for."""

    mask: NotRequired[list[Mask]]
    acl: NotRequired[list[PreparedAcl]]
    applied: NotRequired[list[AppliedContext]]
    hash: NotRequired[HashTable]


class MacipRule(TypedDict):
    """A rule of a MACIP ACL; text: as VPP prints it."""

    action: int
    prefix: str
    mac: str
    mask: str
    text: str
    hits: int


class MacipAcl(TypedDict):
    """A MACIP ACL. Tables: numbers of those asked first, -1 without any; interfaces: None while none ever had it."""

    acl_index: int
    tag: str
    rules: list[MacipRule]
    input_table: int
    output_table: int
    interfaces: list[int] | None
    egress: bool


class MacipInterface(TypedDict):
    """An interface; acl_index: -1 without any."""

    sw_if_index: int
    acl_index: int


SHAPES = {
    "show acl": list[AclSummary],
    "show acl-plugin acl": list[UsedAcl],
    "show acl-plugin interface": list[InterfaceAcls],
    "show acl-plugin lookup context": list[LookupContext],
    "show acl-plugin lookup user": list[LookupUser],
    "show acl-plugin macip acl": list[MacipAcl],
    "show acl-plugin macip interface": list[MacipInterface],
    "show acl-plugin sessions": Sessions,
    "show acl-plugin tables": Tables,
}
