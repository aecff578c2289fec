"""The picture of the node graph: nodes that saw packets, the edges that packets took, and how many did.

Of a lab the graphs of all vswitches stand side by side, with the wires between them.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from . import style
from .layers import Layout, layout
from .story import Path, family
from .svg import Canvas, Label, text_width

MARGIN, TOP = 24, 64
BOX_HEIGHT, ROW = 40, 96
SPACE = 36
BEND_WIDTH = 24.0
LANE = 22.0  # between two edges that lead up, beside the graph
WIRE = 14.0  # between two wires
WIRE_LABEL = 30.0
GUTTER = 40.0
RELAXATIONS = 6
FIRST = ("input", "l2", "ip", "acl", "nat", "tunnel", "output", "drop")
COUNTED = "packets that nodes have seen, and that went from one to the next"
TRACED = "packets that were traced"
Edge = tuple[str, str]
Place = tuple[float, float]


@dataclass
class Sight:
    """What is known of one vswitch. vectors: packets that each node has seen; edges: that went from node to node."""

    where: str = ""
    vectors: Counter[str] = field(default_factory=Counter)
    edges: Counter[Edge] = field(default_factory=Counter)

    @property
    def nodes(self) -> list[str]:
        """All that saw packets."""
        names = {name for name, count in self.vectors.items() if count}.union(*self.edges)
        return sorted(names, key=lambda name: (FIRST.index(family(name)), name))


@dataclass
class Wire:
    """A cable's one direction: (vswitch, node) where packets leave, and where they enter; how many left."""

    sender: tuple[str, str]
    receiver: tuple[str, str]
    count: int


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


def draw(sights: Sequence[Sight], wires: Sequence[Wire] = (), note: str = COUNTED) -> str:
    """An SVG of one vswitch, or of several side by side."""
    canvas = Canvas()
    canvas.text(MARGIN, MARGIN + 12, "Node graph", "where")
    canvas.text(MARGIN, MARGIN + 32, note, "small")
    used = [wire for wire in wires if wire.count]
    top = MARGIN + TOP + (34 if len(sights) > 1 else 0) + WIRE * len(used)
    left = MARGIN + WIRE_LABEL * bool(used)
    drawings: dict[str, Drawing] = {}
    for sight in sights:
        left += GUTTER * bool(drawings) + WIRE * len(used)
        drawing = Drawing(sight, left, top, {wire.sender[1] for wire in used if wire.sender[0] == sight.where})
        drawings[sight.where] = drawing
        drawing.draw(canvas)
        if len(sights) > 1:
            canvas.text(left, MARGIN + TOP + 8, sight.where, "where")
        left = drawing.right
    bottom = canvas.height + LANE
    for number, wire in enumerate(used):
        _wire(canvas, drawings, wire, number, bottom)
    canvas.labels()
    return canvas.document(style.STYLE, MARGIN, "Node graph")


class Drawing:
    """One vswitch's graph on the canvas. left, top: of its highest boxes; right: where it ends."""

    def __init__(self, sight: Sight, left: float, top: float, lowest: set[str]) -> None:
        self.sight, self.left, self.top = sight, left, top
        self.plan = layout(sight.nodes, sight.edges, lowest)
        self.widths = {name: max(text_width(name, 12) + 30, 130) for name in sight.nodes}
        self.places = _places(self.plan, self.widths, left, top)
        self.lanes = max((self.places[name][0] + width / 2 for name, width in self.widths.items()), default=left) + LANE
        self.right = self.lanes + LANE * 2 * len(self.plan.up)

    def draw(self, canvas: Canvas) -> None:
        """All edges, then all nodes."""
        lane = 0
        for edge, count in self.sight.edges.items():
            if edge in self.plan.up:
                self._up(canvas, edge, count, lane)
                lane += 1
            else:
                self._down(canvas, edge, count)
        for name in self.sight.nodes:
            _node(canvas, *self.places[name], self.widths[name], name, self.sight.vectors.get(name))

    def _down(self, canvas: Canvas, edge: Edge, count: int) -> None:
        """From the lower side of the first box through the bends to the upper side of the last."""
        (x, y), *rest = [self.places[name] for name in (edge[0], *self.plan.routes[edge], edge[1])]
        d, at = f"M{x:g} {y + BOX_HEIGHT:g}", y + BOX_HEIGHT
        seats = [_on_curve((x, at), rest[0], part) for part in (0.5, 0.35, 0.65, 0.25, 0.75)]
        for place, (next_x, next_y) in enumerate(rest):
            last = place == len(rest) - 1
            end = next_y - 2 if last else next_y
            half = (end - at) / 2
            d += f" C{x:g} {at + half:g} {next_x:g} {end - half:g} {next_x:g} {end:g}"
            if not last:
                d += f" V{next_y + BOX_HEIGHT:g}"
                seats.append((next_x, next_y + BOX_HEIGHT / 2))
            x, at = next_x, next_y + BOX_HEIGHT
        _line(canvas, d, edge, count)
        canvas.label(Label(thousands(count), seats))

    def _up(self, canvas: Canvas, edge: Edge, count: int, lane: int) -> None:
        """Around the right of the graph, where nothing stands."""
        (x, y), (to_x, to_y) = self.places[edge[0]], self.places[edge[1]]
        start, stop = x + self.widths[edge[0]] / 4, to_x + self.widths[edge[1]] / 4
        side, low, high = self.lanes + lane * 2 * LANE, y + BOX_HEIGHT + 12 + lane % 3 * 4, to_y - 14 - lane % 3 * 4
        d = f"M{start:g} {y + BOX_HEIGHT:g} V{low - 8:g} q0 8 8 8 H{side - 8:g} q8 0 8 -8 V{high + 8:g} q0 -8 -8 -8 "
        d += f"H{stop + 8:g} q-8 0 -8 8 V{to_y - 2:g}"
        _line(canvas, d, edge, count)
        canvas.label(Label(thousands(count), [(side, (low + high) / 2 + shift) for shift in (0, 24, -24)]))


def _places(plan: Layout, widths: Mapping[str, float], left: float, top: float) -> dict[str, Place]:
    """Where nodes and bends stand: the middle of their upper side. Rows are centred, then drawn to their neighbours."""
    sizes = defaultdict(lambda: BEND_WIDTH, widths)
    total = max((_row_width(row, sizes) for row in plan.rows), default=0.0)
    centres: dict[str, float] = {}
    for row in plan.rows:
        x = (total - _row_width(row, sizes)) / 2
        for name in row:
            centres[name] = x + sizes[name] / 2
            x += sizes[name] + SPACE
    for row in [*plan.rows, *plan.rows[::-1]] * RELAXATIONS:
        _relax(row, plan, sizes, centres)
    shift = left - min((x - sizes[name] / 2 for name, x in centres.items()), default=0.0)
    heights = {name: top + number * ROW for number, row in enumerate(plan.rows) for name in row}
    return {name: (round(x + shift, 1), heights[name]) for name, x in centres.items()}


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


def _row_width(row: Sequence[str], widths: Mapping[str, float]) -> float:
    return sum(widths[name] for name in row) + SPACE * (len(row) - 1)


def _node(canvas: Canvas, x: float, y: float, width: float, name: str, count: int | None) -> None:
    stripe, fill = style.FAMILIES[family(name)]
    left = x - width / 2
    weight = 'stroke-dasharray="5 3" stroke-width="1.6"' if family(name) == "drop" else 'stroke-opacity="0.6"'
    canvas.rect(left, y, width, BOX_HEIGHT, fill, stripe, 6, f'class="box" {weight}')
    canvas.rect(left, y + 5, 3.5, BOX_HEIGHT - 10, stripe, "none", 1.5)
    canvas.text(left + 14, y + 17, name, "node")
    canvas.text(left + 14, y + 32, "not counted" if count is None else thousands(count), "count")


def _line(canvas: Canvas, d: str, edge: Edge, count: int) -> None:
    colour = style.RED if family(edge[1]) == "drop" else style.FAINT
    canvas.path(d, colour, min(1.2 + len(str(count)) * 0.4, 4), 'class="edge" marker-end="url(#tip)"')


def _on_curve(start: Place, stop: Place, part: float) -> Place:
    """A point of the curve between two boxes, which leaves and arrives upright."""
    slow = part * part * (3 - 2 * part)
    steady = 1.5 * part * (1 - part) ** 2 + 1.5 * part * part * (1 - part) + part**3
    return start[0] + (stop[0] - start[0]) * slow, start[1] + (stop[1] - start[1]) * steady


def _wire(canvas: Canvas, drawings: Mapping[str, Drawing], wire: Wire, number: int, bottom: float) -> None:
    """From a box at the bottom around the left of the other graph to its top."""
    sender, receiver = (drawings.get(end[0]) for end in (wire.sender, wire.receiver))
    if not sender or not receiver or wire.sender[1] not in sender.places or wire.receiver[1] not in receiver.places:
        return
    (x, y), (to_x, to_y) = sender.places[wire.sender[1]], receiver.places[wire.receiver[1]]
    low, high = bottom + WIRE * (number + 1), receiver.top - WIRE * (number + 1.4)
    side = receiver.left - WIRE * (number + 1.4)
    turn = -8 if side < x else 8
    d = f"M{x:g} {y + BOX_HEIGHT:g} V{low - 8:g} q0 8 {turn} 8 H{side - turn:g} q{turn} 0 {turn} -8 V{high + 8:g} "
    d += f"q0 -8 8 -8 H{to_x - 8:g} q8 0 8 8 V{to_y - 3:g}"
    canvas.path(d, style.INK, 2.5, 'class="edge" marker-end="url(#tip)"')
    canvas.reach(side, low)
    middle = (low + high) / 2
    text = f"wire {thousands(wire.count)}"
    canvas.label(Label(text, [(side, middle + shift) for shift in (-30 * number, 40, -70, 100)]))


def thousands(count: int) -> str:
    """A number with thin spaces between its thousands."""
    return f"{count:,}".replace(",", "\N{THIN SPACE}")
