"""Commands of packet traces: what to trace, what to show of it."""

from collections.abc import Iterator
from typing import Any

from engine.cli import U32, Clause, CliError, CommandTable, Cursor, Either, Loop, Reads, Type
from engine.cli.format import format_time

from .types import FilterText, NodeName

commands = CommandTable()
commands.level("trace", "trace commands")

THREAD = f"{'-' * 19} Start of thread 0 vpp_main {'-' * 19}"
DEFAULT_TRACE_MAX = 50


class InterfaceIndex(Type):
    """An interface by its name; gives its sw_if_index, which is all that the core knows of interfaces."""

    metavar = "<interface>"

    def parse(self, cursor: Cursor, vpp: Any) -> int:
        unread = cursor.quote()
        found = vpp.interfaces.by_name.get(cursor.word())
        if found is None:
            raise CliError(f"unknown interface `{unread}'")
        if found.parent is not None:
            raise CliError(f"{found.name} is a sub-interface: its frames come in by {found.parent.name}")
        return int(found.sw_if_index)

    def complete(self, vpp: Any, prefix: str) -> list[tuple[str, str]]:
        return [(name, interface.kind) for name, interface in vpp.interfaces.by_name.items()]


# ---- show trace


def interface_name(vpp: Any, sw_if_index: int | None) -> str | None:
    return None if sw_if_index is None else vpp.interfaces.by_index[sw_if_index].name


def trace_packets(vpp: Any, limit: int | None = None) -> dict[str, Any]:
    """The traced packets as plain data: per packet the entries of its nodes, in the order of dispatch.

    Those that the filter rejects are forgotten, as in VPP: another filter does not bring them back.
    filter: the `trace filter` that chose them, None when all are shown. asked: what `trace add` asked for.
    """
    chosen = vpp.tracer.packets(vpp.trace_filter.choose)
    shown = chosen if limit is None else chosen[:limit]
    return {
        "limited": None if limit is None or len(chosen) <= limit else limit,
        "filter": vpp.trace_filter.as_dict(),
        "asked": [ask | {"interface": interface_name(vpp, ask.pop("sw_if_index"))} for ask in vpp.tracer.asked()],
        "packets": [
            {"packet": number, "entries": [trace_entry(vpp, *entry) for entry in entries]}
            for number, entries in enumerate(shown, 1)
        ],
    }


def trace_entry(vpp: Any, time_ns: int, node: Any, data: bytes) -> dict[str, Any]:
    decoded = node.format_trace.decode(data, vpp)
    return {"time": time_ns / 1e9, "node": node.name, "data": decoded, "text": node.format_trace.text(decoded)}


def trace_text(data: dict[str, Any]) -> Iterator[str]:
    if data["limited"] is not None:
        yield f"Limiting display to {data['limited']} packets. To display more specify max.\n"
    yield f"{THREAD}\n"
    if not data["packets"]:
        yield "No packets in trace buffer\n"
    for packet in data["packets"]:
        yield f"Packet {packet['packet']}\n\n"
        previous = None
        for entry in packet["entries"]:
            if entry["node"] != previous:
                yield f"{format_time(entry['time'])}: {entry['node']}\n"
            previous = entry["node"]
            yield "  " + entry["text"].replace("\n", "\n  ") + "\n"
        yield "\n"


@commands.command(
    "show trace",
    help="Show trace buffer [max COUNT]",
    syntax=Loop(Clause("max <count>", count=U32), error="expected 'max COUNT', got `{rest}'"),
    defaults={"count": DEFAULT_TRACE_MAX},
    text=trace_text,
)
def show_trace(vpp: Any, args: Any) -> dict[str, Any]:
    return trace_packets(vpp, args.count)


# ---- trace add, trace filter, clear trace


@commands.command(
    "trace add",
    help="Trace given number of packets",
    long_help='trace add <node> <count> [filter "<tcpdump expression>"] [interface <interface>] [ring] [verbose]',
    reads=Reads.LINE,
    syntax=Loop(
        Clause("<node> <count>", node=NodeName(only_inputs=True), count=U32),
        Clause("filter <filter>", filter=FilterText(), help="only packets that a tcpdump expression matches"),
        Clause("interface <interface>", interface=InterfaceIndex(), help="only packets received on it"),
        Clause("ring", ring=True, help="go on, and keep the newest"),
        Clause("verbose", verbose=True),
        error="expected NODE COUNT, got `{rest}'",
    ),
)
def trace_add(vpp: Any, args: Any) -> None:
    if args.node is None:
        raise CliError("expected NODE COUNT")
    vpp.tracer.add(args.node, args.count, args.filter, args.interface, args.ring)


@commands.command(
    "trace filter",
    help="filter trace output - include NODE COUNT | exclude NODE COUNT | none",
    syntax=Either(
        Clause("include <include> <count>", include=NodeName(), count=U32),
        Clause("exclude <exclude> <count>", exclude=NodeName(), count=U32),
        Clause("none", none=True),
        error="expected 'include NODE COUNT' or 'exclude NODE COUNT' or 'none', got `{rest}'",
    ),
)
def set_trace_filter(vpp: Any, args: Any) -> None:
    vpp.trace_filter.set(args.include, args.exclude, args.count)
    vpp.tracer.forget_budgets()


@commands.command("clear trace", help="Clear trace buffer and free memory")
def clear_trace(vpp: Any, args: Any) -> None:
    vpp.tracer.clear()
