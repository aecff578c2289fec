"""Commands that make and delete sub-interfaces."""

from typing import Any

from engine.cli import U32, Args, Clause, CliError, CommandTable, Cursor, Either, Integer, Loop, Type

from .sub import ANY, SubMatch
from .types import INTERFACE

commands = CommandTable()
MOST_AT_ONCE = 4096
LAST_ID = 4095
PLAIN_ID = Integer(0, LAST_ID)


class VlanId(Type):
    """A VLAN id, or `any`."""

    metavar = "<vlanId>|any"

    def parse(self, cursor: Cursor, vpp: Any) -> int | None:
        return ANY if cursor.literal("any") else PLAIN_ID.parse(cursor, vpp)


VLAN_ID = VlanId()


def tag_clauses(word: str, dot1ad: bool) -> tuple[Clause, ...]:
    return (
        Clause(f"<first> {word} <outer> inner-dot1q <inner>", first=U32, outer=VLAN_ID, inner=VLAN_ID, dot1ad=dot1ad),
        Clause(f"<first> {word} <outer>", first=U32, outer=VLAN_ID, dot1ad=dot1ad),
        Clause(f"<first> {word}", first=U32, broken=True),
    )


@commands.command(
    "create sub-interfaces",
    help="create sub-interfaces <interface> {<subId> [default|untagged]} | {<subId>-<subId>} | "
    "{<subId> dot1q|dot1ad <vlanId>|any [inner-dot1q <vlanId>|any] [exact-match]}",
    syntax=[
        Clause("<interface>", interface=INTERFACE, error="unknown interface `{rest}'"),
        Either(
            Clause("<first> default", first=U32, kind="default"),
            Clause("<first> untagged", first=U32, kind="untagged"),
            *tag_clauses("dot1q", False),
            *tag_clauses("dot1ad", True),
            Clause("<first>-<last>", first=U32, last=U32),
            Clause("<first>", first=U32),
            error="expected ID or ID MIN-MAX, got `{raw}'",
        ),
        Loop(Clause("exact-match", exact=True)),
    ],
    text=lambda names: "".join(f"{name}\n" for name in names),
)
def create_sub_interfaces(vpp: Any, args: Args) -> list[str]:
    if args.broken:
        raise CliError("expected dot1q config, got `'")
    last = args.first if args.last is None else args.last
    if last < args.first or last - args.first >= MOST_AT_ONCE:
        raise CliError(f"expected ID or ID MIN-MAX, got `{args.first}-{last}'")
    names = []
    for sub_id in range(args.first, last + 1):
        names.append(vpp.interfaces.create_sub(args.interface, sub_id, match_of(args, sub_id)).name)
    return names


def match_of(args: Args, sub_id: int) -> SubMatch:
    """What a line says of the frames; an id alone is that of the one 802.1Q tag they have."""
    if args.kind is not None:
        return SubMatch(args.kind)
    if args.outer is None:
        return SubMatch(outer=sub_id & LAST_ID, exact=True)
    return SubMatch(outer=args.outer, inner=args.inner, dot1ad=args.dot1ad is True, exact=args.exact)


@commands.command(
    "delete sub-interface",
    help="delete sub-interface <interface>",
    syntax=Clause("<interface>", interface=INTERFACE, error="unknown interface `{rest}'"),
)
def delete_sub_interface(vpp: Any, args: Args) -> None:
    vpp.interfaces.delete_sub(args.interface)
