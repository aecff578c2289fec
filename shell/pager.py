"""VPP's pager: output that is taller than the terminal, page by page, keys moving both ways."""

import select
from collections import deque

from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import Output

ESCAPE_PAUSE = 0.05  # seconds after which an Escape stands alone
LIMIT = 100_000  # lines the pager holds; what is longer is printed without it

FORWARD_PAGE = {" ", Keys.PageDown, Keys.ControlF}
FORWARD_LINE = {Keys.Enter, Keys.ControlM, Keys.ControlJ, Keys.Down}
BACK_LINE = {Keys.Up}
BACK_PAGE = {Keys.PageUp, Keys.ControlB}
QUIT = {"q", "Q", Keys.ControlC, Keys.ControlD, Keys.Escape}


class Pager:
    """Shows text on a terminal.

    Args:
        keys: where keys come from.
        screen: where the text goes.
    """

    def __init__(self, keys: Input, screen: Output) -> None:
        self._keys = keys
        self._screen = screen
        self._pressed: deque[KeyPress] = deque()  # read and not yet acted on

    def show(self, text: str) -> None:
        """Print the text; page it when it is taller than the terminal."""
        lines = text.split("\n")
        if lines and not lines[-1]:
            lines.pop()
        if len(lines) < self._screen.get_size().rows or len(lines) > LIMIT:
            self._write(text)
            return
        with self._keys.raw_mode():
            self._page(lines)

    def _page(self, lines: list[str]) -> None:
        page = max(self._screen.get_size().rows - 1, 1)
        last = page  # lines shown so far; the next one is lines[last]
        self._print(lines[:last])
        while True:
            self._status(last, page, len(lines))
            key = self._key()
            self._erase()
            if key is None or key in QUIT:
                return
            if key in FORWARD_PAGE and last >= len(lines):
                return
            wanted = self._move(key, last, page, len(lines))
            if wanted < last:
                self._screen.erase_screen()
                self._screen.cursor_goto(0, 0)
                self._print(lines[wanted - page : wanted])
            else:
                self._print(lines[max(last, wanted - page) : wanted])
            last = wanted

    def _move(self, key: str, last: int, page: int, total: int) -> int:
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
            last = total
        return max(page, min(last, total))

    def _status(self, last: int, page: int, total: int) -> None:
        self._write(f"-- more -- ({last - page + 1}-{last}/{total})")

    def _erase(self) -> None:
        self._screen.write_raw("\r")
        self._screen.erase_end_of_line()
        self._screen.flush()

    def _print(self, lines: list[str]) -> None:
        # raw mode: a newline does not return the carriage
        self._write("".join(f"{line}\r\n" for line in lines))

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
