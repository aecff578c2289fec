"""Commands of the core: errors, run time, buffers, the graph."""

from collections.abc import Iterator
from typing import Any

from engine.cli import Clause, CommandTable, Loop, Output
from engine.cli.format import format_memory_size, lines, vformat

commands = CommandTable()

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
    row = vformat(BUFFERS_ROW, 0, "default", 0, data["data_size"], *memory, data["total"], free)
    return lines([BUFFERS_HEADER, row])


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
