"""A real VPP in the place of our engine: what the console, scripts and the trace browser ask, from its CLI's text."""

import json
import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

from .client import Client, RemoteError
from .trace_text import TraceTextError, parse
from .vpp_socket import VppSocket
from .vpp_words import WordTree

TRACE = re.compile(r"\s*sh(o|ow)?\s+tr(a|ac|ace)?\b")
JSON = re.compile(r"\s*\|\s*json\s*$")
DEFAULT_SOCKET = "/run/vpp/cli.sock"


class VppClient(Client):
    """As `Client`, as far as a CLI can be asked.

    Args:
        path: of VPP's CLI socket.

    Raises:
        UnreachableError: there is no VPP at the path.
    """

    def __init__(self, path: str = DEFAULT_SOCKET) -> None:
        self.path = path
        self._vpp = VppSocket(path)
        self._words: WordTree | None = None
        self._methods: dict[str, Callable[..., Any]] = {
            "cli": self.cli,
            "cli_inband": lambda cmd: {"retval": 0, "reply": self.cli(cmd)},
            "cli_data": self.data,
            "complete": self.complete,
            "command_words": lambda: self.words().tree(),
            "nodes": list,
            "wires": list,
            "exec": lambda path: "".join(piece for _, piece in self._file(path)),
            "split_lines": lines_of,
        }
        self._streams: dict[str, Callable[..., Iterator[tuple[str, str]]]] = {
            "cli_stream": lambda cmd, **how: self._line(cmd),
            "exec_stream": lambda path, **how: self._file(path),
        }

    def close(self) -> None:
        """Hang up; VPP goes on."""
        self._vpp.close()

    def cli(self, line: str, node: str | None = None) -> str:
        """What a CLI line prints, errors included: VPP's CLI does not tell them apart."""
        return "".join(self._run(line))

    def data(self, line: str, node: str | None = None) -> Any:
        """The data behind a line's output; of a VPP that is what `show trace` says.

        Raises:
            RemoteError: there is no telling what its text means.
        """
        if not TRACE.match(line):
            raise _refused(f"{line.strip()}: VPP gives text, and of that only show trace is read as data")
        try:
            return parse(self.cli(line))
        except TraceTextError as error:
            raise _refused(str(error)) from error

    def complete(self, text: str, node: str | None = None) -> list[tuple[str, str]]:
        """What the last word of `text` could be: (word, one line about it)."""
        return self.words().complete(text)

    def words(self) -> WordTree:
        """VPP's commands. Asked for once: a `?` behind words that are a command would run it."""
        if self._words is None:
            self._words = WordTree(self.cli("?"))
        return self._words

    def nodes(self) -> list[str]:
        """A VPP is no lab."""
        return []

    def wires(self) -> list[dict[str, str]]:
        """A VPP is no lab."""
        return []

    def call(self, method: str, /, *args: Any, told: Callable[..., None] | None = None, **fields: Any) -> Any:
        """A method of the control socket, as far as VPP's CLI can answer it.

        Raises:
            RemoteError: it cannot.
        """
        if method not in self._methods:
            raise _refused(f"{method}: VPP's CLI socket has no such method")
        return self._methods[method](*args, **fields)

    def stream(self, method: str, **fields: Any) -> Generator[tuple[str, Any], None, Any]:
        """As Client.stream: yields (what it is, the piece) and returns the result."""
        if method not in self._streams:
            raise _refused(f"{method}: VPP's CLI socket has no such method")
        yield from self._streams[method](**fields)
        return {"notices": []}

    def _line(self, line: str) -> Iterator[tuple[str, str]]:
        """What a line prints; `| json` is ours, VPP has none."""
        command = JSON.sub("", line)
        if command != line:
            yield "output", json.dumps(self.data(command), indent=2) + "\n"
            return
        for piece in self._run(line):
            yield "output", piece

    def _run(self, line: str) -> Iterator[str]:
        return self._vpp.pieces(line)

    def ask(self, method: str, **fields: Any) -> int:
        """Nothing can be asked aside: the CLI answers one line after the other."""
        raise _refused(f"{method}: VPP's CLI socket has no such method")

    def _file(self, path: str) -> Iterator[tuple[str, str]]:
        """Run the lines of a file of ours; VPP's own `exec` prints nothing."""
        try:
            text = Path(path).read_text(errors="replace")
        except (OSError, ValueError) as error:
            raise _refused(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
        for _, line in lines_of(text):
            for piece in self._run(line):
                yield "output", piece


def lines_of(text: str) -> list[tuple[int, str]]:
    """The lines of a file with their numbers, without empty ones and comments."""
    numbered = enumerate(text.splitlines(), 1)
    return [(number, line) for number, line in numbered if line.strip() and not line.lstrip().startswith("#")]


def _refused(text: str) -> RemoteError:
    return RemoteError({"type": "CliError", "message": text})
