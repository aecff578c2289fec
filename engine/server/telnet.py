"""The telnet of VPP's CLI socket: the bytes that vppctl and telnet clients exchange around the text (RFC 854)."""

from collections.abc import Iterator
from typing import NamedTuple

SE, NOP, AYT, SB, WILL, WONT, DO, DONT, IAC = 240, 241, 246, 250, 251, 252, 253, 254, 255
ECHO, SUPPRESS_GO_AHEAD, TERMINAL_TYPE, WINDOW_SIZE, LINE_MODE = 1, 3, 24, 31, 34
IS, SEND = 0, 1
LONGEST = 64  # bytes of a sub-negotiation; what goes on longer is none

# What VPP says first: character mode, the server echoes; tell me your terminal's type and the window's size.
GREETING = b"".join(
    bytes((IAC, *what))
    for what in (
        (WONT, LINE_MODE),
        (DONT, LINE_MODE),
        (WILL, SUPPRESS_GO_AHEAD),
        (DO, SUPPRESS_GO_AHEAD),
        (WILL, ECHO),
        (DONT, ECHO),
        (DO, TERMINAL_TYPE),
        (SB, TERMINAL_TYPE, SEND, IAC, SE),
        (DO, WINDOW_SIZE),
        (SB, WINDOW_SIZE, SEND, IAC, SE),
    )
)


class Command(NamedTuple):
    """A telnet command: its code; of WILL, WONT, DO, DONT and SB the option, and of SB what it says."""

    code: int
    option: int | None = None
    value: bytes = b""


class TelnetDecoder:
    """Bytes in; text and commands out, also where they come in pieces."""

    def __init__(self) -> None:
        self._left = b""

    def feed(self, data: bytes) -> Iterator[bytes | Command]:
        """The text and the commands that are complete now, in order."""
        data = self._left + data
        self._left = b""
        while data:
            text, iac, rest = data.partition(bytes((IAC,)))
            if text:
                yield text
            if not iac:
                return
            command, length = _command(rest)
            if length is None:
                self._left = iac + rest
                return
            if command is not None:
                yield command
            data = rest[length:]


def _command(data: bytes) -> tuple[Command | None, int | None]:
    """The command behind an IAC and its length; no length when more bytes are to come; no command for what is none."""
    if not data:
        return None, None
    code = data[0]
    if code in (WILL, WONT, DO, DONT):
        return (Command(code, data[1]), 2) if len(data) > 1 else (None, None)
    if code == SB:
        end = data.find(bytes((IAC, SE)), 2)
        if 0 <= end <= LONGEST:
            return Command(SB, data[1], data[2:end]), end + 2
        return (None, None) if len(data) <= LONGEST else (None, 1)
    return (Command(code), 1) if code != IAC else (None, 1)


def negotiation(option: int, value: bytes) -> bytes:
    """A sub-negotiation."""
    return bytes((IAC, SB, option)) + value + bytes((IAC, SE))
