"""Files and pipes of CLI lines, run as if they were typed; warnings and errors go to standard error."""

import sys
from collections.abc import Iterable
from pathlib import Path

from .client import RemoteError
from .talk import REFUSED, Notice, Talk

LEAVE = {"quit", "q", "exit"}


def warn(notice: Notice) -> None:
    """A warning of strict mode, where it does not mix with VPP's own text."""
    sys.stdout.flush()
    print(f"vppsh: {notice}", file=sys.stderr)


def run_file(talk: Talk, path: str, json: bool = False) -> bool:
    """Run the lines of a file and print what they print; the first error ends it, False then."""
    try:
        text = Path(path).read_text(errors="replace")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        print(f"vppsh: cannot read {path}: {reason}", file=sys.stderr)
        return False
    for number, line in talk.partner.rpc.call("split_lines", text=text):
        try:
            with at_line(talk, path, number):
                for piece in talk.run(line, json):
                    sys.stdout.write(piece)
        except REFUSED as error:
            sys.stdout.flush()
            inner = f"{error.file}:{error.line}: " if isinstance(error, RemoteError) and error.file else ""
            print(f"vppsh: {path}:{number}: {inner}{error}", file=sys.stderr)
            return False
    return True


class at_line:  # noqa: N801  reads as a phrase
    """Warnings meanwhile are about a line of a file, unless it read another file itself."""

    def __init__(self, talk: Talk, path: str, number: int) -> None:
        self._talk, self._warn = talk, talk.warn
        self._path, self._number = path, number

    def __enter__(self) -> None:
        self._talk.warn = self._place

    def __exit__(self, *error: object) -> None:
        self._talk.warn = self._warn

    def _place(self, notice: Notice) -> None:
        if notice.file is None:
            notice.file, notice.line = self._path, self._number
        self._warn(notice)


def run_lines(talk: Talk, lines: Iterable[str], json: bool = False) -> None:
    """Run lines one by one, without prompt or echo; errors are printed as VPP prints them."""
    for number, line in enumerate(lines, 1):
        if line.strip() in LEAVE:
            return
        if line.strip():
            with at_line(talk, "<stdin>", number):
                for piece in talk.output(line, json):
                    sys.stdout.write(piece)
            sys.stdout.flush()
