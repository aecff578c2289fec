"""Types of arguments. Features add their own: anything with the three members of `Type`."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .unformat import Cursor

Suggestion = tuple[str, str]  # the text, and one line about it


class Type:
    """An argument: how it is read, and what could stand there.

    Attributes:
        metavar: its name in documentation, such as `<ip4-addr>`.
    """

    metavar = "<value>"

    def parse(self, cursor: Cursor, vpp: Any) -> Any:
        """The value read at the cursor, which stands on the first character; None when it is not one.

        The caller puts the cursor back after a None.
        """
        raise NotImplementedError

    def complete(self, vpp: Any, prefix: str) -> Iterable[Suggestion]:
        """Values that exist now and begin with `prefix`."""
        return ()


class Reader(Type):
    """A type that is one reader of the cursor."""

    def __init__(self, metavar: str, read: Callable[[Cursor], Any]) -> None:
        self.metavar = metavar
        self._read = read

    def parse(self, cursor: Cursor, vpp: Any) -> Any:
        """What the reader reads."""
        return self._read(cursor)


class Integer(Type):
    """A decimal or 0x number in a range, both ends included. What is outside is no match."""

    def __init__(self, first: int, last: int, metavar: str = "<n>") -> None:
        self.first = first
        self.last = last
        self.metavar = metavar

    def parse(self, cursor: Cursor, vpp: Any) -> int | None:
        """The number, if it is in the range."""
        value = cursor.integer()
        return value if value is not None and self.first <= value <= self.last else None


class Names(Type):
    """One of a fixed set of words, each standing for a value. Longer words are tried first."""

    def __init__(self, values: Mapping[str, Any], metavar: str | None = None) -> None:
        self.values = values
        self.metavar = metavar or "|".join(values)
        self._order = sorted(values, key=len, reverse=True)

    def parse(self, cursor: Cursor, vpp: Any) -> Any:
        """The value of the word."""
        return next((self.values[word] for word in self._order if cursor.literal(word)), None)

    def complete(self, vpp: Any, prefix: str) -> Iterable[Suggestion]:
        """The words."""
        return ((word, "") for word in self.values)


U8 = Integer(0, 2**8 - 1)
U16 = Integer(0, 2**16 - 1)
U32 = Integer(0, 2**32 - 1)
U64 = Integer(0, 2**64 - 1)
INT = Integer(-(2**31), 2**31 - 1)
HEX = Reader("<hex>", Cursor.hexadecimal)
IP4 = Reader("<ip4-addr>", Cursor.ip4)  # ipaddress.IPv4Address
PREFIX4 = Reader("<ip4-addr>/<len>", Cursor.prefix4)  # ipaddress.IPv4Interface, host bits kept
MAC = Reader("<mac-addr>", Cursor.mac)  # text, lower case, colons
WORD = Reader("<word>", Cursor.word)
GROUP = Reader("{ text }", Cursor.group)  # the text between braces, or one word


class _Rest(Type):
    """All that is left of the line, as text."""

    metavar = "<text>"

    def parse(self, cursor: Cursor, vpp: Any) -> str | None:
        """The text, unless there is none."""
        text = cursor.rest()
        cursor.pos = len(cursor.text)
        return text or None


REST = _Rest()
