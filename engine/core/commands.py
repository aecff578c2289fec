"""Commands of the core: traces, errors, run time, buffers, the graph."""

from collections.abc import Iterator
from typing import Any

from engine.cli import U32, Clause, CommandTable, Cursor, Either, Loop, Output, Reads, Type
from engine.cli.format import format_memory_size, format_time, lines, vformat

commands = CommandTable()
commands.level("trace", "trace commands")

THREAD = f"{'-' * 19} Start of thread 0 vpp_main {'-' * 19}"
DEFAULT_TRACE_MAX = 50

# ---- traces


def trace_packets(vpp: Any, limit: int | None = None) -> dict[str, Any]:
    """The traced packets as plain data: per packet the entries of its nodes, in the order of dispatch.

    Those that the filter rejects are forgotten, as in VPP: another filter does not bring them back.
    """
    chosen = vpp.tracer.packets(vpp.trace_filter.choose)
    shown = chosen if limit is None else chosen[:limit]
    return {
        "limited": None if limit is None or len(chosen) <= limit else limit,
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


class NodeName(Type):
    """A node of the graph, by its name. only_inputs: complete with those that can start traces."""

    metavar = "<node>"

    def __init__(self, only_inputs: bool = False) -> None:
        self.only_inputs = only_inputs

    def parse(self, cursor: Cursor, vpp: Any) -> str | None:
        name = cursor.word()
        return name if name in vpp.graph.by_name else None

    def complete(self, vpp: Any, prefix: str) -> list[tuple[str, str]]:
        return [(node.name, node.kind) for node in vpp.graph.nodes if node.traceable or not self.only_inputs]


@commands.command(
    "trace add",
    help="Trace given number of packets",
    reads=Reads.LINE,
    syntax=Loop(
        Clause("<node> <count> verbose", node=NodeName(only_inputs=True), count=U32),
        Clause("<node> <count>", node=NodeName(only_inputs=True), count=U32),
        error="expected NODE COUNT, got `{rest}'",
    ),
)
def trace_add(vpp: Any, args: Any) -> None:
    vpp.tracer.add(args.node, args.count)


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


# ---- errors


def errors_text(data: dict[str, Any]) -> str:
    header = vformat("%=10s%=40s%=6s", "Count", "Node", "Reason")
    return lines(
        [header, *(vformat("%10d%=40v%s", row["count"], row["node"], row["reason"]) for row in data["errors"])]
    )


def verbose_errors_text(data: dict[str, Any]) -> str:
    out = [vformat("%=10s%=40s%=20s%=6s", "Count", "Node", "Reason", "Index")]
    for title, index_format in (("Thread 0 (vpp_main):", "%=6d"), ("Total:", "%=10d")):
        out.append(title)
        for row in data["errors"]:
            start = vformat("%10d%=40v%=20s", row["count"], row["node"], row["reason"])
            out.append(start + vformat(index_format, row["index"]))
    return lines(out)


@commands.command(
    "show errors",
    help="Show error counts",
    also=["show node counters"],
    syntax=Loop(Clause("verbose", verbose=True)),
    text=errors_text,
)
def show_errors(vpp: Any, args: Any) -> Any:
    names = ("index", "node", "reason", "count")
    data = {"errors": [dict(zip(names, row, strict=True)) for row in vpp.graph.errors()]}
    return Output(data, verbose_errors_text) if args.verbose else data


@commands.command("clear errors", help="Clear error counters", also=["clear node counters"])
def clear_errors(vpp: Any, args: Any) -> None:
    vpp.graph.clear_errors()


# ---- run time


def runtime_rows(vpp: Any, brief: bool) -> list[dict[str, Any]]:
    rows = [row for row in vpp.graph.runtime() if row["calls"] or row["suspends"] or not brief]
    for row in rows:
        per = row["vectors"] or row["calls"] or row["suspends"] or 1
        row["clocks_per_packet"] = row["clocks"] / per
        row["vectors_per_call"] = row["vectors"] / row["calls"] if row["calls"] else 0.0
    return sorted(rows, key=lambda row: str(row["name"]))


RUNTIME_HEADER = vformat(
    "%=30s%=12s%=16s%=16s%=16s%=16s%=16s", "Name", "State", "Calls", "Vectors", "Suspends", "Clocks", "Vectors/Call"
)
RUNTIME_ROW = "%-30v%=12U%16Ld%16Ld%16Ld%16.2e%16.2f"
RUNTIME_FIELDS = ("name", "state", "calls", "vectors", "suspends", "clocks_per_packet", "vectors_per_call")


def runtime_text(data: dict[str, Any]) -> str:
    summary = "Time %.1f, average vectors/node %.2f, last 128 main loops %.2f per node %.2f"
    rates = "  vector rates in %.4e, out %.4e, drop %.4e, punt %.4e"
    out = [
        vformat(summary, data["time"], data["average_vectors"], 0.0, 0.0),
        vformat(rates, *(data["rates"][name] for name in ("in", "out", "drop", "punt"))),
        RUNTIME_HEADER,
    ]
    out += [vformat(RUNTIME_ROW, *(row[name] for name in RUNTIME_FIELDS)) for row in data["nodes"]]
    return lines(out)


MAX_HEADER = vformat(
    "%=30s%=17s%=16s%=16s%=16s%=16s",
    "Name",
    "Max Node Clocks",
    "Vectors at Max",
    "Max Clocks",
    "Avg Clocks",
    "Avg Vectors/Call",
)
MAX_ROW = "%-30v%=17.2e%=16d%=16.2e%=16.2e%=16.2e"
MAX_FIELDS = ("name", "max_clocks", "max_clocks_vectors", "max_per_packet", "clocks_per_packet", "vectors_per_call")


def runtime_max_text(data: dict[str, Any]) -> str:
    rows = [row | {"max_per_packet": row["max_clocks"] / max(row["max_clocks_vectors"], 1)} for row in data["nodes"]]
    return lines([MAX_HEADER, *(vformat(MAX_ROW, *(row[name] for name in MAX_FIELDS)) for row in rows)])


@commands.command(
    "show runtime",
    help="Show packet processing runtime",
    syntax=Loop(
        Clause("verbose", verbose=True),
        Clause("brief", brief=True),
        Clause("max", max=True),
        Clause("v", verbose=True),
        Clause("b", brief=True),
        Clause("m", max=True),
    ),
    text=runtime_text,
)
def show_runtime(vpp: Any, args: Any) -> Any:
    data = vpp.runtime_clock.summary(vpp)
    data["nodes"] = runtime_rows(vpp, brief=not args.verbose)
    return Output(data, runtime_max_text) if args.max else data


@commands.command("clear runtime", help="Clear packet processing runtime statistics")
def clear_runtime(vpp: Any, args: Any) -> None:
    vpp.graph.clear_runtime()
    vpp.runtime_clock.restart(vpp)


# ---- buffers

BUFFERS_HEADER = vformat(
    "%=7s%=30s%=12s%=12s%=12s%=12s%=12s%=12s", "Thread", "Name", "Index", "Size", "Alloc", "Free", "#Alloc", "#Free"
)
BUFFERS_ROW = "%7d%30v%12d%12d%=12U%=12U%=12d%=12d"


def buffers_text(data: dict[str, Any]) -> str:
    """As 18.10 lists its free lists: sizes in bytes, then numbers of buffers."""
    free = data["free"] + data["cached"]
    memory = [format_memory_size(n * data["stride"]) for n in (data["total"], free)]
    return lines([BUFFERS_HEADER, vformat(BUFFERS_ROW, 0, "default", 0, data["data_size"], *memory, data["total"], free)])


@commands.command("show buffers", help="Show packet buffer allocation", text=buffers_text)
def show_buffers(vpp: Any, args: Any) -> dict[str, Any]:
    data: dict[str, Any] = vpp.buffers.stats()
    return data


# ---- the graph


def features_text(data: dict[str, Any]) -> Iterator[str]:
    yield "Available feature paths\n"
    for arc in data["arcs"]:
        yield f"{arc['name']}:\n"
        yield from (f"  {name}\n" for name in arc["features"])
        yield "\n"


@commands.command("show features", help="show features [verbose]", text=features_text)
def show_features(vpp: Any, args: Any) -> dict[str, Any]:
    return {"arcs": [{"name": arc.name, "features": [*arc.order, arc.end_node]} for arc in vpp.features.arcs.values()]}
