"""Types of arguments. Features add their own: anything with the three members of `Type`."""

import os
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

from .unformat import Cursor

Suggestion = tuple[str, str]  # the text, and one line about it
MANY = 200  # words that a completion offers; a type that has more of them need not list them all


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


class CutInteger(Type):
    """A decimal number of 32 bits of which VPP keeps the lower ones without a word."""

    metavar = "<n>"

    def __init__(self, bits: int) -> None:
        self.bits = bits

    def parse(self, cursor: Cursor, vpp: Any) -> int | None:
        """The lower bits of the number; the cursor notes what was cut."""
        start = cursor.pos
        value = cursor.decimal()
        if value is None or value >= 2**32:
            return None
        kept = value & (1 << self.bits) - 1
        if kept != value:
            cursor.cuts[start] = f"{value} is cut to {self.bits} bits: {kept}"
        return kept


class Live(Type):
    """Another type with the values that exist now: `values(vpp, prefix)` lists them, those of the prefix at least."""

    def __init__(self, base: Type, values: Callable[[Any, str], Iterable[Suggestion]]) -> None:
        self.base = base
        self.metavar = base.metavar
        self.values = values

    def parse(self, cursor: Cursor, vpp: Any) -> Any:
        """What the other type reads."""
        return self.base.parse(cursor, vpp)

    def complete(self, vpp: Any, prefix: str) -> Iterable[Suggestion]:
        """Up to one more than a completion offers."""
        return islice((pair for pair in self.values(vpp, prefix) if pair[0].startswith(prefix)), MANY + 1)


class FileName(Type):
    """The path of a file, as the engine sees it."""

    metavar = "<file>"

    def parse(self, cursor: Cursor, vpp: Any) -> str | None:
        """A word."""
        return cursor.word()

    def complete(self, vpp: Any, prefix: str) -> Iterable[Suggestion]:
        """What there is in the folder."""
        folder = prefix[: prefix.rfind("/") + 1]
        try:
            with os.scandir(folder or ".") as entries:
                return [
                    (folder + entry.name + ("/" if entry.is_dir() else ""), "folder" if entry.is_dir() else "file")
                    for entry in entries
                    if (folder + entry.name).startswith(prefix) and not entry.name.startswith(".")
                ]
        except (OSError, ValueError):
            return ()


U8 = Integer(0, 2**8 - 1)
U16 = Integer(0, 2**16 - 1)
U32 = Integer(0, 2**32 - 1)
U64 = Integer(0, 2**64 - 1)
INT = Integer(-(2**31), 2**31 - 1)
HEX = Reader("<hex>", Cursor.hexadecimal)
IP4 = Reader("<ip4-addr>", Cursor.ip4)  # ipaddress.IPv4Address
PREFIX4 = Reader("<ip4-addr>/<len>", Cursor.prefix4)  # ipaddress.IPv4Interface, host bits kept
MAC = Reader("<mac-addr>", Cursor.mac)  # text, lower case, colons
PORT = CutInteger(16)
FILE = FileName()
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
