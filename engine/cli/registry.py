"""The command tree: finds the command a line means, runs it, and lists and completes what there is.

A feature declares its commands in a table of its own; an engine makes one `Registry` of all tables, so nothing here
is global.
"""

import json
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from .errors import CliError
from .files import read_lines
from .format import left
from .grammar import Part, Syntax
from .unformat import Cursor

NESTED = 32  # runs within runs (exec, uncomment)

_JSON = re.compile(r"\s*\|\s*json\s*$")

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


@dataclass
class Node:
    """A word of the tree."""

    path: str = ""
    children: dict[str, "Node"] = field(default_factory=dict)
    command: Command | None = None
    level_help: str | None = None

    @property
    def help(self) -> str:
        """The help of its command or level."""
        if self.command is not None:
            return self.command.help
        return self.level_help or f"{self.path} commands"

    def child(self, word: str) -> "Node | None":
        """The child a word means: that very word, or the only one it begins."""
        if word in self.children:
            return self.children[word]
        matches = [child for name, child in self.children.items() if name.startswith(word)]
        return matches[0] if len(matches) == 1 else None

    def add(self, path: str) -> "Node":
        """The node of a path below, made where it is missing."""
        node = self
        for word in path.split():
            node = node.children.setdefault(word, Node(f"{node.path} {word}".strip()))
        return node

    def runnable(self) -> Iterator["Node"]:
        """Itself and all below that are commands."""
        if self.command is not None:
            yield self
        for child in self.children.values():
            yield from child.runnable()


def _by_path(node: Node) -> str:
    """Sort key: by name, what is the beginning of another after it."""
    return node.path + "\x7f"


class Registry:
    """The commands of an engine.

    Args:
        tables: the features' command tables.
        profile: leaves out the commands that belong to other profiles.
        errors: exceptions of the control plane whose `str()` is the CLI's reason; they become a `CliError`.
    """

    def __init__(
        self,
        tables: Iterable[CommandTable],
        profile: str | None = None,
        errors: tuple[type[Exception], ...] = (),
    ) -> None:
        self.root = Node()
        self._errors = errors
        self._depth = 0
        for table in tables:
            for path, text in table.levels.items():
                self.root.add(path).level_help = text
            for command in table.commands:
                if command.profiles is None or profile is None or profile in command.profiles:
                    self._add(command)

    def _add(self, command: Command) -> None:
        for path in (command.path, *command.also):
            node = self.root.add(path)
            if node.command is not None:
                raise ValueError(f"{path!r} is declared twice")
            node.command = command

    # running

    def run(self, vpp: Any, line: str) -> str:
        """Run a line and return what it prints; a trailing `| json` prints the data.

        Raises:
            CliError: the first command of the line that failed; its `output` is what came before.
        """
        if _JSON.search(line):
            data = self.run_data(vpp, _JSON.sub("", line))
            return json.dumps(data, indent=2, default=_json) + "\n"
        if line.split()[-1:] == ["?"]:
            return self.question(line.rstrip()[:-1])
        output: list[str] = []
        try:
            with closing(self._execute(vpp, line, output)) as commands:
                for command, result in commands:
                    output.append(_printed(command, result))
        except CliError as error:
            error.output = "".join(output) + error.output
            raise
        return "".join(output)

    def run_data(self, vpp: Any, line: str) -> Any:
        """Run a line and return its data; a list of each command's when the line holds several.

        Raises:
            CliError: as `run` does.
        """
        with closing(self._execute(vpp, line, [])) as commands:
            results = [_plain(result) for _, result in commands]
        return results[0] if len(results) == 1 else results or None

    def run_file(self, vpp: Any, path: str | Path) -> str:
        """Run the lines of a file and return what they print; the first error stops it.

        Raises:
            CliError: its `file` and `line` say where, its `output` is what the lines before printed.
        """
        output: list[str] = []
        for number, line in read_lines(path):
            try:
                output.append(self.run(vpp, line))
            except CliError as error:
                error.output = "".join(output) + error.output
                if error.file is None:
                    error.file, error.line = str(path), number
                raise
        return "".join(output)

    def _execute(self, vpp: Any, line: str, output: list[str]) -> Generator[tuple[Command, Any], None, None]:
        """The commands of a line with their results, each run when the one before has been consumed."""
        if self._depth >= NESTED:
            raise CliError("commands nested too deeply", path="")
        self._depth += 1
        try:
            cursor = Cursor(line.rstrip("\r\n") + "\n")
            while not cursor.at_end:
                if self._is_help(cursor, self.root):
                    output.append(self._help(cursor, self.root))
                else:
                    yield self._dispatch(vpp, cursor, self.root)
        finally:
            self._depth -= 1

    def _dispatch(self, vpp: Any, cursor: Cursor, node: Node) -> tuple[Command, Any]:
        """Run the command the words below `node` mean: a sub-command, or else the command they belong to."""
        start = cursor.pos
        word = cursor.command_word()
        child = node.child(word) if word else None
        if child is None:
            cursor.pos = start
            if node.path and self._is_help(cursor, node):
                return _HELP, self._help(cursor, node)
            raise CliError.at(node.path, f"unknown input `{cursor.quote()}'")
        after = cursor.pos
        if child.children:
            try:
                return self._dispatch(vpp, cursor, child)
            except CliError:
                if child.command is None:
                    raise
                cursor.pos = after
        if child.command is None:  # a level word without anything below: none is ever made
            raise CliError.at(child.path, f"unknown input `{cursor.quote()}'")
        return child.command, self._run_command(vpp, cursor, child)

    def _run_command(self, vpp: Any, cursor: Cursor, node: Node) -> Any:
        command = node.command
        assert command is not None
        try:
            if command.reads is not Reads.WORDS:
                if cursor.at_end and command.reads is Reads.LINE:
                    cursor.line()
                    return None
                return command.handler(vpp, command.syntax.parse(cursor.line(), vpp))
            return command.handler(vpp, command.syntax.parse(cursor, vpp))
        except CliError as error:
            if error.path is not None:
                raise
            raise CliError.at(node.path, error.message) from error
        except self._errors as error:
            raise CliError.at(node.path, str(error)) from error

    # help

    def _is_help(self, cursor: Cursor, node: Node) -> bool:
        """The next word is `help`, and no command below is called so; it is read."""
        start = cursor.pos
        if cursor.command_word() == "help" and "help" not in node.children:
            return True
        cursor.pos = start
        return False

    def _help(self, cursor: Cursor, node: Node) -> str:
        """`help` at the end lists the next level; before words it is the help of the command they mean."""
        if cursor.at_end:
            children = sorted(node.children.items(), key=lambda item: item[0] + "\x7f")
            return "".join(f"  {left(word, 30)} {child.help}\n" for word, child in children)
        while not cursor.at_end:
            start = cursor.pos
            word = cursor.command_word()
            child = node.child(word) if word else None
            if child is None:
                cursor.pos = start
                raise CliError.at("", f"unknown input `{cursor.quote()}'")
            node = child
        return ((node.command and node.command.long_help) or node.help) + "\n"

    def question(self, words: str) -> str:
        """What `<words> ?` prints: the commands below the words, or the one they call.

        Raises:
            CliError: the words lead nowhere.
        """
        cursor = Cursor(words.strip() + " ?\n")
        node = self.root
        while cursor.rest() != "?":
            start = cursor.pos
            word = cursor.command_word()
            child = node.child(word) if word else None
            if child is None:
                if node.command is not None:
                    break  # arguments
                cursor.pos = start
                raise CliError.at(node.path, f"unknown input `{cursor.quote()}'")
            node = child
        commands = [node] if cursor.rest() != "?" else sorted(node.runnable(), key=_by_path)
        return "".join(f"  {left(each.path, 40)} {each.help}\n" for each in commands)

    # completion and documentation

    def complete(self, vpp: Any, text: str) -> list[tuple[str, str]]:
        """What could be the last word of `text` (or the next one, after a blank): (word, one line about it)."""
        prefix = re.search(r"\S*$", text)[0]  # type: ignore[index]
        head = Cursor(text[: len(text) - len(prefix)], [])
        assert head.suggestions is not None
        self._suggest(vpp, head, self.root)
        unique = dict(reversed(head.suggestions))
        return sorted((word, about) for word, about in unique.items() if word and word.startswith(prefix))

    def _suggest(self, vpp: Any, cursor: Cursor, node: Node) -> None:
        assert cursor.suggestions is not None
        start = cursor.pos
        if cursor.at_end:
            cursor.suggestions += ((word, child.help.partition("\n")[0]) for word, child in node.children.items())
        else:
            word = cursor.command_word()
            child = node.child(word) if word else None
            if child is not None:
                self._suggest(vpp, cursor, child)
        if node.command is not None:
            cursor.pos = start
            with suppress(CliError, *self._errors):  # what was collected on the way is what fits
                node.command.syntax.parse(cursor, vpp)

    def commands(self) -> list[Command]:
        """All commands, sorted as help shows them."""
        nodes = sorted(self.root.runnable(), key=_by_path)
        return [node.command for node in nodes if node.command and node.command.path == node.path]

    def document(self) -> str:
        """All commands with their help and clauses, as Markdown."""
        pieces = []
        for command in self.commands():
            clauses = "".join(f"- `{usage}`\n" for usage in command.syntax.usage())
            pieces.append(f"### {command.path}\n\n`{command.help}`\n\n{clauses}")
        return "\n".join(pieces)


_HELP = Command("help", lambda vpp, args: None, Syntax(), "help")


def _printed(command: Command, result: Any) -> str:
    """The text of a command's result, with a newline at its end."""
    make = command.text
    if isinstance(result, Output):
        make, result = result.text, result.data
    if make is not None:
        result = make(result)
    if result is None:
        return ""
    text = result if isinstance(result, str) else "".join(result)
    return text if not text or text.endswith("\n") else text + "\n"


def _json(value: Any) -> Any:
    """Bytes as hex digits, lists that are still to come as such, all else as text."""
    if isinstance(value, bytes):
        return value.hex()
    return list(value) if isinstance(value, Iterator) else str(value)


def _plain(result: Any) -> Any:
    data = result.data if isinstance(result, Output) else result
    return list(data) if isinstance(data, Iterator) else data
