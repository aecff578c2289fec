"""The picture of the node graph: nodes that saw packets, the edges that packets took, and how many did."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from . import style
from .layers import Layout, layout
from .story import Path, family
from .svg import Canvas, text_width

MARGIN = 24
BOX_HEIGHT, ROW = 40, 96
SPACE = 36
BEND_WIDTH = 24.0
RELAXATIONS = 6
TOP = 64
FIRST = ("input", "l2", "ip", "acl", "nat", "tunnel", "output", "drop")
COUNTED = "packets that nodes have seen, and that went from one to the next"
TRACED = "packets that were traced"
Edge = tuple[str, str]
Place = tuple[float, float]


def edges_of(paths: Sequence[Path]) -> Counter[Edge]:
    """From which node to which traced packets went, and how many did.

    A packet that caused an ARP request shares its record with it; where the one ends and the other goes on is no edge.
    """
    counts: Counter[Edge] = Counter()
    for path in paths:
        for before, after in zip(path.steps, path.steps[1:], strict=False):
            behind_output = before.family == "output" and after.family not in ("output", "l2", "ip")
            ended = before.family == "drop" or behind_output
            if not ended and before.node != after.node:
                counts[before.node, after.node] += 1
    return counts


def draw(vectors: Mapping[str, int], edges: Mapping[Edge, int], note: str = "") -> str:
    """An SVG. vectors: packets that each node has seen; edges: packets that went from node to node."""
    names = sorted({*vectors, *(node for edge in edges for node in edge)}, key=_order)
    canvas = Canvas()
    canvas.text(MARGIN, MARGIN + 12, "Node graph", "where")
    canvas.text(MARGIN, MARGIN + 32, note or COUNTED, "small")
    plan = layout(names, edges)
    widths = {name: max(text_width(name, 12) + 30, 130) for name in names}
    places = _places(plan, widths)
    for edge, count in edges.items():
        _edge(canvas, [places[name] for name in (edge[0], *plan.routes.get(edge, ()), edge[1])], edge, count)
    for name in names:
        _node(canvas, *places[name], widths[name], name, vectors.get(name))
    return canvas.document(style.STYLE, MARGIN, "Node graph")


def _places(plan: Layout, widths: Mapping[str, float]) -> dict[str, Place]:
    """Where nodes and bends stand: the middle of their upper side. Rows are centred, then drawn to their neighbours."""
    sizes = defaultdict(lambda: BEND_WIDTH, widths)
    total = max((_row_width(row, sizes) for row in plan.rows), default=0.0)
    centres: dict[str, float] = {}
    for row in plan.rows:
        x = MARGIN + (total - _row_width(row, sizes)) / 2
        for name in row:
            centres[name] = x + sizes[name] / 2
            x += sizes[name] + SPACE
    for row in [*plan.rows, *plan.rows[::-1]] * RELAXATIONS:
        _relax(row, plan, sizes, centres)
    left = MARGIN - min((x - sizes[name] / 2 for name, x in centres.items()), default=0.0)
    centres = {name: x + left for name, x in centres.items()}
    heights = {name: MARGIN + TOP + number * ROW for number, row in enumerate(plan.rows) for name in row}
    return {name: (x, heights[name]) for name, x in centres.items()}


def _relax(row: Sequence[str], plan: Layout, sizes: Mapping[str, float], centres: dict[str, float]) -> None:
    """Move the nodes of a row to the middle of what they are joined to, as far as there is room."""
    near = [[centres[other] for other in plan.near[name]] or [centres[name]] for name in row]
    wanted = [sum(xs) / len(xs) for xs in near]
    placed: list[float] = []
    for place, x in enumerate(wanted):
        least = placed[-1] + (sizes[row[place - 1]] + sizes[row[place]]) / 2 + SPACE if placed else x
        placed.append(max(x, least))
    shift = sum(wanted) / len(wanted) - sum(placed) / len(placed)
    centres.update((name, x + shift) for name, x in zip(row, placed, strict=True))


def _order(name: str) -> tuple[int, str]:
    return FIRST.index(family(name)), name


def _row_width(row: Sequence[str], widths: Mapping[str, float]) -> float:
    return sum(widths[name] for name in row) + SPACE * (len(row) - 1)


def _node(canvas: Canvas, x: float, y: float, width: float, name: str, count: int | None) -> None:
    stripe, fill = style.FAMILIES[family(name)]
    left = x - width / 2
    canvas.rect(left, y, width, BOX_HEIGHT, "#ffffff", "none", 6)
    canvas.rect(left, y, width, BOX_HEIGHT, fill, stripe, 6, 'stroke-opacity="0.45"')
    canvas.rect(left, y + 5, 3.5, BOX_HEIGHT - 10, stripe, "none", 1.5)
    canvas.text(left + 14, y + 17, name, "node")
    canvas.text(left + 14, y + 32, "not counted" if count is None else thousands(count), "count")


def _edge(canvas: Canvas, points: Sequence[Place], edge: Edge, count: int) -> None:
    """A curve down through its bends, or at the side where it leads back up; how many took it stands on it."""
    colour = style.RED if family(edge[1]) == "drop" else style.FAINT
    width = min(1.2 + len(str(count)) * 0.4, 4)
    (x, y), (to_x, to_y) = points[0], points[-1]
    if to_y > y:
        d = _down(points)
        next_x, next_y = points[1]
        at_x, at_y = x + (next_x - x) * 0.5, (y + BOX_HEIGHT + next_y) / 2
    else:
        side = max(x, to_x) + 150
        d = f"M{x + 40:g} {y + BOX_HEIGHT:g} "
        d += f"C{side:g} {y + ROW:g} {side:g} {to_y - ROW / 2:g} {to_x + 30:g} {to_y - 2:g}"
        at_x, at_y = side - 40, (y + to_y) / 2
    canvas.path(d, colour, width, 'marker-end="url(#tip)"')
    label = thousands(count)
    canvas.rect(at_x - text_width(label, 11) / 2 - 3, at_y - 9, text_width(label, 11) + 6, 15, "#ffffff", "none", 3)
    canvas.text(at_x, at_y + 3, label, "count", "middle")


def _down(points: Sequence[Place]) -> str:
    """From the lower side of the first box through the bends to the upper side of the last."""
    (x, y), *rest = points
    d, at = f"M{x:g} {y + BOX_HEIGHT:g}", y + BOX_HEIGHT
    for place, (next_x, next_y) in enumerate(rest):
        last = place == len(rest) - 1
        end = next_y - 2 if last else next_y
        half = (end - at) / 2
        d += f" C{x:g} {at + half:g} {next_x:g} {end - half:g} {next_x:g} {end:g}"
        if not last:
            d += f" V{next_y + BOX_HEIGHT:g}"
        x, at = next_x, next_y + BOX_HEIGHT
    return d


def thousands(count: int) -> str:
    """A number with thin spaces between its thousands."""
    return f"{count:,}".replace(",", "\N{THIN SPACE}")
