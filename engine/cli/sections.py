"""Sections of a startup file, `name { options }`, declared with the parts that commands are declared with."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.errors import StartupError

from .errors import CliError
from .grammar import Args, Clause, Loop, Part, Syntax
from .types import Type
from .unformat import Cursor

IGNORED = "ignored"  # the field that collects what has no effect

_COMMENT = re.compile(r"#[^\n]*")
_UNITS = {"": 0, "k": 10, "m": 20, "g": 30}
_SIZE = re.compile(r"([0-9]{1,18})([kKmMgG]?)")
_NAME = re.compile(r"[^\s{}]+")


class Between(Type):
    """A number that must lie in a range, both ends included: another one is an error, and not another option."""

    metavar = "<n>"

    def __init__(self, first: int, last: int) -> None:
        self.first, self.last = first, last

    def parse(self, cursor: Cursor, vpp: Any) -> int | None:
        """The number, or None where none stands."""
        start = cursor.pos
        value = self._read(cursor)
        if value is not None and not self.first <= value <= self.last:
            written, cursor.pos = cursor.text[start : cursor.pos], start
            raise CliError(f"{written} is not between {self.first} and {self.last}", unread=cursor.unread)
        return value

    def _read(self, cursor: Cursor) -> int | None:
        return cursor.integer()


class MemorySize(Between):
    """A number of bytes, with VPP's units: 64M, 1G."""

    metavar = "<n>[K|M|G]"

    def _read(self, cursor: Cursor) -> int | None:
        found = cursor.take(_SIZE)
        return int(found[1]) << _UNITS[found[2].lower()] if found else None


class Ignored(Clause):
    """An option that VPP has and that has no effect here: read, and told."""

    def match(self, cursor: Cursor, vpp: Any, args: Args) -> bool:
        """Read it, and note its words."""
        cursor.skip_blanks()
        start = cursor.pos
        values = self._read(cursor, vpp)
        if values is None:
            cursor.pos = start
            return False
        words = " ".join(cursor.text[start : cursor.pos].split())
        args[IGNORED] = [*args.get(IGNORED, []), (words, start)]
        return True


class Refused(Clause):
    """An option that VPP has and that changes what packets meet, in a way that is not offered here."""

    def match(self, cursor: Cursor, vpp: Any, args: Args) -> bool:
        """Read it.

        Raises:
            CliError: it stands there.
        """
        cursor.skip_blanks()
        start = cursor.pos
        found = self._read(cursor, vpp) is not None
        cursor.pos = start
        if found:
            raise CliError(f"{self.pattern} is not offered", unread=cursor.unread)
        return False


class Section:
    """What may stand in a section, and what becomes of it.

    Args:
        name: as it stands before the brace.
        options: clauses in any order. None: VPP has the section, and nothing in it has an effect here.
        build: makes of the options' fields what the section means; a ValueError it raises refuses the section.
    """

    def __init__(
        self, name: str, options: Sequence[Part] | None = None, build: Callable[[Args], Any] | None = None
    ) -> None:
        self.name = name
        self.has_effect = options is not None
        self._syntax = Syntax([Loop(*(options or ()), error="unknown input `{rest}'")])
        self._build = build

    def read(self, block: "Block") -> tuple[Any, list[str]]:
        """What a block means, and of each option in it that has no effect where it stands.

        Raises:
            StartupError: with the line of what is wrong.
        """
        cursor = Cursor(block.text)
        try:
            args = self._syntax.parse(cursor, None)
        except CliError as error:
            place = len(block.text) - len(error.unread or "")
            raise block.refusal(error.message, place) from error
        ignored = [block.note(f"`{words}' has no effect", place) for words, place in args.pop(IGNORED, [])]
        try:
            return (self._build(args) if self._build else args), ignored
        except ValueError as error:
            raise block.refusal(str(error).removeprefix(f"{self.name}: "), 0) from error

    def usage(self) -> list[str]:
        """Its options, for documentation."""
        return self._syntax.usage()


@dataclass(frozen=True)
class Block:
    """A section as it stands in a file: its name, the text between its braces, and the line where that begins."""

    name: str
    text: str
    line: int
    file: str = field(compare=False, default="startup")

    def refusal(self, message: str, place: int) -> StartupError:
        """The error of what stands at that place of the text, or after the blanks there."""
        return StartupError(f"{self.name}: {message}", self.file, self._line_of(place))

    def note(self, message: str, place: int = 0) -> str:
        """A line about what stands there."""
        return f"{self.file}:{self._line_of(place)}: {self.name}: {message}"

    def _line_of(self, place: int) -> int:
        rest = self.text[place:]
        if place and rest.strip():
            place += len(rest) - len(rest.lstrip())
        return self.line + self.text.count("\n", 0, place)


def blocks(text: str, file: str = "startup") -> Iterator[Block]:
    """The sections of a startup file in their order. `heapsize 1G`, a word instead of braces, is a section, too.

    Comments reach from # to the end of the line.

    Raises:
        StartupError: braces that do not match, or a section that has no name.
    """
    cursor = Cursor(_COMMENT.sub(lambda found: " " * len(found[0]), text))

    def here() -> int:
        return 1 + cursor.text.count("\n", 0, cursor.pos)

    while not cursor.at_end:
        cursor.skip_blanks()
        name = cursor.take(_NAME)
        if name is None:
            brace = cursor.text[cursor.pos]
            raise StartupError("a section without a name" if brace == "{" else "`}' without a section", file, here())
        line = here()
        cursor.skip_blanks()
        opening, start = here(), cursor.pos
        if not cursor.text.startswith("{", start):
            word = cursor.take(_NAME)
            if word is None:
                raise StartupError(f"{name[0]}: expecting `{{' after it", file, line)
            yield Block(name[0], word[0], opening, file)
        elif cursor.group() is None:
            raise StartupError(f"{name[0]}: the section is not closed", file, line)
        else:
            yield Block(name[0], cursor.text[start + 1 : cursor.pos - 1], opening, file)
