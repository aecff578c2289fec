"""A plain Python twin of the ACL nodes: one packet after the other, dicts for sessions, rules walked in order."""

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from engine.features.acl.rule import REFLECT, Rule

from .packets import ACK, FIN, ICMP, RST, SYN, TCP, Packet

FOUND, CLASS_CHANGE = 0x80000000, 0x00010000
UDP_IDLE, TCP_IDLE, TRANSIENT = 1, 2, 3
TIMEOUTS = {UDP_IDLE: 600, TCP_IDLE: 86400, TRANSIENT: 120}
ANSWERS = {8: 0, 13: 14, 15: 16, 17: 18}


@dataclass(eq=False)
class Session:
    proto: int
    last: float
    seen: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    keys: list[tuple] = field(default_factory=list)

    @property
    def kind(self) -> int:
        if self.proto != TCP:
            return UDP_IDLE
        both = self.seen[True] & self.seen[False]
        ended = (self.seen[True] | self.seen[False]) & (FIN | RST)
        return TCP_IDLE if both & (SYN | ACK) == SYN | ACK and not ended else TRANSIENT


@dataclass
class Verdict:
    action: int
    acl: int
    rule: int | Session
    bits: int


def matches(rule: Rule, packet: Packet, match_fragments: bool = True) -> bool:
    if IPv4Address(packet.src) not in rule.src.network or IPv4Address(packet.dst) not in rule.dst.network:
        return False
    if rule.proto == 0:
        return True
    if rule.proto != packet.proto:
        return False
    if packet.later_fragment:
        return match_fragments
    if packet.short:
        return False
    sport, dport = ports(packet)
    if not rule.sport[0] <= sport <= rule.sport[1] or not rule.dport[0] <= dport <= rule.dport[1]:
        return False
    return packet.proto != TCP or packet.flags & rule.tcp_flags_mask == rule.tcp_flags_value


def ports(packet: Packet) -> tuple[int, int]:
    """As the key has them."""
    if not packet.l4_valid or packet.proto not in (ICMP, TCP, 17):
        return 0, 0
    return (packet.sport & 0xFF, packet.dport & 0xFF) if packet.proto == ICMP else (packet.sport, packet.dport)


class Model:
    """rules: by (interface, is_input) the ACLs applied, each (index, rules)."""

    def __init__(self, profile: str, rules: dict[tuple[int, bool], list[tuple[int, list[Rule]]]]) -> None:
        self.two_entries = profile == "18.10"
        self.rules = rules
        self.sessions: dict[tuple, Session] = {}
        self.now = 0.0

    def key(self, interface: int, is_input: bool, packet: Packet) -> tuple:
        sport, dport = ports(packet)
        if self.two_entries:
            # the slow path's flag tells apart packets with and without L4 fields, for all but TCP and UDP
            slow = packet.l4_valid and packet.proto not in (TCP, 17)
            return (interface, is_input, packet.proto, slow, packet.src, packet.dst, sport, dport)
        if not is_input:
            return (interface, packet.proto, packet.dst, packet.src, dport, sport)
        return (interface, packet.proto, packet.src, packet.dst, sport, dport)

    def reverse(self, key: tuple) -> tuple | None:
        interface, is_input, proto, slow, src, dst, sport, dport = key
        if proto != ICMP:
            return (interface, not is_input, proto, slow, dst, src, dport, sport)
        if sport not in ANSWERS:
            return None
        return (interface, not is_input, proto, slow, dst, src, ANSWERS[sport], dport)

    def advance(self, seconds: float) -> None:
        """Long enough, or short enough, that it does not matter when the cleaner looks."""
        self.now += seconds
        for key, session in list(self.sessions.items()):
            if self.now - session.last > TIMEOUTS[session.kind]:
                del self.sessions[key]

    def frame(self, interface: int, is_input: bool, packets: list[Packet]) -> list[Verdict]:
        """What the node says of the packets of one frame; empty where it does not run."""
        if not self.rules.get((interface, is_input)):
            return []
        self.bits = 0
        return [self.packet(interface, is_input, packet) for packet in packets]

    def packet(self, interface: int, is_input: bool, packet: Packet) -> Verdict:
        key = self.key(interface, is_input, packet)
        session = self.sessions.get(key)
        if session is not None:
            self.bits |= FOUND
            self.touch(session, is_input, packet)
            return Verdict(3, -1, session, self.bits)
        for index, rules in self.rules[interface, is_input]:
            for place, rule in enumerate(rules):
                if matches(rule, packet):
                    return self.apply(key, is_input, packet, index, place, rule)
        return Verdict(0, -1, -1, self.bits)

    def apply(self, key: tuple, is_input: bool, packet: Packet, index: int, place: int, rule: Rule) -> Verdict:
        if packet.later_fragment and rule.proto:
            self.bits |= FOUND
        if rule.action == REFLECT:
            session = Session(packet.proto, self.now)
            self.sessions[key] = session
            reverse = self.reverse(key) if self.two_entries else None
            if reverse is not None:
                self.sessions[reverse] = session
            self.touch(session, is_input, packet)
        return Verdict(rule.action, index, place, self.bits)

    def touch(self, session: Session, is_input: bool, packet: Packet) -> None:
        before = session.kind
        session.last = self.now
        if packet.proto == TCP and packet.l4_valid:
            session.seen[is_input] |= packet.flags
        if session.kind != before:
            base = 0 if self.two_entries else 1
            self.bits |= CLASS_CHANGE | (before - base) << 8 | (session.kind - base)
