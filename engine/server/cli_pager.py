"""VPP's pager on the CLI socket: output taller than the terminal, page by page."""

BOLD, PLAIN, CLEAR = "\x1b[1m", "\x1b[0m", "\x1b[2J\x1b[1;1H"
ERASE_LINE = "\r\x1b[2K"

NEXT = {" ", "page down"}
LINE = {"enter", "down"}
QUIT = {"q", "Q", "interrupt"}


class Pager:
    """Lines, and the page that is shown.

    Args:
        text: what to show; it has more lines than fit.
        height, width: of the terminal.
        ansi: whether it knows escape sequences.
    """

    def __init__(self, text: str, height: int, width: int, ansi: bool) -> None:
        self._lines = text.removesuffix("\n").split("\n")
        self._page = max(height - 1, 1)
        self._width = width
        self._ansi = ansi
        self._top = 0

    def begin(self) -> str:
        """The first page."""
        return self._lines_from(0) + self._status()

    def key(self, key: str) -> tuple[str, bool]:
        """What a key has the terminal show, and whether the pager is done."""
        last = len(self._lines) - self._page
        if key in QUIT or (key in NEXT | LINE and self._top >= last):
            return self._erase(), True
        step = {**dict.fromkeys(NEXT, self._page), **dict.fromkeys(LINE, 1), "up": -1, "page up": -self._page}
        ends = {"home": 0, "end": last, "redraw": self._top}
        wanted = ends.get(key, self._top + step.get(key, 0))
        wanted = max(0, min(wanted, last))
        before, self._top = self._top, wanted
        if wanted == before and key != "redraw":
            return "", False
        if wanted > before:
            shown = self._lines_from(max(wanted, before + self._page), wanted + self._page)
            return self._erase() + shown + self._status(), False
        return (CLEAR if self._ansi else self._erase()) + self._lines_from(wanted) + self._status(), False

    def _lines_from(self, first: int, end: int | None = None) -> str:
        return "".join(f"{line}\n" for line in self._lines[first : first + self._page if end is None else end])

    def _status(self) -> str:
        bold, plain = (BOLD, PLAIN) if self._ansi else ("", "")
        last = min(self._top + self._page, len(self._lines))
        return f"\r{bold}-- more -- ({self._top + 1}-{last}/{len(self._lines)}){plain}"

    def _erase(self) -> str:
        return ERASE_LINE if self._ansi else "\r" + " " * (self._width - 1) + "\r"
