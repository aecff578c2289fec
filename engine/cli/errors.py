"""The one exception of the command language."""

from engine.errors import VppshError

from .notices import Notice
from .unformat import Cursor


class CliError(VppshError):
    """A line was refused; `str()` is exactly the text VPP prints (without the newline).

    A command handler raises it with the bare reason (``CliError("no such table 5")``); the registry puts the
    full path of the command before it. Then `path` is set, and nested runs (exec, uncomment) pass it on untouched.

    Attributes:
        message: the text without file and line.
        path: full command path, "" for an error of the top level, None while still in the handler.
        output: what the line had printed before it failed.
        unread: the line from what is wrong on, as far as that is known; for pointing at it.
        notices: what the line had swallowed before it failed, where that was asked for.
        file, line: where the line came from, when it was read from a file; None otherwise.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        output: str = "",
        unread: str | None = None,
        file: str | None = None,
        line: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.output = output
        self.unread = unread
        self.file = file
        self.line = line
        self.notices: list[Notice] = []

    def __str__(self) -> str:
        if self.file is None:
            return self.message
        return f"{self.file}:{self.line}: {self.message}"

    @classmethod
    def at(cls, path: str, reason: str, unread: str | None = None) -> "CliError":
        """The complete error: `<path>: <reason>`, or the bare reason on the top level."""
        return cls(f"{path}: {reason}" if path else reason, path=path, unread=unread)

    @classmethod
    def unknown(cls, path: str, cursor: Cursor) -> "CliError":
        """The complete error of a line that goes on with what there is not."""
        return cls.at(path, f"unknown input `{cursor.quote()}'", cursor.unread)
