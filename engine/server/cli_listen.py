"""The CLI socket: what `unix { cli-listen PATH }` is in VPP, for vppctl and telnet clients."""

import contextlib
import logging
import socket
from collections.abc import Callable
from typing import Any

from engine.lab import Lab

from .cli_session import CliSession
from .sockets import Connection
from .telnet import GREETING

log = logging.getLogger("vppengine")

PATIENCE = 1.0  # seconds in which a client may tell its terminal's type
CallLater = Callable[[float, Callable[[], None]], None]


class CliConnection(Connection):
    """A client of the CLI socket. In a lab it speaks to the first node."""

    def __init__(self, sock: socket.socket, vpp: Any, call_later: CallLater) -> None:
        super().__init__(sock)
        engine = next(iter(vpp.nodes.values())) if isinstance(vpp, Lab) else vpp
        self._session = CliSession(engine, self._answer)
        with contextlib.suppress(OSError):  # it has gone already: reading will tell
            self.send(GREETING)
        call_later(PATIENCE, self._welcome)

    def received(self, data: bytes) -> None:
        """Run what was said. A defect of the engine ends this session alone."""
        try:
            self._session.feed(data)
        except OSError:
            raise
        except Exception as error:
            log.exception("a CLI session failed")
            raise OSError(str(error)) from error
        self.ended = self.ended or self._session.ended

    def _answer(self, data: bytes) -> None:
        self.send(data)

    def _welcome(self) -> None:
        """Prompt a client that does not tell its terminal's type."""
        if self.sock.fileno() >= 0:
            with contextlib.suppress(OSError):
                self._session.start()
