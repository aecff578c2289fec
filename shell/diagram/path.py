"""The picture of packets' paths: a column of nodes for each packet and vswitch, what they did beside them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..trace_text import clock
from . import style
from .headers import flow
from .story import Path, Step
from .svg import Canvas, Span, text_width, wrap

WIDTH = 586  # of a column
MARGIN, GAP = 24, 56
PAD = 20
BOX, BOX_HEIGHT = 228, 28
BESIDE = PAD + BOX + 18
LINE_HEIGHT = 16
BETWEEN = 16
PILL_HEIGHT = 26
HEADING = 104
RULE_CHARACTERS = 48
NAME_CHARACTERS = 28
PER_ROW = 2
ARROW = " \N{RIGHTWARDS ARROW} "
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
CROSS = "\N{MULTIPLICATION X}"

# what a rule says of anything, which is nothing
IDLE = re.compile(r"(?:src|dst) (?:0\.0\.0\.0/0|::/0) ?|[sd]port 0-65535 ?|proto 0 ?|^ipv[46] ")


@dataclass
class Line:
    """A line beside a node. changed: it tells of a field that the node changed."""

    spans: Sequence[Span]
    style: str = "note"
    changed: bool = False


def lines_of(step: Step) -> list[Line]:
    """What stands beside a node: its decision, then what it changed."""
    out: list[Line] = []
    for place, note in enumerate(step.notes):
        if place == 0:
            out.append(Line([(f"{CROSS} {note}", "bad")] if step.bad else [(note, "")]))
        else:
            out += [Line([(line, "")], "rule") for line in wrap(short_rule(note), RULE_CHARACTERS)]
    for change in step.changes:
        before = [] if change.before is None else [(change.before, "old"), (ARROW, "label")]
        if change.name == "MAC":
            out.append(Line([("MAC ", "label"), *before[:1]], changed=True))
            out.append(Line([("  " + ARROW.strip() + " ", "label"), (change.after, "new")], changed=True))
        elif change.before is None:
            out.append(Line([(change.name, "label")], changed=True))
            out.append(Line([("  ", ""), (change.after, "new")], changed=True))
        else:
            out.append(Line([(f"{change.name} ", "label"), *before, (change.after, "new")], changed=True))
    return out


def short_rule(text: str) -> str:
    """A rule's text without the parts that match anything."""
    short = IDLE.sub("", text).strip()
    return short if " " in short else f"{short} any packet"


def row_height(step: Step) -> float:
    """Of a node with the lines beside it."""
    return max(BOX_HEIGHT, len(lines_of(step)) * LINE_HEIGHT + 4)


def column_height(path: Path) -> float:
    """Of a packet's whole column."""
    rows = sum(row_height(step) + BETWEEN for step in path.steps)
    pills = PILL_HEIGHT + BETWEEN + (PILL_HEIGHT if leaves(path) else -BETWEEN)
    return HEADING + rows + pills + PAD


def leaves(path: Path) -> bool:
    """Whether the packet itself left; an ARP request may have, in its place."""
    return bool(path.leaves) and path.verdict in ("sent", "answered")


def pill_width(name: str) -> float:
    """Of an interface's name."""
    return max(text_width(name, 12) + 28, 84)


def draw(journeys: Sequence[Sequence[Path]], description: str = "") -> str:
    """An SVG of journeys: each a packet's paths through one vswitch after the other, joined by wires."""
    canvas = Canvas()
    y = float(MARGIN)
    for row in _rows(journeys):
        x = float(MARGIN)
        tallest = 0.0
        for journey in row:
            for place, path in enumerate(journey):
                height = column_height(path)
                _column(canvas, x, y, height, path)
                if place:
                    _wire(canvas, x, y, journey[place - 1], path)
                tallest = max(tallest, height)
                x += WIDTH + GAP
        y += tallest + GAP - 16
    canvas.height -= 8
    return canvas.document(style.STYLE, MARGIN, description or "Packets' paths")


def _rows(journeys: Sequence[Sequence[Path]]) -> list[list[Sequence[Path]]]:
    """A journey through several vswitches has a row of its own; others stand side by side."""
    rows: list[list[Sequence[Path]]] = []
    for journey in journeys:
        last = rows[-1] if rows else None
        if last is not None and sum(map(len, last)) + len(journey) <= PER_ROW and len(journey) == 1:
            last.append(journey)
        else:
            rows.append([journey])
    return rows


def _column(canvas: Canvas, x: float, y: float, height: float, path: Path) -> None:
    canvas.rect(x, y, WIDTH, height, style.PANEL, "#e2e8f0", 10)
    _heading(canvas, x + PAD, y, path)
    centre = x + PAD + BOX / 2
    at = y + HEADING
    _pill(canvas, centre, at, path.enters, "in")
    below = at + PILL_HEIGHT
    at = below + BETWEEN
    for step in path.steps:
        bad = step.bad or (step.family == "drop")
        _arrow(canvas, centre, below, at, style.RED if bad and step.family == "drop" else style.FAINT)
        _node(canvas, x + PAD, at, step)
        below = at + BOX_HEIGHT
        at += row_height(step) + BETWEEN
    if leaves(path):
        _arrow(canvas, centre, below, at, style.FAINT)
        _pill(canvas, centre, at, path.leaves, "out")


def _heading(canvas: Canvas, x: float, y: float, path: Path) -> None:
    """Which packet, where, what it was and became, and how it ended."""
    before, after = flow(path.before), flow(path.after)
    title: list[Span] = [(path.where, "where"), ("   ", "")] if path.where else []
    canvas.text(x, y + 28, [*title, (f"packet {path.number}", "small"), (f"   {clock(path.time)}", "small")], "small")
    right = x + WIDTH - 2 * PAD
    width = text_width(path.verdict, 11, mono=False) + 22
    canvas.rect(right - width, y + 14, width, 20, style.VERDICTS.get(path.verdict, style.MUTED), "none", 10)
    canvas.text(right - width / 2, y + 28, path.verdict, "badge", "middle")
    canvas.text(x, y + 56, before or after or "not IP", "flow")
    if path.reason:
        canvas.text(x, y + 78, [(f"{CROSS} {path.reason}", "bad")], "note")
    elif after and after != before:
        canvas.text(x, y + 78, [(ARROW.strip() + " ", "label"), (after, "was")], "was")


def _pill(canvas: Canvas, centre: float, y: float, name: str, direction: str) -> None:
    """An interface."""
    width = pill_width(name)
    canvas.rect(centre - width / 2, y, width, PILL_HEIGHT, style.INK, "none", PILL_HEIGHT / 2)
    canvas.text(centre, y + 17, name, "pill", "middle")
    if direction == "in":  # wires arrive at the left and leave at the right
        canvas.text(centre + width / 2 + 8, y + 17, direction, "small")
    else:
        canvas.text(centre - width / 2 - 8, y + 17, direction, "small", "end")


def _arrow(canvas: Canvas, x: float, start: float, stop: float, colour: str) -> None:
    canvas.path(f"M{x:g} {start:g} V{stop - 2:g}", colour, 1.5, 'marker-end="url(#tip)"')


def _node(canvas: Canvas, x: float, y: float, step: Step) -> None:
    """A node's box, and the lines beside it; the pointer shows its trace.

    In print too: the box of a node that ended the packet is dashed, that of one that changed it heavy.
    """
    stripe, fill = style.FAMILIES["drop" if step.bad else step.family]
    weight = 'stroke-dasharray="5 3" stroke-width="1.6"' if step.bad else 'stroke-opacity="0.45"'
    if step.changes:
        weight = 'stroke-width="2.2"'
    canvas.title(f"{step.node}\n{step.text}")
    canvas.rect(x, y, BOX, BOX_HEIGHT, fill, stripe, 5, f'class="box" {weight}')
    canvas.rect(x, y + 4, 3.5, BOX_HEIGHT - 8, stripe, "none", 1.5)
    name = step.node if len(step.node) <= NAME_CHARACTERS else step.node[: NAME_CHARACTERS - 1] + ELLIPSIS
    canvas.text(x + 13, y + 18, name, "node")
    canvas.end()
    lines = lines_of(step)
    for place, line in enumerate(lines):
        canvas.text(x + BESIDE - PAD, y + 18 + place * LINE_HEIGHT, line.spans, line.style)
    changed = [place for place, line in enumerate(lines) if line.changed]
    if changed:  # a bar beside them, as in the margin of a revised text
        top, bottom = y + 8 + changed[0] * LINE_HEIGHT, y + 22 + changed[-1] * LINE_HEIGHT
        canvas.rect(x + BESIDE - PAD - 8, top, 2.5, bottom - top, style.INK)


def _wire(canvas: Canvas, x: float, y: float, before: Path, path: Path) -> None:
    """From where a packet left the vswitch at the left to where it enters this one."""
    start_x = x - GAP - WIDTH + PAD + BOX / 2 + pill_width(before.leaves) / 2
    start_y = y + column_height(before) - PAD - PILL_HEIGHT / 2
    gap = x - GAP / 2
    stop_x, stop_y = x + PAD + BOX / 2 - pill_width(path.enters) / 2, y + HEADING + PILL_HEIGHT / 2
    canvas.path(
        f"M{start_x:g} {start_y:g} H{gap - 10:g} q10 0 10 -10 V{stop_y + 10:g} q0 -10 10 -10 H{stop_x - 4:g}",
        style.INK,
        2.5,
        'stroke-linecap="round" marker-end="url(#tip)"',
    )
    canvas.text(gap + 4, (start_y + stop_y) / 2, "wire", "small")
