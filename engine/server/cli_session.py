"""A conversation on the CLI socket, as VPP has it with vppctl and with telnet clients. Bytes in, bytes out.

A terminal of type `vppctl` is a script: lines in, text out, no prompt, echo, pager or history, and a NUL after the
answer, for which vppctl waits. Any other is a person at a terminal.
"""

import logging
import re
from collections.abc import Callable
from typing import Any

from .cli_keys import KeyDecoder
from .cli_pager import Pager
from .line_edit import LineEditor
from .logs import event
from .telnet import AYT, IS, SB, TERMINAL_TYPE, WINDOW_SIZE, Command, TelnetDecoder

log = logging.getLogger("vppengine")

PROMPT = "vpp# "
RED, PLAIN = "\x1b[1;31m", "\x1b[0m"
BANNER = (
    ("    _______    _     ", "   _   _____  ___ "),
    (" __/ __/ _ \\  (_)__ ", "   | | / / _ \\/ _ \\"),
    (" _/ _// // / / / _ \\", "   | |/ / ___/ ___/"),
    (" /_/ /____(_)_/\\___/", "   |___/_/  /_/    "),
)
ANSI_TERMINALS = ("xterm", "screen", "ansi", "tmux", "vt100", "vt220", "rxvt", "linux")
SCRIPT_TERMINAL = "vppctl"
ANSWERED = b"\0"
PIECE = 100  # bytes that vppctl reads of its standard input at once
LARGEST, SIZE = 512, (80, 24)  # of a terminal, in characters; unless it says
MOST_LINES = 100_000  # in the pager
LONGEST = 1 << 20  # characters of a script's line
QUIT = ("q", "quit", "exit")


class CliSession:
    """One client.

    Args:
        vpp: the engine.
        send: takes the bytes for the client.
    """

    def __init__(self, vpp: Any, send: Callable[[bytes], None]) -> None:
        self.ended = False
        self._vpp = vpp
        self._send = send
        self._telnet = TelnetDecoder()
        self._keys = KeyDecoder()
        self._editor = LineEditor(PROMPT, self._words)
        self._pager: Pager | None = None
        self._paging = True
        self._started = False
        self._interactive = True
        self._ansi = False
        self._width, self._height = SIZE
        self._line = b""  # of a script, not complete yet

    def feed(self, data: bytes) -> None:
        """Act on bytes of the client."""
        for piece in self._telnet.feed(data):
            if self.ended:
                return
            if isinstance(piece, Command):
                self._told(piece)
            elif self._interactive:
                self.start()
                self._typed(piece)
            else:
                self._script(piece)

    def start(self) -> None:
        """Greet a person, once: as soon as the terminal's type is known, or it is clear that nobody will tell."""
        if self._started:
            return
        self._started = True
        if self._interactive:
            left, right = (RED, PLAIN) if self._ansi else ("", "")
            banner = "".join(f"{left}{fdio}{right}{vpp}\n" for fdio, vpp in BANNER)
            self._write(f"\r{banner}\n{PROMPT}")

    def _told(self, command: Command) -> None:
        """Telnet commands; what is agreed on anyway, or unknown, changes nothing."""
        if command.code == AYT:
            self._write("fd.io VPP\n")
        if command.code != SB:
            return
        if command.option == TERMINAL_TYPE and command.value[:1] == bytes((IS,)):
            terminal = command.value[1:].decode("latin-1").lower()
            self._ansi = terminal.startswith(ANSI_TERMINALS)
            self._interactive = terminal != SCRIPT_TERMINAL
            self.start()
        elif command.option == WINDOW_SIZE and len(command.value) == 4:
            sizes = (int.from_bytes(command.value[at : at + 2], "big") for at in (0, 2))
            self._width, self._height = (min(told, LARGEST) or usual for told, usual in zip(sizes, SIZE, strict=True))
            self._editor.width = self._width

    # a script

    def _script(self, data: bytes) -> None:
        """Run the lines of a script. What has no end yet is a line too, unless vppctl has more of it to send."""
        *lines, rest = re.split(rb"[\r\n\0]+", self._line + data)
        self._line = b""
        if len(data) % PIECE == 0 and len(rest) < LONGEST:
            self._line = rest
        elif rest:
            lines.append(rest)
        for line in lines:
            if self.ended:
                return
            self._run(line.decode(errors="replace").strip())
        if lines:
            self._send(ANSWERED)

    # a person

    def _typed(self, data: bytes) -> None:
        for key in self._keys.feed(data):
            if self.ended:
                return
            if self._pager is not None:
                shown, done = self._pager.key(key)
                self._write(shown + PROMPT if done else shown)
                self._pager = None if done else self._pager
            elif key == "enter":
                self._write("\n")
                self._run(self._editor.enter().strip())
                if self._pager is None and not self.ended:
                    self._write(PROMPT)
            elif key == "delete" and not self._editor.text:  # Ctrl-D
                self._write("quit\n")
                self.ended = True
            else:
                self._write(self._editor.key(key))

    def _words(self, text: str) -> list[str]:
        """What the last word of a line could be."""
        return [word for word, _ in self._vpp.registry.complete(self._vpp, text)]

    # both

    def _run(self, line: str) -> None:
        """Run a line, and show what it prints."""
        if not line:
            return
        event(log, logging.INFO, "command", method="cli-listen", line=line)
        own = self._own(line)
        text = self._vpp.cli(line, check=False) if own is None else own
        if self._interactive and self._paging and self._height <= text.count("\n") <= MOST_LINES:
            self._pager = Pager(text, self._height, self._width, self._ansi)
            text = self._pager.begin()
        self._write(text)

    def _own(self, line: str) -> str | None:
        """What a command of the session itself prints; None for all other commands."""
        path = self._vpp.registry.path_of(line)
        words = line.split()
        if path in QUIT:
            self.ended = True
            return ""
        if path == "history" and self._interactive and len(words) == 1:
            return "".join(f"{number}  {typed}\n" for number, typed in self._editor.numbered())
        if path == "set terminal pager" and words[-1] in ("on", "off"):
            self._paging = words[-1] == "on"
            return ""
        return self._terminal() if path == "show terminal" else None

    def _terminal(self) -> str:
        """What `show terminal` prints."""
        yes = ("no", "yes")
        rows = (
            ("Terminal name", "unix-cli-local"),
            ("Terminal mode", "char-by-char" if self._interactive else "line-by-line"),
            ("Terminal width", self._width),
            ("Terminal height", self._height),
            ("ANSI capable", yes[self._ansi]),
            ("Interactive", yes[self._interactive]),
            ("History enabled", yes[self._interactive]),
            ("History limit", self._editor.limit),
            ("Pager enabled", yes[self._paging and self._interactive]),
            ("Pager limit", MOST_LINES),
        )
        return "".join(f"{label + ':':<17}{value}\n" for label, value in rows)

    def _write(self, text: str) -> None:
        self._send(text.replace("\n", "\r\n").encode(errors="replace"))
