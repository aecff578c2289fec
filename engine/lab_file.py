"""Lab files: which vswitches there are, how each is configured, and which interfaces are wired together."""

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from .errors import LabError

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
RESERVED = ("node", "all")  # words of the console
NODE_KEYS = {"config", "profile", "startup", "seed", "buffers"}
LAB_KEYS = {"nodes", "wires", "profile", "max_crossings"}
# A TTL ends a loop of routers after 255, and 64 KiB in the smallest fragments are 1365 frames
MAX_CROSSINGS = 2048


class End(NamedTuple):
    """An interface of a node, in text `node1:tap2`."""

    node: str
    interface: str

    def __str__(self) -> str:
        return f"{self.node}:{self.interface}"


@dataclass(frozen=True)
class NodePlan:
    """One vswitch: files of CLI lines to run in this order, and what Engine() takes."""

    name: str
    config: tuple[Path, ...]
    options: dict[str, Any]


@dataclass(frozen=True)
class LabPlan:
    """What a lab file says, checked as far as can be done without building anything."""

    path: str
    nodes: tuple[NodePlan, ...]
    cables: tuple[tuple[End, End], ...]
    max_crossings: int  # frames that one packet may make cross the wires before it counts as a loop


def parse_end(text: Any) -> End:
    """`node:interface`. Raises LabError."""
    node, colon, interface = text.partition(":") if isinstance(text, str) else ("", "", "")
    if not (node and colon and interface):
        raise LabError(f"expected NODE:INTERFACE, got {text!r}")
    return End(node, interface)


def read_lab(path: str | os.PathLike[str]) -> LabPlan:
    """The plan in a lab file. Paths in it are relative to the file.

    Raises LabError, which names the file: it cannot be read, is no TOML, or says what makes no sense.
    """
    name = os.fspath(path)
    try:
        with open(path, "rb") as file:
            data = tomllib.load(file)
    except (OSError, ValueError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise LabError(f"{name}: {getattr(error, 'strerror', None) or error}") from error
    try:
        return _plan(name, data)
    except LabError as error:
        raise LabError(f"{name}: {error}") from None


def _plan(name: str, data: dict[str, Any]) -> LabPlan:
    _only(data, LAB_KEYS, "the lab")
    tables = _of_kind(data.get("nodes", {}), dict, "nodes")
    if not tables:
        raise LabError("there are no nodes: a table [nodes.NAME] describes one")
    folder = Path(name).parent
    nodes = [_node(folder, data, number, *item) for number, item in enumerate(tables.items())]
    cables = tuple(_cable(pair, tables) for pair in _of_kind(data.get("wires", []), list, "wires"))
    used: set[End] = set()
    for end in (end for cable in cables for end in cable):
        if end in used:
            raise LabError(f"{end} has more than one end of a wire")
        used.add(end)
    crossings = _of_kind(data.get("max_crossings", MAX_CROSSINGS), int, "max_crossings")
    if not 0 < crossings < 2**32:
        raise LabError(f"max_crossings cannot be {crossings}")
    return LabPlan(name, tuple(nodes), cables, crossings)


def _node(folder: Path, lab: dict[str, Any], number: int, name: str, table: Any) -> NodePlan:
    if not NAME.fullmatch(name) or name in RESERVED:
        raise LabError(f"a node cannot be called {name!r}")
    what = f"node {name}"
    _only(_of_kind(table, dict, what), NODE_KEYS, what)
    config = table.get("config", [])
    files = [config] if isinstance(config, str) else _of_kind(config, list, f"config of {what}")
    paths = tuple(folder / _of_kind(file, str, f"config of {what}") for file in files)
    # nodes must not make up the same MAC addresses, so each has a seed of its own
    options = {"profile": lab.get("profile", "18.01"), "seed": number}
    options |= {key: table[key] for key in ("profile", "seed", "buffers", "startup") if key in table}
    for key, value in options.items():
        _of_kind(value, int if key in ("seed", "buffers") else str, f"{key} of {what}")
    startup = options.get("startup", "{}")
    if "{" not in startup and startup.strip():
        options["startup"] = str(folder / startup)
    return NodePlan(name, paths, options)


def _cable(pair: Any, nodes: dict[str, Any]) -> tuple[End, End]:
    if not isinstance(pair, list) or len(pair) != 2:
        raise LabError(f'a wire has two ends, ["node1:IF", "node2:IF"]; got {pair!r}')
    first, second = parse_end(pair[0]), parse_end(pair[1])
    for end in (first, second):
        if end.node not in nodes:
            raise LabError(f"the wire of {end}: there is no node {end.node}, only {', '.join(nodes)}")
    if first == second:
        raise LabError(f"both ends of a wire are at {first}")
    return first, second


def _only(table: dict[str, Any], keys: set[str], what: str) -> None:
    for key in table:
        if key not in keys:
            raise LabError(f"{what} has no {key!r}, only {', '.join(sorted(keys))}")


def _of_kind(value: Any, kind: type, what: str) -> Any:
    """The value. Raises LabError when it is of another kind; true and false are no numbers."""
    if not isinstance(value, kind) or isinstance(value, bool):
        raise LabError(f"{what} cannot be {value!r:.60}")
    return value
