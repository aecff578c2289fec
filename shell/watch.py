"""`watch SECONDS COMMAND`: the output again and again, with what changed since the last time marked."""

import re
import select
import sys
import time

from prompt_toolkit.input import Input, create_input
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import Output, create_output

from .pipes import Pipeline, parse
from .talk import REFUSED, Talk

MARKED, PLAIN, BOLD = "\x1b[7m", "\x1b[0m", "\x1b[1m"
LEAVE = {"q", "Q", Keys.ControlC, Keys.ControlD, Keys.Escape}

_FIELD = re.compile(r"\s+|\S+")


def changes(before: str | None, line: str) -> str:
    """The line, with the fields marked that were others before; all of it where there was another number of them."""
    if before is None or before == line:
        return line
    old, new = before.split(), line.split()
    if len(old) != len(new):
        return f"{MARKED}{line}{PLAIN}" if line.strip() else line
    fields = iter(zip(old, new, strict=True))
    return "".join(
        piece if piece.isspace() or was == now else f"{MARKED}{piece}{PLAIN}"
        for piece in _FIELD.findall(line)
        for was, now in [("", "") if piece.isspace() else next(fields)]
    )


def snapshot(talk: Talk, pipeline: Pipeline) -> list[str]:
    """The output now, or what is wrong; as lines."""
    try:
        text = "".join(talk.pipe(pipeline, go_on=True))
    except REFUSED as error:
        text = f"{error}\n"
    return text.rstrip("\n").split("\n")


def watch_plainly(talk: Talk, line: str, json: bool = False) -> None:
    """Print the output every time, an empty line between, until interrupted."""
    try:
        pipeline = parse(line, json)
    except REFUSED as error:
        sys.stdout.write(f"{error}\n")
        return
    while True:
        print("\n".join(snapshot(talk, pipeline)), flush=True)
        time.sleep(pipeline.watch or 0)
        print()


def watch_screen(
    talk: Talk, line: str, json: bool = False, keys: Input | None = None, screen: Output | None = None
) -> None:
    """Show the output on a screen of its own until q or Ctrl-C.

    Raises:
        PipeError: the line makes no sense.
    """
    try:
        pipeline = parse(line, json)
    except REFUSED as error:
        (screen or create_output()).write_raw(f"{error}\n")
        (screen or create_output()).flush()
        return
    Watch(talk, pipeline, keys or create_input(), screen or create_output()).run()


class Watch:
    """One watch under way."""

    def __init__(self, talk: Talk, pipeline: Pipeline, keys: Input, screen: Output) -> None:
        self._talk, self._pipeline = talk, pipeline
        self._keys, self._screen = keys, screen
        self._before: list[str] | None = None
        self.left_over: list[KeyPress] = []  # keys that were pressed early, for whoever reads next

    def run(self) -> None:
        """Until the user leaves."""
        self._screen.enter_alternate_screen()
        self._screen.hide_cursor()
        try:
            with self._keys.raw_mode():
                while True:
                    self._draw(snapshot(self._talk, self._pipeline))
                    if self._left(time.monotonic() + (self._pipeline.watch or 0)):
                        return
        finally:
            self._screen.show_cursor()
            self._screen.quit_alternate_screen()
            self._screen.flush()

    def _draw(self, lines: list[str]) -> None:
        size = self._screen.get_size()
        room = size.rows - 1
        title = f"every {self._pipeline.watch:g}s: {self._pipeline.command}   {time.strftime('%H:%M:%S')}   q leaves"
        out = [f"{BOLD}{title[: size.columns]}{PLAIN}"]
        before = self._before
        for number, line in enumerate(lines[:room]):
            old = None if before is None else before[number] if number < len(before) else ""
            out.append(changes(None if old is None else old[: size.columns], line[: size.columns]))
        if len(lines) > room:
            out[-1] = f"... {len(lines) - room + 1} more lines"
        self._before = lines
        self._screen.erase_screen()
        self._screen.cursor_goto(1, 1)
        self._screen.write_raw("\r\n".join(out))
        self._screen.flush()

    def _left(self, until: float) -> bool:
        """Wait; True when the user leaves."""
        while (left := until - time.monotonic()) > 0:
            if self._keys.closed:
                return True
            if not select.select([self._keys.fileno()], [], [], left)[0]:
                pressed = self._keys.flush_keys()
            else:
                pressed = self._keys.read_keys()
                if not pressed and not select.select([self._keys.fileno()], [], [], 0.05)[0]:
                    pressed = self._keys.flush_keys()
            for number, key in enumerate(pressed):
                if key.key in LEAVE:
                    self.left_over = pressed[number + 1 :]
                    return True
        return False
