"""The CLI socket of a running VPP, from the side of vppctl: its telnet, and which answer belongs to which line."""

import codecs
import contextlib
import socket
from collections.abc import Iterator
from typing import Self

from .client import UnreachableError

CHUNK = 1 << 16
PATIENCE = 5.0  # seconds in which a VPP that is not busy answers

IAC, SB, SE = 255, 250, 240
SHORT = (251, 252, 253, 254)  # WILL, WONT, DO, DONT: an option follows
TERMINAL_TYPE, IS = 24, 0
# A terminal of this type gets lines without prompt, echo and pager, and a NUL after each answer.
SCRIPT = bytes((IAC, SB, TERMINAL_TYPE, IS)) + b"vppctl" + bytes((IAC, SE))
ANSWERED = b"\0"
QUIT = ("q", "quit")


class VppSocket:
    """A conversation with a VPP, in lines and answers.

    Args:
        path: of the socket, as `unix { cli-listen }` names it; /run/vpp/cli.sock as a rule.

    Raises:
        UnreachableError: nobody listens there, or it is no VPP.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._socket: socket.socket | None = None
        self._received = b""
        self._connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def run(self, line: str) -> str:
        """What a line prints.

        Raises:
            UnreachableError: the connection broke.
        """
        return "".join(self.pieces(line))

    def pieces(self, line: str) -> Iterator[str]:
        """What a line prints, as it arrives. Given up half-way, the session ends; the next line begins another."""
        with self._or_hang_up():
            if self._socket is None:
                self._connect()
            self._send(" ".join(line.split("\n")).encode() + b"\n")
            decode = codecs.getincrementaldecoder("utf-8")("replace").decode
            for piece in self._answer(ends=line.strip() in QUIT):
                yield decode(piece).replace("\r", "")

    def _connect(self) -> None:
        """Open a session: tell the terminal's type when VPP asks for it, and see that it answers."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._received = b""
        try:
            self._socket.settimeout(PATIENCE)
            self._socket.connect(self.path)
            while bytes((IAC, SB, TERMINAL_TYPE)) not in self._received:
                self._receive()
            self._send(SCRIPT)
            self._send(b"\n")
            while ANSWERED not in self._received:
                self._receive()
            self._received = self._received.partition(ANSWERED)[2]
            self._socket.settimeout(None)  # a command may take its time
        except (OSError, ValueError) as error:
            self.close()
            why = getattr(error, "strerror", None) or error
            if isinstance(error, TimeoutError):
                why = "it does not answer as VPP's CLI socket does"
            raise UnreachableError(f"cannot connect to {self.path}: {why}") from error
        except UnreachableError:
            self.close()
            raise

    def _answer(self, ends: bool) -> Iterator[bytes]:
        """The bytes of an answer. ends: VPP hangs up behind it."""
        while True:
            text, nul, rest = self._received.partition(ANSWERED)
            self._received = rest
            text = without_options(text)
            if text:
                yield text
            if nul:
                return
            try:
                self._receive()
            except UnreachableError:
                if ends:
                    self.close()
                    return
                raise

    def _send(self, data: bytes) -> None:
        assert self._socket is not None
        self._socket.sendall(data)

    def _receive(self) -> None:
        assert self._socket is not None
        data = self._socket.recv(CHUNK)
        if not data:
            raise UnreachableError(f"{self.path}: VPP has closed the connection")
        self._received += data

    @contextlib.contextmanager
    def _or_hang_up(self) -> Iterator[None]:
        """An answer that is not read to its end cannot be told from the next one: then the session is over."""
        done = False
        try:
            yield
            done = True
        except OSError as error:
            raise UnreachableError(f"the connection to {self.path} broke: {error.strerror or error}") from error
        finally:
            if not done:
                self.close()


def without_options(data: bytes) -> bytes:
    """Text without the telnet commands in it."""
    text, iac, rest = data.partition(bytes((IAC,)))
    while iac:
        if rest[:1] == bytes((SB,)):
            rest = rest.partition(bytes((IAC, SE)))[2]
        else:
            rest = rest[2 if rest[:1] and rest[0] in SHORT else 1 :]
        more, iac, rest = rest.partition(bytes((IAC,)))
        text += more
    return text
