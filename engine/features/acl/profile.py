"""How releases of the ACL plugin differ."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Timeouts(NamedTuple):
    """Seconds without a packet after which a session goes."""

    udp_idle: int = 600
    tcp_idle: int = 86400
    tcp_transient: int = 120


@dataclass(frozen=True)
class AclProfile:
    """Data that the nodes, the session table and the texts are chosen by, once, when the engine starts.

    both_directions: sessions have an entry each way (with ICMP requests and their replies) and are deleted in two
    steps; otherwise one entry, in input direction, whatever the ICMP type. has_lc_index: traces know lookup contexts.
    class_base: what is taken off a class where traces print it. check_divisor: a session list is looked at after its
    timeout divided by this. reserved_sessions: never given out. cli_tag: of an ACL made on the command line.
    macip_arp_tags: whether MACIP ACLs find ARP messages behind VLAN tags. macip_egress: whether rules of action 3 hold
    for output too, and the show commands tell of it.
    lookup_users: who may own lookup contexts (name, and what their two numbers mean), in the order in which the
    release's plugins announce themselves.
    """

    both_directions: bool
    has_lc_index: bool
    class_base: int
    check_divisor: int
    max_sessions: int
    reserved_sessions: int
    macip_arp_tags: bool
    macip_egress: bool
    timeouts: Timeouts = field(default_factory=Timeouts)
    cli_tag: str = ""
    version: tuple[int, int] = (1, 3)
    lookup_users: tuple[tuple[str, str, str | None], ...] = (
        ("abp plugin", "sw_if_index", None),
        ("interface ACL", "sw_if_index", "is_input"),
    )


PROFILES = {
    "18.01": AclProfile(
        both_directions=False,
        has_lc_index=False,
        class_base=1,
        check_divisor=1,
        max_sessions=1_000_000,
        reserved_sessions=0,
        macip_arp_tags=False,
        macip_egress=False,
    ),
    "18.10": AclProfile(
        both_directions=True,
        has_lc_index=True,
        class_base=0,
        check_divisor=2,
        max_sessions=500_000,
        reserved_sessions=1,
        macip_arp_tags=True,
        macip_egress=True,
    ),
}
