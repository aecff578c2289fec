"""A rule of an ACL: what a user says, what VPP prints, and the bytes the packet path reads."""

import struct
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv6Interface
from typing import Any

from .errors import INVALID_VALUE, AclError

DENY, PERMIT, REFLECT = range(3)
ACTION_NAMES = {DENY: "deny", PERMIT: "permit", REFLECT: "permit+reflect"}
ALL_PORTS = (0, 65535)
ANY4 = IPv4Interface("0.0.0.0/0")

# acl_rule_t: tuple_rule_t (addresses, lengths, protocol, TCP flags, ports), then acl, rule, action
RULE = struct.Struct("<4s4sBBBBBxHHHHxxIIB3x")

# acl_rule6_t: addresses and masks, ports, protocol, TCP flags, action, acl, rule
RULE6 = struct.Struct("<16s16s16s16sHHHHBBBBII4x")

Prefix = IPv4Interface | IPv6Interface


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; the defaults match every IPv4 packet.

    Prefixes keep their host bits for display. proto 0 is any, and then ports and flags do not count. Ports are
    first and last, both included; for ICMP they are type and code. TCP flags match if flags & mask == value.
    Raises AclError for numbers out of range.
    """

    action: int = PERMIT
    src: Prefix = ANY4
    dst: Prefix = ANY4
    proto: int = 0
    sport: tuple[int, int] = ALL_PORTS
    dport: tuple[int, int] = ALL_PORTS
    tcp_flags_mask: int = 0
    tcp_flags_value: int = 0

    def __post_init__(self) -> None:
        octets = (self.action, self.proto, self.tcp_flags_mask, self.tcp_flags_value)
        if not all(0 <= value <= 255 for value in octets):
            raise AclError("Invalid value", INVALID_VALUE)
        for first, last in (self.sport, self.dport):
            if not 0 <= first <= last <= 65535:
                raise AclError("Invalid value", INVALID_VALUE)
        if self.src.version != self.dst.version:
            raise AclError("Invalid value", INVALID_VALUE)

    @property
    def is_ip4(self) -> bool:
        return self.src.version == 4

    def pack(self, acl_index: int, rule_index: int) -> bytes:
        """As acl_rule_t, or for IPv6 as acl_rule6_t."""
        if not self.is_ip4:
            return RULE6.pack(
                self.src.network.network_address.packed,
                self.dst.network.network_address.packed,
                self.src.netmask.packed,
                self.dst.netmask.packed,
                *self.sport,
                *self.dport,
                self.proto,
                self.tcp_flags_mask,
                self.tcp_flags_value,
                self.action,
                acl_index,
                rule_index,
            )
        return RULE.pack(
            self.src.ip.packed,
            self.dst.ip.packed,
            self.src.network.prefixlen,
            self.dst.network.prefixlen,
            self.proto,
            self.tcp_flags_mask,
            self.tcp_flags_value,
            *self.sport,
            *self.dport,
            acl_index,
            rule_index,
            self.action,
        )

    def text(self) -> str:
        """As `show acl-plugin acl` prints it."""
        action = ACTION_NAMES.get(self.action, f"action {self.action}")
        flags = f" tcpflags {self.tcp_flags_value} mask {self.tcp_flags_mask}"
        return (
            f"ipv{self.src.version} {action} src {self.src.with_prefixlen} dst {self.dst.with_prefixlen} "
            f"proto {self.proto} sport {ports_text(self.sport)} dport {ports_text(self.dport)}"
            + (flags if self.tcp_flags_mask or self.tcp_flags_value else "")
        )

    def data(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "action": ACTION_NAMES.get(self.action, self.action),
            "src": self.src.with_prefixlen,
            "dst": self.dst.with_prefixlen,
            "proto": self.proto,
            "sport": list(self.sport),
            "dport": list(self.dport),
            "tcp_flags_mask": self.tcp_flags_mask,
            "tcp_flags_value": self.tcp_flags_value,
        }


def ports_text(ports: tuple[int, int]) -> str:
    first, last = ports
    return str(first) if first == last else f"{first}-{last}"
