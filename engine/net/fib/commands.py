"""Commands that concern addresses, tables, routes and adjacencies."""

import time
from collections.abc import Iterator
from ipaddress import IPv4Interface
from typing import Any

from engine.cli import INT, IP4, U32, Clause, CliError, CommandTable, Either, Loop, Reads
from engine.cli.format import format_float
from engine.net.fib import show
from engine.net.fib.config import RouteError
from engine.net.fib.entry import MASKS
from engine.net.fib.fib import FLOW_HASH_NAMES
from engine.net.fib.live import INTERFACE_ADDRESS, ROUTE, TABLE
from engine.net.fib.text import adjacency_fields, adjacency_text, load_balance_fields, load_balance_text
from engine.net.fib.types import PATH
from engine.net.interface.types import INTERFACE

commands = CommandTable()

# ---- addresses and tables


@commands.command(
    "set interface ip address",
    help="set interface ip address [del] <interface> <ip-addr>/<mask> | [all]",
    syntax=[
        Clause("del", delete=True),
        Clause("<interface>", interface=INTERFACE, error="unknown interface `{rest}'"),
        Either(
            Clause("all", all=True),
            Clause("<prefix>", prefix=INTERFACE_ADDRESS),
            error="expected IP4/IP6 address/length `{rest}'",
        ),
    ],
)
def set_interface_address(vpp: Any, args: Any) -> None:
    """Add or remove an address of an interface."""
    sw_if_index = args.interface.sw_if_index
    if args.all and not args.delete:
        raise CliError("expected IP4/IP6 address/length `all'")
    if args.all:
        for address, length in list(args.interface.addresses):
            vpp.fib.address_delete(sw_if_index, f"{address}/{length}")
    elif args.delete:
        vpp.fib.address_delete(sw_if_index, args.prefix)
    else:
        vpp.fib.address_add(sw_if_index, args.prefix)


@commands.command(
    "set interface ip table",
    help="set interface ip table <interface> <table-id>",
    syntax=[
        Clause("<interface>", interface=INTERFACE, error="unknown interface `{rest}'"),
        Clause("<table>", table=TABLE, error="expected table id `{rest}'"),
    ],
)
def set_interface_table(vpp: Any, args: Any) -> None:
    """Bind an interface to a table."""
    vpp.fib.bind_interface(args.interface.sw_if_index, args.table)


@commands.command(
    "ip table",
    help="ip table [add|del] <table-id>",
    reads=Reads.LINE,
    syntax=Loop(
        Clause("add", delete=False),
        Clause("del", delete=True),
        Clause("name <name>", name=INT),
        Clause("<table>", table=TABLE),
        error="parse error `{rest}'",
    ),
)
def ip_table(vpp: Any, args: Any) -> None:
    """Make a table or give it up."""
    if args.table is None:
        raise CliError("No table id")
    if args.table == 0:
        raise CliError("Can't change the default table")
    if args.delete:
        if args.table in vpp.fib.tables:
            vpp.fib.delete_table(args.table)
    else:
        vpp.fib.add_table(args.table)


# ---- routes


@commands.command(
    "ip route",
    help="ip route [add|del] [count <n>] <dst-ip-addr>/<width> [table <table-id>] via [next-hop-address] "
    "[next-hop-interface] [next-hop-table <value>] [weight <value>] [preference <value>] [udp-encap-id <value>] "
    "[ip4-lookup-in-table <value>] [ip6-lookup-in-table <value>] [mpls-lookup-in-table <value>] [resolve-via-host] "
    "[resolve-via-connected] [rx-ip4 <interface>] [out-labels <value value value>]",
    reads=Reads.LINE,
    syntax=Loop(
        Clause("table <table>", table=TABLE),
        Clause("count <count>", count=U32),
        Clause("<prefix>", into="prefixes", prefix=ROUTE),
        Clause("via <path>", into="paths", path=PATH),
        Clause("del", delete=True),
        Clause("add", delete=False),
        error="parse error `{rest}'",
    ),
    defaults={"count": 1, "table": 0},
)
def ip_route(vpp: Any, args: Any) -> str | None:
    """Add or delete routes."""
    if not args.prefixes:
        raise CliError("expected ip4/ip6 destination address/length.")
    paths = [given["path"] for given in args.paths]
    if not args.delete and not paths:
        raise CliError("expected paths.")
    if args.table not in vpp.fib.tables:
        raise CliError(f"Nonexistent table id {args.table}")
    prefixes = [prefix for given in args.prefixes for prefix in _following(given["prefix"], args.count)]
    started = time.perf_counter()
    if args.delete:
        for prefix in prefixes:
            vpp.fib.route_delete(prefix, paths or None, args.table)
    else:
        vpp.fib.routes_add(prefixes, paths, args.table)
    if args.count <= 1:
        return None
    return f"{format_float(len(prefixes) / (time.perf_counter() - started), 6, 'e')} routes/sec\n"


def _following(prefix: IPv4Interface, count: int) -> list[tuple[int, int]]:
    """A prefix and those of the same length behind it, count in all."""
    length = prefix.network.prefixlen
    first, step = int(prefix.ip) & MASKS[length], 1 << 32 - length
    if first + (count - 1) * step > 0xFFFFFFFF:
        raise RouteError(f"no {count} prefixes of length {length} from {prefix} on")
    return [(first + i * step, length) for i in range(count)]


@commands.command(
    "set ip flow-hash",
    help="set ip flow-hash table <table-id> [src] [dst] [sport] [dport] [proto] [reverse]",
    reads=Reads.LINE,
    syntax=Loop(
        Clause("table <table>", table=TABLE),
        *(Clause(name, into="names", name=name) for name in FLOW_HASH_NAMES),
        error="unknown input `{rest}'",
    ),
)
def set_flow_hash(vpp: Any, args: Any) -> None:
    """Choose what a table's flow hash is made of."""
    if not args.given:
        raise CliError("unknown input `'")
    if (args.table or 0) not in vpp.fib.tables:
        raise CliError(f"no such FIB table {args.table}")
    vpp.fib.set_flow_hash(args.table or 0, [given["name"] for given in args.names])


# ---- show


@commands.command(
    "show ip fib",
    help="show ip fib [summary] [table <table-id>] [index <fib-id>] [<ip4-addr>[/<mask>]] [mtrie] [detail]",
    syntax=Loop(
        Clause("summary", summary=True),
        Clause("sum", summary=True),
        Clause("brief", summary=True),
        Clause("detail", detail=True),
        Clause("det", detail=True),
        Clause("table <table>", table=TABLE),
        Clause("index <index>", index=U32),
        Clause("<prefix>", prefix=ROUTE),
        Clause("<address>", address=IP4),
    ),
    text=show.any_text,
)
def show_ip_fib(vpp: Any, args: Any) -> dict[str, Any]:
    """Tables, or what they say of one prefix or address."""
    vpp.arp.take_over()
    fib = vpp.fib
    tables = [
        table for table in fib.by_index if table is not None
        and args.table in (None, table.table_id) and args.index in (None, table.fib_index)
    ]  # fmt: skip
    if args.summary:
        return {"summary": [show.summary_fields(table) for table in tables]}
    if args.prefix is None and args.address is None:
        return {"tables": [show.table_fields(fib, table) for table in tables]}
    found = [(table, _entry(table, args)) for table in tables]
    return {
        "entries": [
            {"table": show.table_header(table), "entry": show.entry_fields(fib, entry)}
            for table, entry in found if entry is not None
        ]
    }  # fmt: skip


def _entry(table: Any, args: Any) -> Any:
    """The longest match of an address; of a prefix that very one, else the longest that covers it."""
    if args.address is not None:
        return table.match(int(args.address))
    address, length = int(args.prefix.ip), args.prefix.network.prefixlen
    exact = table.find(address & MASKS[length], length)
    return exact if exact is not None else table.cover(address, length)


def _adjacencies_text(data: dict[str, Any]) -> Iterator[str]:
    if data["detail"] is not None:
        yield show.adjacency_detail_text(data["detail"])
    elif data["summary"]:
        yield f"Number of adjacencies: {data['count']}\nPer-adjacency counters: disabled\n"
    else:
        for fields in data["adjacencies"]:
            yield f"[@{fields['index']}] {adjacency_text(fields)}\n"


@commands.command(
    "show adj",
    help="show adj [<adj_index>] [interface] [summary]",
    syntax=Loop(Clause("<index>", index=U32), Clause("sum", summary=True), Clause("<interface>", interface=INTERFACE)),
    text=_adjacencies_text,
)
def show_adj(vpp: Any, args: Any) -> dict[str, Any]:
    """All adjacencies, those of an interface, or one in detail."""
    vpp.arp.take_over()
    known = vpp.fib.adjacencies.by_index
    wanted = args.interface.sw_if_index if args.interface is not None else None
    return {
        "summary": args.summary,
        "count": len(known),
        "detail": show.adjacency_detail(vpp.fib, args.index) if args.index is not None else None,
        "adjacencies": [
            adjacency_fields(vpp.fib, index) for index in sorted(known) if wanted in (None, known[index].sw_if_index)
        ],
    }


@commands.command(
    "show load-balance",
    help="show load-balance [<index>]",
    syntax=Clause("<index>", index=U32),
    text=lambda data: "".join(f"[@{row['index']}] {load_balance_text(row, 4)}\n" for row in data),
)
def show_load_balance(vpp: Any, args: Any) -> list[dict[str, Any]]:
    """One load-balance, or those of all entries."""
    used = sorted(entry.load_balance for table in vpp.fib.tables.values() for entry in table.entries.values())
    if args.index is not None and args.index not in used:
        raise CliError(f"no such load-balance {args.index}")
    return [load_balance_fields(vpp.fib, index) for index in ([args.index] if args.index is not None else used)]
