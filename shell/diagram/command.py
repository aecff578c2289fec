"""The console's own commands that draw: `show trace diagram` and `show graph`."""

import contextlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path as FilePath
from typing import Any

from ..client import RemoteError
from . import graph, path
from .page import live_page, page
from .source import Asks, join, journeys_of, nodes_of, paths_of, read_file
from .story import Path

MOST_DRAWN = 50
USAGE = {
    "trace diagram": "show trace diagram [packet N] [file PATH]",
    "graph": "show graph [file PATH]",
}
PAGE = ".html"


class PictureError(ValueError):
    """What cannot be drawn; str says why."""


def is_picture(line: str) -> bool:
    """Whether a line is one of these commands, abbreviated perhaps."""
    return _kind(line.split()) is not None


def _kind(words: list[str]) -> str | None:
    return next((kind for kind in USAGE if begins(words, ["show", *kind.split()])), None)


def is_browse(line: str) -> bool:
    """Whether a line opens the trace browser, which needs a terminal."""
    words = line.split()
    return len(words) == 2 and begins(words, ("trace", "browse"))


def begins(words: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the first words are these, each cut to no less than two letters."""
    pairs = zip(words, wanted, strict=False)
    return len(words) >= len(wanted) and all(len(word) > 1 and whole.startswith(word) for word, whole in pairs)


def run(client: Asks, line: str, nodes: Sequence[str] | None = None) -> str:
    """Draw what a line asks for, and say into which files. nodes: of a lab, all where none are named.

    Raises:
        PictureError: there is nothing to draw, or the file cannot be written.
        RemoteError: the engine does not tell what there is.
    """
    words = line.split()
    kind = _kind(words)
    assert kind is not None
    options = _options(words[1 + len(kind.split()) :], kind)
    if kind == "graph":
        return write_graph(client, options.get("file", "graph.svg"), nodes)
    return write_trace(journeys_of(client, nodes), options.get("packet"), options.get("file", "trace.svg"))


def _options(words: list[str], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    allowed = ("packet", "file") if kind == "trace diagram" else ("file",)
    while words:
        name = next((name for name in allowed if name.startswith(words[0])), None)
        if name is None or len(words) < 2 or (name == "packet" and not words[1].isdecimal()):
            raise PictureError(f"show {kind}: expected {USAGE[kind]}, got `{' '.join(words)}'")
        found[name] = int(words[1]) if name == "packet" else words[1]
        words = words[2:]
    return found


def write_trace(journeys: list[list[Path]], packet: int | None, file: str) -> str:
    """Write the picture of one packet, or of all, and the page with all of them beside it; says so.

    Into a file that ends in .html goes the page alone.
    """
    if not journeys:
        raise PictureError("show trace diagram: no packets in trace buffer")
    if packet is not None and not 1 <= packet <= len(journeys):
        raise PictureError(f"show trace diagram: there is no packet {packet}, only 1 to {len(journeys)}")
    target = FilePath(file).expanduser()
    if target.suffix == PAGE:
        return _write([(target, page(journeys))])
    chosen = journeys[:MOST_DRAWN] if packet is None else [journeys[packet - 1]]
    svg = target if target.suffix == ".svg" else target.with_name(f"{target.name}.svg")
    return _write([(svg, path.draw(chosen)), (svg.with_suffix(PAGE), page(journeys))])


def write_file(source: str, packet: int | None, file: str) -> str:
    """As write_trace, for a trace that was saved, also one of a real VPP.

    Raises:
        SourceError: it is no trace.
    """
    return write_trace(join(read_file(source)), packet, file)


def write_graph(client: Asks, file: str, nodes: Sequence[str] | None = None) -> str:
    """The graph of one vswitch, or of the nodes of a lab; in a .html file a page that reloads itself; says so."""
    sights, note = [], graph.COUNTED
    for node in nodes_of(client, nodes):
        try:
            sights.append(_counted(client.data("show vlib graph", node), node or ""))
        except RemoteError:  # a real VPP is asked for its trace alone
            note = graph.TRACED
            sights.append(graph.Sight(node or "", edges=graph.edges_of(paths_of(client, node))))
    if not any(sight.nodes for sight in sights):
        raise PictureError("show graph: no node has seen packets")
    drawing = graph.draw(sights, _wires(client, sights), note)
    target = FilePath(file).expanduser()
    return _write([(target, live_page(drawing) if target.suffix == PAGE else drawing)])


def _counted(rows: Iterable[dict[str, Any]], where: str) -> graph.Sight:
    """What `show vlib graph | json` gives; several next indices may lead to one node."""
    sight = graph.Sight(where)
    for row in rows:
        sight.vectors[row["name"]] = row["vectors"]
        for way in row["next"]:
            sight.edges[row["name"], way["name"]] += way["vectors"]
    sight.edges = +sight.edges
    return sight


def _wires(client: Asks, sights: Sequence[graph.Sight]) -> list[graph.Wire]:
    """The wires between these, each with the packets that were sent."""
    vectors = {sight.where: sight.vectors for sight in sights}
    wires = []
    for wire in client.wires():
        (node, _, interface), other = wire["from"].partition(":"), wire["to"].partition(":")[0]
        if node in vectors and other in vectors and node != other:
            sent = vectors[node][f"{interface}-tx"]
            wires.append(graph.Wire((node, f"{interface}-tx"), (other, wire["input_node"]), sent))
    return wires


def _write(files: Iterable[tuple[FilePath, str]]) -> str:
    """Write them, each there whole at once, for a browser that looks at it meanwhile."""
    said = ""
    for target, text in files:
        fresh = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            fresh.write_text(text, encoding="utf-8")
            os.replace(fresh, target)
        except OSError as error:
            with contextlib.suppress(OSError):
                fresh.unlink()
            raise PictureError(f"cannot write {target}: {error.strerror}") from error
        said += f"wrote {target}\n"
    return said
