"""What VPP swallows without a word: told to whoever asks, beside VPP's own answer and never in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any


@dataclass
class Notice:
    """Something that a line said and VPP passed over.

    Attributes:
        message: what, in words.
        unread: the line from there on, as far as it concerns one place of it.
        file, line: where the line came from, when it was read from a file.
    """

    message: str
    unread: str | None = None
    file: str | None = None
    line: int | None = None

    def data(self) -> dict[str, Any]:
        """The fields as plain data."""
        return asdict(self)


class Notices:
    """Who listens now: the list that a run collects into, or nobody."""

    def __init__(self) -> None:
        self._heard: list[Notice] | None = None

    @contextmanager
    def to(self, heard: list[Notice] | None) -> Iterator[None]:
        """Collect into a list meanwhile; None leaves it as it is, as for a run within another."""
        before = self._heard
        self._heard = before if heard is None else heard
        try:
            yield
        finally:
            self._heard = before

    def add(self, message: str, unread: str | None = None) -> None:
        """Tell, if somebody listens."""
        if self._heard is not None:
            self._heard.append(Notice(message, unread))

    @contextmanager
    def of_line(self, file: str, number: int) -> Iterator[None]:
        """What is told meanwhile comes from this line of a file."""
        first = len(self._heard or ())
        try:
            yield
        finally:
            for notice in (self._heard or [])[first:]:
                if notice.file is None:
                    notice.file, notice.line = file, number
