"""How a feature declares its commands: a table of them, each with its grammar, its handler and its layout."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .grammar import Part, Syntax

Handler = Callable[[Any, Any], Any]
Text = Callable[[Any], str | Iterable[str]]


class Reads(Enum):
    """What a command takes of the line."""

    WORDS = "words"  # its own arguments; what it leaves unread is run as another command
    LINE = "line"  # the whole rest; when nothing follows it does nothing, silently
    OPTIONAL_LINE = "optional line"  # the whole rest, and it runs without one too


@dataclass(frozen=True)
class Output:
    """Data with a layout of its own, for commands that have more than one."""

    data: Any
    text: Text


@dataclass(frozen=True)
class Command:
    """A command as declared. `path` is what errors and help show; `also` are other names for the same."""

    path: str
    handler: Handler
    syntax: Syntax
    help: str
    long_help: str | None = None
    text: Text | None = None
    reads: Reads = Reads.WORDS
    also: tuple[str, ...] = ()
    profiles: tuple[str, ...] | None = None


class CommandTable:
    """The commands of one feature."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.levels: dict[str, str] = {}

    def level(self, path: str, help: str) -> None:
        """Give a word that only leads to others (`show`) a help text."""
        self.levels[path] = help

    def command(
        self,
        path: str,
        *,
        help: str,
        syntax: Part | Sequence[Part] = (),
        defaults: dict[str, Any] | None = None,
        text: Text | None = None,
        reads: Reads = Reads.WORDS,
        also: Sequence[str] = (),
        long_help: str | None = None,
        profiles: Sequence[str] | None = None,
    ) -> Callable[[Handler], Handler]:
        """Declare the decorated function `(vpp, args)` as the command `path`.

        Args:
            path: its words, in full.
            help: VPP's short help, as `?` prints it.
            syntax: the parts of its arguments, in order; none when it has none.
            defaults: values of fields the line does not mention, where they are not None (for flags False, for
                lists []).
            text: makes the printed text of the data the function returns; without it the function returns the text
                itself, or None. It may yield pieces.
            reads: what it takes of the line.
            also: further paths that mean the same, e.g. the name of a later release.
            long_help: what `help <path>` prints, if not the short help.
            profiles: the profiles that have the command; all, when None.
        """
        parts = (syntax,) if isinstance(syntax, Part) else syntax

        def declare(handler: Handler) -> Handler:
            self.commands.append(
                Command(
                    path=path,
                    handler=handler,
                    syntax=Syntax(parts, defaults),
                    help=help,
                    long_help=long_help,
                    text=text,
                    reads=reads,
                    also=tuple(also),
                    profiles=tuple(profiles) if profiles is not None else None,
                )
            )
            return handler

        return declare
