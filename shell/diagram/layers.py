"""Layout of a graph in layers, edges pointing down as far as they can (Sugiyama's method, in small)."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Edge = tuple[str, str]

SWEEPS = 12
BEND = "\0"  # what the name of a bend begins with


@dataclass
class Layout:
    """The layers from the top, each from the left: names of nodes, and of bends of edges that cross a layer.

    routes: by edge, the bends from its source to its target; edges that lead up have none, and stand in `up`.
    """

    rows: list[list[str]]
    routes: dict[Edge, list[str]]
    up: set[Edge]
    near: dict[str, list[str]]  # what each node and bend is joined to, above and below


def layout(nodes: Sequence[str], edges: Iterable[Edge], lowest: Container[str] = ()) -> Layout:
    """Layers of the nodes, ordered so that few edges cross.

    Nodes come in the order in which they should stand where the edges do not say; an edge of a circle points up.
    lowest: nodes that stand in the last layer when nothing follows them.
    """
    wanted = list(edges)
    down = _without_circles(nodes, wanted)
    ranks = _ranks(nodes, down)
    deepest = max(ranks.values(), default=0)
    ranks |= {node: deepest for node in nodes if node in lowest and node not in {source for source, _ in down}}
    rows: list[list[str]] = [[] for _ in range(max(ranks.values(), default=-1) + 1)]
    for node in nodes:
        rows[ranks[node]].append(node)
    routes = {edge: _bends(edge, ranks, rows) for edge in down}
    above, below = defaultdict(list), defaultdict(list)
    for (source, target), bends in routes.items():
        for upper, lower in pairwise([source, *bends, target]):
            above[lower].append(upper)
            below[upper].append(lower)
    for sweep in range(SWEEPS):
        falling = sweep % 2 == 0
        _sweep(rows if falling else rows[::-1], above if falling else below, rows)
    near = {name: above[name] + below[name] for row in rows for name in row}
    return Layout(rows, routes, set(wanted) - set(down), near)


def _bends(edge: Edge, ranks: Mapping[str, int], rows: list[list[str]]) -> list[str]:
    """Places for an edge in the layers that it crosses, so that it does not run through their nodes."""
    bends = []
    for rank in range(ranks[edge[0]] + 1, ranks[edge[1]]):
        bends.append(f"{BEND}{edge[0]}{BEND}{edge[1]}{BEND}{rank}")
        rows[rank].append(bends[-1])
    return bends


def _without_circles(nodes: Sequence[str], edges: list[Edge]) -> list[Edge]:
    """The edges, less those that lead back to where a walk from the top came from."""
    out = defaultdict(list)
    for source, target in edges:
        out[source].append(target)
    state: dict[str, int] = {}
    back: set[Edge] = set()

    def walk(node: str) -> None:
        state[node] = 1
        for target in out[node]:
            if state.get(target) == 1:
                back.add((node, target))
            elif target not in state:
                walk(target)
        state[node] = 2

    for node in nodes:
        if node not in state:
            walk(node)
    return [edge for edge in edges if edge not in back]


def _ranks(nodes: Sequence[str], down: Sequence[Edge]) -> dict[str, int]:
    """How many edges the longest way to each node has."""
    ranks = dict.fromkeys(nodes, 0)
    for _ in nodes:
        moved = False
        for source, target in down:
            if ranks[target] <= ranks[source]:
                ranks[target] = ranks[source] + 1
                moved = True
        if not moved:
            break
    return ranks


def _sweep(order: Sequence[list[str]], near: Mapping[str, Sequence[str]], all_layers: Sequence[list[str]]) -> None:
    """Sort each layer by where the neighbours of its nodes stand, on average."""
    place = {node: (number + 0.5) / len(layer) for layer in all_layers for number, node in enumerate(layer)}

    def middle(node: str) -> float:
        return sum(place[other] for other in near[node]) / len(near[node]) if near[node] else place[node]

    for layer in order:
        layer.sort(key=middle)
        for number, node in enumerate(layer):
            place[node] = (number + 0.5) / len(layer)
