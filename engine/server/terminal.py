"""`unix { interactive }`: VPP's CLI on the daemon's own terminal."""

import contextlib
import os
import sys
import termios
import tty
from typing import Any

from .cli_session import CliSession
from .server import Server

CHUNK = 4096


class Terminal:
    """A CLI session on standard input and output. When it ends, so does the engine, as in VPP."""

    def __init__(self, vpp: Any, server: Server) -> None:
        self._server = server
        self._fd = sys.stdin.fileno()
        self._session = CliSession(vpp, self._show)
        self._before: list[Any] | None = None
        if os.isatty(self._fd):  # keys one by one, and the editor echoes them
            self._before = termios.tcgetattr(self._fd)
            tty.setraw(self._fd)
        server.watch(self._fd, self._ready)
        self._session.start()

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._before is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)

    def _ready(self) -> None:
        data = os.read(self._fd, CHUNK)
        if data:
            self._session.feed(data)
        if not data or self._session.ended:
            self._server.stop()

    def _show(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
