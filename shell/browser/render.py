"""What stands in the panes of the browser, as prompt_toolkit's fragments: (style, text). Lines end in a newline."""

from collections.abc import Iterator

from ..trace_text import clock
from .fields import Octets
from .images import Sight
from .model import Browser, Item, changed

Fragments = list[tuple[str, str]]

ARROW = "\N{RIGHTWARDS ARROW}"
BAR, CROSS, POINT = "\N{LEFT ONE QUARTER BLOCK}", "\N{MULTIPLICATION X}", "\N{BLACK RIGHT-POINTING TRIANGLE}"
WIDTH_OF_16 = 72  # columns of a row of 16 bytes
UNKNOWN = ".."
KEYS = (
    ("\N{UPWARDS ARROW}\N{DOWNWARDS ARROW}\N{LEFTWARDS ARROW}\N{RIGHTWARDS ARROW}", "packet, node"),
    ("c", "change"),
    ("a", "rule"),
    ("s", "session"),
    ("r", "route"),
    ("d", "diff"),
    ("[]", "scroll"),
    ("w", "wrap"),
    ("/", "filter"),
    ("u", "reload"),
    ("q", "quit"),
)
VERDICTS = {"sent": "class:sent", "answered": "class:sent", "dropped": "class:bad", "consumed": "class:faint"}


def title(browser: Browser) -> Fragments:
    """The line above all."""
    n, all_of_them = len(browser.shown), len(browser.items)
    count = f"{n} of {all_of_them} packets" if n != all_of_them else f"{n} packet{'s' if n != 1 else ''}"
    return [("class:title", f" trace browser   {count}   {browser.title}")]


def packets(browser: Browser) -> tuple[Fragments, int]:
    """The list of packets, and the line on which the chosen one begins."""
    out: Fragments = []
    line = chosen = 0
    for number, item in enumerate(browser.shown):
        here = number == browser.chosen
        if here:
            chosen = line
        entry = _packet(item, here)
        line += sum(text.count("\n") for _, text in entry)
        out += entry
    if not browser.shown:
        said = "no packet passes the filter" if browser.items else "no packets in trace buffer"
        out = [("class:faint", f" {said}\n")]
    return out, chosen


def _packet(item: Item, here: bool) -> Fragments:
    first, last = item.journey[0], item.end
    base = "class:chosen " if here else ""
    enters = f"{first.where}:{first.enters}" if first.where else first.enters
    leaves = f"{last.where}:{last.leaves}" if last.where else last.leaves
    way = f"{enters} {ARROW} {leaves}" if last.leaves and last.verdict in ("sent", "answered") else enters
    lines = [
        [
            (base + "class:number", f"{POINT if here else ' '}{item.number:>3} "),
            (base, f"{clock(first.time)} "),
            (base + VERDICTS.get(last.verdict, ""), f"{CROSS if last.verdict == 'dropped' else ' '} {last.verdict}"),
        ],
        [(base + "class:faint", f"     {way}")],
        [(base + "class:flow", f"     {item.before}")],
    ]
    if last.verdict == "dropped":
        lines.append([(base + "class:bad", f"     {CROSS} {last.reason}")])
    elif item.after != item.before:
        lines.append([(base, f"   {ARROW} {item.after}")])
    return [fragment for line in lines for fragment in [*line, (base, "\n")]]


def trace(browser: Browser) -> tuple[Fragments, int]:
    """The chosen packet's trace in VPP's own text, and the line on which the chosen node begins."""
    item = browser.item
    out: Fragments = []
    line = chosen = 0
    where = ""
    for number, (path, _) in enumerate(item.places if item else []):
        if path.where != where:
            where = path.where
            out.append(("class:where", f"==== {where} ====\n"))
            line += 1
        here = number == browser.step
        if here:
            chosen = line
        text = _node(browser, number, here)
        line += sum(part.count("\n") for _, part in text)
        out += text
    return out, chosen


def _node(browser: Browser, number: int, here: bool) -> Fragments:
    item = browser.item
    assert item is not None
    step = item.places[number][1]
    mark = CROSS if step.bad else BAR if changed(item, number) else " "
    style = "class:bad" if step.bad else "class:changed" if mark == BAR else ""
    out: Fragments = [
        (style, mark),
        ("class:here" if here else "class:node", f"{clock(step.time)}: {step.node}"),
        ("", "\n"),
    ]
    for line in step.text.splitlines():
        out += [(style, mark), ("", f"  {line}\n")]
    return out


# ---- the pane below: what a node changed, or what decided there


def lower_title(browser: Browser) -> Fragments:
    """Its heading."""
    if browser.decision is not None:
        return [("class:title", f" {browser.decision.title}   (d: diff)")]
    place, item = browser.place, browser.item
    if place is None or item is None:
        return [("class:title", " ")]
    source = "the captured frame" if item.frame is not None else "as the trace shows them"
    return [("class:title", f" {place[1].node}: bytes, {source}")]


def lower(browser: Browser, width: int = 80) -> tuple[Fragments, int]:
    """The pane, so many columns wide, and the line that matters in it."""
    if browser.decision is not None:
        return _decision(browser)
    if browser.place is None or browser.sight is None:
        return [], 0
    step, sight = browser.place[1], browser.sight
    out: Fragments = [("class:bad" if step.bad else "class:note", f" {note}\n") for note in step.notes]
    if sight.crossed:
        out += (
            [("class:changed", f"{BAR}{change.name} "), ("class:new", f"{change.after}\n")]
            if (change := next((change for change in step.changes if change.before is None), None))
            else [("class:changed", f"{BAR}another header from here on\n")]
        )
    else:
        for name, before, after in sight.changes():
            out += [("class:changed", BAR), ("", f"{name:<20} {before} {ARROW} "), ("class:new", f"{after}\n")]
    if not out:
        out.append(("class:faint", " nothing changed here, as far as the trace shows\n"))
    return [*out, ("", "\n"), *_hex(sight, 16 if width > WIDTH_OF_16 else 8)], 0


def _decision(browser: Browser) -> tuple[Fragments, int]:
    decision = browser.decision
    assert decision is not None
    out: Fragments = []
    for number, line in enumerate(decision.lines):
        marked = number in decision.marked
        out.append(("class:here" if marked else "", f"{POINT if marked else ' '}{line}\n"))
    return out, min(decision.marked, default=0)


def _hex(sight: Sight, per_row: int) -> Fragments:
    """The bytes; a row that a node changed stands there as it was, behind `-`, and as it became, behind `+`."""
    old, new = sight.before.octets, sight.after.octets
    if sight.crossed:
        return [*_block("-", old, per_row), *_block("+", new, per_row)]
    if not any(octet is not None for octet in new):
        return [("class:faint", " no bytes are known here\n")]
    out: Fragments = []
    for at in range(0, len(new), per_row):
        was, now = old[at : at + per_row], new[at : at + per_row]
        differ = {place for place, (a, b) in enumerate(zip(was, now, strict=False)) if a != b}
        if differ:
            out += _row("-", at, was, differ, "class:old", per_row)
        out += _row("+" if differ else " ", at, now, differ, "class:new", per_row)
    return out


def _block(sign: str, octets: Octets, per_row: int) -> Fragments:
    rows = ((at, octets[at : at + per_row]) for at in range(0, len(octets), per_row))
    return [part for at, row in rows for part in _row(sign, at, row, set(), "", per_row)]


def _row(sign: str, at: int, octets: Octets, differ: set[int], style: str, per_row: int) -> Fragments:
    out: Fragments = [("class:changed" if sign != " " else "", sign), ("class:faint", f"{at:04x} ")]
    for place, octet in enumerate(octets):
        text = UNKNOWN if octet is None else f"{octet:02x}"
        out += [("", "  " if place == 8 else " "), (style if place in differ else "", text)]
    gap = " " * (3 * (per_row - len(octets)) + (len(octets) <= 8 < per_row))
    return [*out, ("", f"{gap}  {''.join(map(_letter, octets))}\n")]


def _letter(octet: int | None) -> str:
    return chr(octet) if octet is not None and 32 <= octet < 127 else "."


def filter_note(browser: Browser) -> Fragments:
    """What stands behind the filter."""
    if not browser.note:
        return [("class:faint", "tcpdump's language; /words look in the trace's text")] if not browser.filter else []
    return [("class:bad" if browser.wrong else "class:faint", browser.note)]


def keys() -> Fragments:
    """The line below all."""
    return [part for key, about in KEYS for part in (("class:key", f" {key} "), ("class:faint", f"{about} "))]


def plain(fragments: Fragments) -> Iterator[str]:
    """The lines without their styles."""
    yield from "".join(text for _, text in fragments).splitlines()
