"""VPP's pager: output that is taller than the terminal, page by page, keys moving both ways.

Output is taken as it is needed, so a listing of a million lines shows its first page at once.
"""

import re
import select
import time
from collections import deque
from collections.abc import Iterable, Iterator

from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import Output

from .pipes import split

ESCAPE_PAUSE = 0.05  # seconds after which an Escape stands alone
AHEAD = 0.1  # seconds of reading ahead, so that the status line can tell how much there is
FURTHEST = 100_000  # lines that End goes forward at most

FORWARD_PAGE = {" ", Keys.PageDown, Keys.ControlF}
FORWARD_LINE = {Keys.Enter, Keys.ControlM, Keys.ControlJ, Keys.Down}
BACK_LINE = {Keys.Up}
BACK_PAGE = {Keys.PageUp, Keys.ControlB}
QUIT = {"q", "Q", Keys.ControlC, Keys.ControlD, Keys.Escape}

_ESCAPE = re.compile(r"(\x1b\[[0-9;]*m)")


def rows_of(line: str, columns: int) -> list[str]:
    """The rows of a terminal that a line takes; only the last ends with a newline."""
    if len(line) < columns:
        return [line + "\n"]
    rows, room = [""], columns
    for number, piece in enumerate(_ESCAPE.split(line)):
        if number % 2:  # an escape sequence has no width
            rows[-1] += piece
            continue
        while piece:
            if not room:
                rows.append("")
                room = columns
            rows[-1] += piece[:room]
            piece, room = piece[room:], max(room - len(piece), 0)
    return [*rows[:-1], rows[-1] + "\n"]


class Lines:
    """Lines that are read when they are asked for, as rows of a terminal."""

    def __init__(self, source: Iterator[str], columns: int) -> None:
        self._source = source
        self._columns = max(columns, 1)
        self.read: list[str] = []
        self.ended = False

    def reach(self, n: int) -> None:
        """Read up to the nth row, if there are so many."""
        while len(self.read) < n and not self.ended:
            line = next(self._source, None)
            if line is None:
                self.ended = True
            else:
                self.read += rows_of(line, self._columns)

    def read_ahead(self, until: float) -> None:
        """Read until that time (monotonic)."""
        while not self.ended and time.monotonic() < until:
            self.reach(len(self.read) + 100)

    def __str__(self) -> str:
        """How many there are, as far as is known."""
        return f"{len(self.read)}{'' if self.ended else '+'}"


class Pager:
    """Shows text on a terminal.

    Args:
        keys: where keys come from.
        screen: where the text goes.

    Attributes:
        on: whether long output is paged.
    """

    def __init__(self, keys: Input, screen: Output) -> None:
        self._keys = keys
        self._screen = screen
        self._pressed: deque[KeyPress] = deque()  # read and not yet acted on
        self.on = True

    def left_over(self) -> list[KeyPress]:
        """Keys that were pressed early, for whoever reads next; they are read then."""
        keys = list(self._pressed)
        self._pressed.clear()
        return keys

    def show(self, pieces: str | Iterable[str]) -> None:
        """Print the text, or its pieces as they come; page it when it is taller than the terminal."""
        source: Iterator[str] = iter((pieces,) if isinstance(pieces, str) else pieces)
        if not self.on:
            for piece in source:
                self._write(piece)
            return
        size = self._screen.get_size()
        lines = Lines(split(source), size.columns)
        lines.reach(size.rows)
        if len(lines.read) < size.rows:
            self._write("".join(lines.read))
            return
        with self._keys.raw_mode():
            self._page(lines)

    def _page(self, lines: Lines) -> None:
        page = max(self._screen.get_size().rows - 1, 1)
        last = page  # lines shown so far; the next one is lines.read[last]
        self._print(lines.read[:last])
        while True:
            lines.read_ahead(time.monotonic() + AHEAD)
            self._status(last, page, lines)
            key = self._key()
            self._erase()
            if key is None or key in QUIT:
                return
            wanted = self._move(key, last, page, lines)
            if key in FORWARD_PAGE and last >= len(lines.read):
                return
            if wanted < last:
                self._screen.erase_screen()
                self._screen.cursor_goto(0, 0)
                self._print(lines.read[wanted - page : wanted])
            else:
                self._print(lines.read[max(last, wanted - page) : wanted])
            last = wanted

    def _move(self, key: str, last: int, page: int, lines: Lines) -> int:
        """The last line to show after a key."""
        if key in FORWARD_PAGE:
            last += page
        elif key in FORWARD_LINE:
            last += 1
        elif key in BACK_LINE:
            last -= 1
        elif key in BACK_PAGE:
            last -= page
        elif key == Keys.Home:
            last = page
        elif key == Keys.End:
            last += FURTHEST
        self._reach(lines, last)
        return max(page, min(last, len(lines.read)))

    def _reach(self, lines: Lines, n: int) -> None:
        """Read up to the nth line, or until a key is pressed."""
        while len(lines.read) < n and not lines.ended and not self._pressed and not self._wait(0):
            lines.read_ahead(time.monotonic() + AHEAD / 2)

    def _status(self, last: int, page: int, lines: Lines) -> None:
        self._write(f"-- more -- ({last - page + 1}-{last}/{lines})")

    def _erase(self) -> None:
        self._screen.write_raw("\r")
        self._screen.erase_end_of_line()
        self._screen.flush()

    def _print(self, rows: list[str]) -> None:
        # raw mode: a newline does not return the carriage
        self._write("".join(rows).replace("\n", "\r\n"))

    def _write(self, text: str) -> None:
        self._screen.write_raw(text)
        self._screen.flush()

    def _key(self) -> str | None:
        """The next key; None when there are no more."""
        while not self._pressed and not self._keys.closed:
            self._pressed.extend(self._keys.read_keys())
            if not self._pressed and not self._wait(ESCAPE_PAUSE):
                self._pressed.extend(self._keys.flush_keys())  # an Escape that begins nothing longer
                if not self._pressed:
                    self._wait(None)
        if not self._pressed:
            return None
        key = self._pressed.popleft().key
        return str(key.value) if isinstance(key, Keys) else key

    def _wait(self, seconds: float | None) -> bool:
        """Wait for keys; False when none came."""
        return bool(select.select([self._keys.fileno()], [], [], seconds)[0])
