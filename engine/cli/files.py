"""Files of CLI lines."""

from collections.abc import Iterator
from pathlib import Path

from .errors import CliError


def read_lines(path: str | Path) -> Iterator[tuple[int, str]]:
    """The commands of a file with the number of their first line; empty ones are left out.

    `#` starts a comment, a backslash at the end of a line continues it, and so does an open brace.

    Raises:
        CliError: the file cannot be read.
    """
    try:
        if not Path(path).is_file() and Path(path).exists():
            raise CliError.at("exec", f"not a regular file `{path}'")
        text = Path(path).read_text(errors="replace")
    except OSError as error:
        raise CliError.at("exec", f"failed to open `{path}': {error.strerror}") from error
    except ValueError as error:  # a NUL in the name
        raise CliError.at("exec", f"failed to open `{path}': {error}") from error
    return join_lines(text)


def join_lines(text: str) -> Iterator[tuple[int, str]]:
    """`read_lines` of text instead of a file."""
    pending, first = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        line = line.partition("#")[0].rstrip()
        if not pending:
            first = number
        more = line.endswith("\\")
        pending += line.removesuffix("\\") + " "
        if more or pending.count("{") > pending.count("}"):
            continue
        if pending.strip():
            yield first, pending.strip()
        pending = ""
    if pending.strip():
        yield first, pending.strip()
