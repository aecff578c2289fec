"""The console's own commands that draw: `show trace diagram` and `show graph`."""

from collections import Counter
from pathlib import Path as FilePath
from typing import Any

from ..client import RemoteError
from . import graph, path
from .page import page
from .source import Asks, join, journeys_of, paths_of, read_file
from .story import Path

MOST_DRAWN = 50
USAGE = {
    "trace diagram": "show trace diagram [packet N] [file F]",
    "graph": "show graph [file F]",
}


class PictureError(ValueError):
    """What cannot be drawn; str says why."""


def is_picture(line: str) -> bool:
    """Whether a line is one of these commands, abbreviated perhaps."""
    return _kind(line.split()) is not None


def _kind(words: list[str]) -> str | None:
    return next((kind for kind in USAGE if _begins(words, ["show", *kind.split()])), None)


def _begins(words: list[str], wanted: list[str]) -> bool:
    """Whether the first words are these, each cut to no less than two letters."""
    pairs = zip(words, wanted, strict=False)
    return len(words) >= len(wanted) and all(len(word) > 1 and whole.startswith(word) for word, whole in pairs)


def run(client: Asks, line: str) -> str:
    """Draw what a line asks for, and say into which files.

    Raises:
        PictureError: there is nothing to draw, or the file cannot be written.
        RemoteError: the engine does not tell what there is.
    """
    words = line.split()
    kind = _kind(words)
    assert kind is not None
    options = _options(words[1 + len(kind.split()) :], kind)
    if kind == "graph":
        return _write({options.get("file", "graph.svg"): draw_graph(client)})
    return draw_trace(journeys_of(client), options.get("packet"), options.get("file", "trace.svg"))


def _options(words: list[str], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    allowed = ("packet", "file") if kind == "trace diagram" else ("file",)
    while words:
        name = next((name for name in allowed if name.startswith(words[0])), None)
        if name is None or len(words) < 2 or (name == "packet" and not words[1].isdigit()):
            raise PictureError(f"show {kind}: expected {USAGE[kind]}, got `{' '.join(words)}'")
        found[name] = int(words[1]) if name == "packet" else words[1]
        words = words[2:]
    return found


def draw_trace(journeys: list[list[Path]], packet: int | None, file: str) -> str:
    """Write the picture of one packet, or of all, and the page with all of them beside it; says so."""
    if not journeys:
        raise PictureError("show trace diagram: no packets in trace buffer")
    if packet is not None and not 1 <= packet <= len(journeys):
        raise PictureError(f"show trace diagram: there is no packet {packet}, only 1 to {len(journeys)}")
    chosen = journeys[:MOST_DRAWN] if packet is None else [journeys[packet - 1]]
    svg = FilePath(file) if FilePath(file).suffix == ".svg" else FilePath(f"{file}.svg")
    return _write({str(svg): path.draw(chosen), str(svg.with_suffix(".html")): page(journeys)})


def draw_file(source: str, packet: int | None, file: str) -> str:
    """As draw_trace, for a trace that was saved, also one of a real VPP.

    Raises:
        SourceError: it is no trace.
    """
    return draw_trace(join(read_file(source)), packet, file)


def draw_graph(client: Asks) -> str:
    """The graph of one vswitch, or of the nodes of a lab together. A real VPP is asked for its trace alone."""
    vectors: Counter[str] = Counter()
    edges: Counter[graph.Edge] = Counter()
    note = graph.COUNTED
    for node in client.nodes() or [None]:  # type: ignore[list-item]
        try:
            rows = client.data("show vlib graph", node)
        except RemoteError:
            edges += graph.edges_of(paths_of(client, node))
            note = graph.TRACED
            continue
        vectors += Counter({row["name"]: row["vectors"] for row in rows})
        for row in rows:
            for way in row["next"]:  # several next indices may lead to one node
                edges[row["name"], way["name"]] += way["vectors"]
    if not vectors and not edges:
        raise PictureError("show graph: no node has seen packets")
    return graph.draw(vectors, +edges, note)


def _write(files: dict[str, str]) -> str:
    for name, text in files.items():
        try:
            FilePath(name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise PictureError(f"cannot write {name}: {error.strerror}") from error
    return "".join(f"wrote {name}\n" for name in files)
