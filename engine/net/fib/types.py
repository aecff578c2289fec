"""Argument types of the routing commands."""

from dataclasses import replace
from typing import Any

from engine.cli import IP4, U32, Clause, Cursor, Loop, Syntax, Type
from engine.net.fib.path import Path
from engine.net.interface.types import INTERFACE

_PATH = Syntax(
    [
        Loop(
            Clause("<next_hop> next-hop-table <next_hop_table>", next_hop=IP4, next_hop_table=U32),
            Clause("<next_hop> <interface>", next_hop=IP4, interface=INTERFACE),
            Clause("<next_hop>", next_hop=IP4),
            Clause("weight <weight>", weight=U32),
            Clause("preference <preference>", preference=U32),
            Clause("next-hop-table <next_hop_table>", next_hop_table=U32),
            Clause("ip4-lookup-in-table <lookup_table>", lookup_table=U32),
            Clause("resolve-via-host", resolve_via="host"),
            Clause("resolve-via-attached", resolve_via="attached"),
            Clause("resolve-via-connected", resolve_via="attached"),
            Clause("local", special="local"),
            Clause("drop", special="drop"),
            Clause("punt", special="punt"),
            Clause("<interface>", interface=INTERFACE),
        )
    ],
    {"weight": 1, "preference": 0},
)


class PathType(Type):
    """A route's path: the rest of the line, all of which must be part of it."""

    metavar = "[next-hop-address] [next-hop-interface] [weight <n>] [preference <n>] ..."

    def parse(self, cursor: Cursor, vpp: Any) -> Path | None:
        """The path, None when some of it is not understood or names a table that is not there."""
        args = _PATH.parse(cursor, vpp)
        if cursor.rest() or not args.given:
            return None
        path = self._kind(args, vpp)
        return replace(path, weight=args.weight, preference=args.preference) if path is not None else None

    @staticmethod
    def _kind(args: Any, vpp: Any) -> Path | None:
        if args.special is not None:
            return Path("receive") if args.special == "local" else Path("exclusive", target=args.special)
        table_id = args.lookup_table if args.lookup_table is not None else args.next_hop_table or 0
        table = vpp.fib.tables.get(table_id)
        if table is None:
            return None
        if args.lookup_table is not None:
            return Path("deag", fib_index=table.fib_index)
        if args.interface is not None:
            if args.next_hop is None:
                return Path("attached", sw_if_index=args.interface.sw_if_index)
            return Path("attached-nexthop", int(args.next_hop), args.interface.sw_if_index)
        return Path("recursive", int(args.next_hop), fib_index=table.fib_index) if args.next_hop is not None else None


PATH = PathType()
