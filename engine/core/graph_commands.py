"""Commands that show the graph: which node leads to which, and how many packets went that way."""

from collections.abc import Iterator
from typing import Any

from engine.cli import U32, Clause, CliError, CommandTable, Loop, Reads
from engine.cli.format import vformat

from .types import NodeName

commands = CommandTable()

GRAPH_ROW = "%-26v%=26v%=26v"
GRAPH_HEADER = vformat("%=26s%=26s%=26s", "Name", "Next", "Previous")
NEXT_HEADER = vformat("    %=10s  %=10s  %=30s %=8s", "next-index", "node-index", "Node", "Vectors")
NEXT_ROW = "    %=10d  %=10d  %-30v %=8d"
PREVIOUS_PER_LINE = 3


def nodes_data(vpp: Any) -> list[dict[str, Any]]:
    """Every node with its next nodes, the packets that went to each, and the nodes that lead to it."""
    vectors = {row["name"]: row["vectors"] for row in vpp.graph.runtime()}
    rows = {
        info.name: {
            "name": info.name,
            "index": info.index,
            "type": info.kind,
            "vectors": vectors[info.name],
            "next": [],
            "previous": [],
        }
        for info in vpp.graph.nodes
    }
    for name, slot, next_name, count in vpp.graph.ways():
        rows[name]["next"].append({"index": slot, "name": next_name, "vectors": count})
        if name not in rows[next_name]["previous"]:
            rows[next_name]["previous"].append(name)
    return sorted(rows.values(), key=lambda row: str(row["name"]))


def graph_text(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield GRAPH_HEADER + "\n"
    for row in rows:
        following = [f"{way['name']} [{way['index']}]" for way in row["next"]]
        for place in range(max(len(following), len(row["previous"]), 1)):
            cells = [names[place] if place < len(names) else "" for names in (following, row["previous"])]
            yield vformat(GRAPH_ROW, "" if place else row["name"], *cells) + "\n"
        yield "\n"


@commands.command(
    "show vlib graph",
    help="Show packet processing node graph",
    syntax=Clause("<node>", node=NodeName()),
    text=graph_text,
)
def show_graph(vpp: Any, args: Any) -> list[dict[str, Any]]:
    """The graph, or one node of it."""
    return [row for row in nodes_data(vpp) if args.node in (None, row["name"])]


def node_text(row: dict[str, Any]) -> Iterator[str]:
    yield f"node {row['name']}, type {row['type']}, state {row['state']}, index {row['index']}\n"
    if row["next"]:
        yield f"\n  next nodes:\n{NEXT_HEADER}\n"
        for way in row["next"]:
            yield vformat(NEXT_ROW, way["index"], way["node_index"], way["name"], way["vectors"]) + "\n"
    if row["previous"]:
        yield "\n  known previous nodes:\n"
        names = [vformat("%-35v", f"{name} ({index})") for name, index in row["previous"]]
        for at in range(0, len(names), PREVIOUS_PER_LINE):
            yield "    " + "".join(names[at : at + PREVIOUS_PER_LINE]) + "\n"


@commands.command(
    "show node",
    help="Show node [index] <node-name | node-index>",
    reads=Reads.OPTIONAL_LINE,
    syntax=Loop(
        Clause("index <index>", index=U32, help="a node by its number"),
        Clause("<node>", node=NodeName()),
        error="unknown node name: '{rest}'",
    ),
    text=node_text,
)
def show_node(vpp: Any, args: Any) -> dict[str, Any]:
    """One node: where it leads, and how many packets took each way."""
    row = next((row for row in nodes_data(vpp) if args.node == row["name"] or args.index == row["index"]), None)
    if row is None:
        raise CliError("please specify valid node")
    indices = {info.name: info.index for info in vpp.graph.nodes}
    for way in row["next"]:
        way["node_index"] = indices[way["name"]]
    row["previous"] = [[name, indices[name]] for name in row["previous"]]
    return row | {"state": "polling" if row["type"] == "input" else "active"}
