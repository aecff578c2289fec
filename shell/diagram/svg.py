"""SVG, element by element. Nothing outside the file is referred to."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

SANS = "Inter, 'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif"
MONO = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"
MONO_WIDTH = 0.61  # of a character, in font sizes
SANS_WIDTH = 0.56

Span = tuple[str, str]  # text, style


def text_width(text: str, size: float, mono: bool = True) -> float:
    """About how wide a text is."""
    return len(text) * size * (MONO_WIDTH if mono else SANS_WIDTH)


def overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    """Whether two boxes, each left, top, width and height, have a point in common."""
    (x, y, width, height), (x2, y2, width2, height2) = one, other
    return x < x2 + width2 and x2 < x + width and y < y2 + height2 and y2 < y + height


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` characters, broken between words."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


@dataclass
class Label:
    """A short text on a line, in the middle of one of these places: the first where it covers no other label."""

    text: str
    seats: Sequence[tuple[float, float]]

    def box(self, seat: tuple[float, float]) -> tuple[float, float, float, float]:
        """Left, top, width and height there."""
        width = text_width(self.text, 11) + 6
        return seat[0] - width / 2, seat[1] - 8, width, 15.0


class Canvas:
    """A drawing that grows to hold what is drawn on it."""

    def __init__(self) -> None:
        self._elements: list[str] = []
        self._labels: list[Label] = []
        self.width = 0.0
        self.height = 0.0

    def reach(self, x: float, y: float) -> None:
        """Be at least so wide and so high."""
        self.width, self.height = max(self.width, x), max(self.height, y)

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str,
        stroke: str = "none",
        radius: float = 0,
        more: str = "",
    ) -> None:
        """A rectangle."""
        self.reach(x + width, y + height)
        self._elements.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius:g}" fill="{fill}" '
            f'stroke="{stroke}"{more and " " + more}/>'
        )

    def text(self, x: float, y: float, spans: str | Sequence[Span], style: str, anchor: str = "start") -> None:
        """One line of text; spans of it may have styles of their own. y is the baseline."""
        parts = [(spans, "")] if isinstance(spans, str) else spans
        inner = "".join(
            f'<tspan class="{name}">{escape(text)}</tspan>' if name else escape(text) for text, name in parts
        )
        where = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._elements.append(f'<text x="{x:g}" y="{y:g}" class="{style}"{where} xml:space="preserve">{inner}</text>')

    def path(self, d: str, stroke: str, width: float = 1.5, more: str = "") -> None:
        """A line of any shape, `d` as in SVG."""
        self._elements.append(
            f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{width:g}"{more and " " + more}/>'
        )

    def label(self, label: Label) -> None:
        """To be placed by labels()."""
        self._labels.append(label)

    def labels(self) -> None:
        """Draw the labels, above all that was drawn so far."""
        placed: list[tuple[float, float, float, float]] = []
        for label in self._labels:
            free = (seat for seat in label.seats if not any(overlap(label.box(seat), other) for other in placed))
            x, y = seat = next(free, label.seats[0])
            placed.append(label.box(seat))
            self.rect(*placed[-1], "#ffffff", "none", 3)
            self.text(x, y + 4, label.text, "count", "middle")
        self._labels.clear()

    def title(self, text: str) -> None:
        """What the pointer shows over the elements up to end()."""
        self._elements.append(f"<g><title>{escape(text)}</title>")

    def end(self) -> None:
        """The end of what title() began."""
        self._elements.append("</g>")

    def document(self, style: str, margin: float = 24, description: str = "") -> str:
        """The whole file, on white, with a margin at the right and below."""
        width, height = self.width + margin, self.height + margin
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
            f'viewBox="0 0 {width:g} {height:g}" role="img">\n'
            f"<title>{escape(description)}</title>\n<style>{style}</style>\n"
            f'<defs><marker id="tip" viewBox="0 0 8 8" refX="6.5" refY="4" markerWidth="7" markerHeight="7" '
            f'orient="auto-start-reverse"><path d="M0.5 0.8 L7 4 L0.5 7.2 Z" fill="context-stroke"/></marker></defs>\n'
            f'<rect width="100%" height="100%" fill="#ffffff"/>\n' + "\n".join(self._elements) + "\n</svg>\n"
        )
