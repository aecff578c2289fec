"""What the arguments of the ACL commands are made of."""

import re
from ipaddress import IPv4Interface, IPv6Interface, ip_interface
from typing import Any

from engine.cli import MAC, PORT, U64, WORD, Args, Clause, CliError, Cursor, Group, Loop, Syntax, Type
from engine.cli.grammar import fill
from engine.cli.types import U8
from engine.net.interface.types import INTERFACE

from .live import ACL, MACIP_ACL
from .macip_rule import EXACT_MAC, NO_MAC, MacipRule
from .rule import ALL_PORTS, ANY4, DENY, PERMIT, REFLECT, Rule

_PREFIX = re.compile(r"[0-9a-fA-F:.]+/[0-9]{1,3}")
ANY6 = IPv6Interface("::/0")


class AnyPrefix(Type):
    """`a.b.c.d/n` or `x::y/n`; the host bits are kept."""

    metavar = "<prefix>"

    def parse(self, cursor: Cursor, vpp: Any) -> IPv4Interface | IPv6Interface | None:
        found = cursor.take(_PREFIX)
        try:
            return ip_interface(found[0]) if found else None
        except ValueError:
            return None


class Needed(Type):
    """A number that must be there: without it the whole command is refused."""

    def __init__(self, error: str) -> None:
        self.error = error

    def parse(self, cursor: Cursor, vpp: Any) -> int | None:
        value: int | None = U64.parse(cursor, vpp)
        if value is None and not cursor.completing:
            raise CliError(fill(self.error, cursor))
        return value


PREFIX = AnyPrefix()

RULES = Group(
    "rules",
    Clause("permit+reflect", action=REFLECT, help="permit, and the answers of the flow too"),
    Clause("permit", action=PERMIT),
    Clause("deny", action=DENY),
    Clause("action <action>", action=U8),
    Clause("src <src>", src=PREFIX),
    Clause("dst <dst>", dst=PREFIX),
    Clause("proto <proto>", proto=U8, help="protocol number, 0 is any"),
    Clause("sport <sport_first>-<sport_last>", sport_first=PORT, sport_last=PORT),
    Clause("sport <sport>", sport=PORT, help="port or range; for ICMP the type"),
    Clause("dport <dport_first>-<dport_last>", dport_first=PORT, dport_last=PORT),
    Clause("dport <dport>", dport=PORT, help="port or range; for ICMP the code"),
    Clause("tcpflags <tcp_flags_value> mask <tcp_flags_mask>", tcp_flags_value=U8, tcp_flags_mask=U8),
)

ACL_SYNTAX = Loop(Clause("index <index>", index=ACL), RULES, Clause("tag <tag>", tag=WORD))

INTERFACE_SYNTAX = Loop(
    Clause("add", add=True),
    Clause("del", add=False),
    Clause("acl <acl>", acl=ACL, into="acls"),
    Clause("input", is_input=True),
    Clause("output", is_input=False),
    Clause("<interface>", interface=INTERFACE),
)

MACIP_RULES = Group(
    "rules",
    Clause("permit", action=PERMIT),
    Clause("deny", action=DENY),
    Clause("action <action>", action=U8),
    Clause("ip <prefix>", prefix=PREFIX, help="of the sender"),
    Clause("mac <mac>", mac=MAC, help="of the sender"),
    Clause("mask <mask>", mask=MAC, help="which bits of the MAC address count; all without it"),
)

MACIP_SYNTAX = Loop(Clause("index <index>", index=MACIP_ACL), MACIP_RULES, Clause("tag <tag>", tag=WORD))

MACIP_INTERFACE_SYNTAX = Loop(
    Clause("add", add=True),
    Clause("del", add=False),
    Clause("acl <acl>", acl=MACIP_ACL),
    Clause("<interface>", interface=INTERFACE),
)


def mac_bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def macip_rule_of(item: Args) -> MacipRule:
    """A rule of a MACIP ACL from its clauses. Raises AclError."""
    every_bit = NO_MAC if item["mac"] is None else EXACT_MAC
    return MacipRule(
        action=PERMIT if "action" not in item.given else item["action"],
        prefix=item["prefix"] or ANY4,
        mac=NO_MAC if item["mac"] is None else mac_bytes(item["mac"]),
        mac_mask=every_bit if item["mask"] is None else mac_bytes(item["mask"]),
    )


def _ports(item: Args, name: str) -> tuple[int, int]:
    """The range or the single port, whichever the line said last."""
    if item[f"{name}_first"] is not None:
        return item[f"{name}_first"], item[f"{name}_last"]
    return ALL_PORTS if item[name] is None else (item[name], item[name])


def rule_of(item: Args) -> Rule:
    """A rule from its clauses. Raises AclError."""
    is_ip6 = any(item[end] is not None and item[end].version == 6 for end in ("src", "dst"))
    anywhere = ANY6 if is_ip6 else ANY4
    return Rule(
        action=PERMIT if "action" not in item.given else item["action"],
        src=item["src"] or anywhere,
        dst=item["dst"] or anywhere,
        proto=item["proto"] or 0,
        sport=_ports(item, "sport"),
        dport=_ports(item, "dport"),
        tcp_flags_mask=item["tcp_flags_mask"] or 0,
        tcp_flags_value=item["tcp_flags_value"] or 0,
    )


class RefusedBelow(Type):
    """Reads nothing. Where a command below `set acl-plugin` was refused, VPP runs `set acl-plugin` itself and never
    says why (found in 26.10); here the refused command says it once more.
    """

    def __init__(self, path: str, commands: dict[str, tuple[Syntax, Any]]) -> None:
        self.path = path
        self.commands = commands

    def parse(self, cursor: Cursor, vpp: Any) -> None:
        below = self._path_of(cursor)
        if below is None or cursor.suggestions is not None:
            return
        syntax, handler = self.commands[below]
        path = f"{self.path} {below}"
        try:
            handler(vpp, syntax.parse(cursor, vpp))
        except CliError as error:
            raise CliError.at(path, error.message) from error
        except ValueError as error:
            raise CliError.at(path, str(error)) from error

    def _path_of(self, cursor: Cursor) -> str | None:
        """The command below that the next words, whole or abbreviated, name."""
        paths = list(self.commands)
        for depth in range(max(path.count(" ") for path in paths) + 1):
            word = cursor.command_word() or ""
            paths = [path for path in paths if word and path.split()[depth].startswith(word)]
            if len(paths) == 1 and paths[0].count(" ") == depth:
                return paths[0]
        return None
