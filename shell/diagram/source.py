"""Where pictures and the browser get their data: a running engine, a lab, a real VPP, or a file."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path as FilePath
from typing import Any, Protocol

from ..client import RemoteError
from ..trace_text import TraceTextError, parse
from .story import Facts, Path, read

MOST = 1000  # packets that are read
COMMAND = f"show trace max {MOST}"
KEY = ("src", "dst", "protocol", "sport", "dport", "id", "ttl")


class SourceError(ValueError):
    """There is no trace in it; str says why."""


class Asks(Protocol):
    """What is asked of a client."""

    def data(self, line: str, node: str | None = None) -> Any:
        """The data behind a line's output."""

    def nodes(self) -> list[str]:
        """Names of a lab's nodes."""

    def wires(self) -> list[dict[str, str]]:
        """A lab's wires, each direction by itself: from, to, input_node."""


def facts_of(client: Asks, node: str | None = None) -> Facts:
    """What a trace does not say itself; nothing where the other side cannot tell."""
    facts = Facts()
    try:
        rows = client.data("show interface", node)["interfaces"]
        facts.interfaces = {row["sw_if_index"]: row["name"] for row in rows}
        for acl in client.data("show acl-plugin acl", node):
            for number, rule in enumerate(acl["rules"]):
                facts.rules[acl["acl_index"], number] = rule["text"]
    except RemoteError:
        pass
    return facts


def paths_of(client: Asks, node: str | None = None) -> list[Path]:
    """The packets that one vswitch has traced.

    Raises:
        RemoteError: it does not tell.
    """
    return read(client.data(COMMAND, node), facts_of(client, node), node or "")


def nodes_of(client: Asks, nodes: Sequence[str] | None = None) -> Sequence[str | None]:
    """The nodes meant: those named, all of a lab, or None for an engine that is alone."""
    return nodes or client.nodes() or [None]


def journeys_of(client: Asks, nodes: Sequence[str] | None = None) -> list[list[Path]]:
    """The packets traced, each with its ways through one vswitch after the other."""
    return join([path for node in nodes_of(client, nodes) for path in paths_of(client, node)])


def join(paths: Sequence[Path]) -> list[list[Path]]:
    """Put together the ways of packets that left one vswitch and entered another, as they cross a lab's wires."""
    left = sorted(paths, key=lambda path: path.time)
    following: dict[int, Path] = {}
    taken: set[int] = set()
    for path in left:
        entered = next((other for other in left if id(other) not in taken and _goes_on(path, other)), None)
        if entered is not None:
            following[id(path)] = entered
            taken.add(id(entered))
    return [list(_journey(path, following)) for path in left if id(path) not in taken]


def _journey(path: Path, following: dict[int, Path]) -> Iterator[Path]:
    at: Path | None = path
    while at is not None:
        yield at
        at = following.get(id(at))


def _goes_on(left: Path, entered: Path) -> bool:
    if left.where == entered.where or left.verdict not in ("sent", "answered") or left.time != entered.time:
        return False
    return "src" in left.after and all(left.after.get(name) == entered.before.get(name) for name in KEY)


def read_file(path: str) -> list[Path]:
    """The packets of a file: `show trace | json`, or the text of `show trace`, also of a real VPP.

    Raises:
        SourceError: it cannot be read, or is no trace.
    """
    try:
        text = FilePath(path).read_text(errors="replace")
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}") from error
    return read_text(text, path)


def read_text(text: str, name: str) -> list[Path]:
    """As read_file, of a text that is there.

    Raises:
        SourceError: it is no trace.
    """
    try:
        trace = json.loads(text) if text.lstrip().startswith("{") else parse(text)
        return read(trace)
    except TraceTextError as error:
        raise SourceError(f"{name}: {error}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(f"{name}: not what `show trace | json` prints") from error
