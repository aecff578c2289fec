"""Runs what a line means, and lists and completes what there is.

A feature declares its commands in a table of its own; an engine makes one `Registry` of all tables, so nothing here
is global.
"""

import re
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from .completion import complete
from .declare import Command, CommandTable, Reads
from .errors import CliError
from .files import read_lines
from .format import left
from .grammar import Syntax
from .notices import Notice, Notices
from .output import data_of, json_pieces, pieces, plain
from .tree import Node, by_path
from .unformat import Cursor

NESTED = 32  # runs within runs (exec, uncomment)

_JSON = re.compile(r"\s*\|\s*json\s*$")


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
        self.notices = Notices()
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

    def run(self, vpp: Any, line: str, notices: list[Notice] | None = None) -> str:
        """Run a line and return what it prints; a trailing `| json` prints the data.

        Raises:
            CliError: the first command of the line that failed; its `output` is what came before.
        """
        output: list[str] = []
        try:
            output.extend(self.stream(vpp, line, notices))
        except CliError as error:
            error.output = "".join(output) + error.output
            raise
        return "".join(output)

    def stream(self, vpp: Any, line: str, notices: list[Notice] | None = None) -> Iterator[str]:
        """`run` piece by piece; between two of them the engine may do anything else.

        notices: gets what VPP swallows silently.

        Raises:
            CliError: the first command of the line that failed, after the pieces of those before it.
        """
        if _JSON.search(line):
            yield from json_pieces(self._data(vpp, _JSON.sub("", line), notices))
            yield "\n"
        elif line.split()[-1:] == ["?"]:
            yield self.question(line.rstrip()[:-1])
        else:
            with closing(self._execute(vpp, line, notices)) as commands:
                for command, result in commands:
                    yield from pieces(command, result)

    def run_data(self, vpp: Any, line: str) -> Any:
        """Run a line and return its data; a list of each command's when the line holds several.

        Raises:
            CliError: as `run` does.
        """
        return plain(self._data(vpp, line, None))

    def _data(self, vpp: Any, line: str, notices: list[Notice] | None) -> Any:
        with closing(self._execute(vpp, line, notices)) as commands:
            results = [data_of(result) for _, result in commands]
        return results[0] if len(results) == 1 else results or None

    def run_file(self, vpp: Any, path: str | Path, notices: list[Notice] | None = None) -> str:
        """Run the lines of a file and return what they print; the first error stops it.

        Raises:
            CliError: its `file` and `line` say where, its `output` is what the lines before printed.
        """
        output: list[str] = []
        for number, line in read_lines(path):
            try:
                with self.notices.to(notices), self.notices.of_line(str(path), number):
                    output.append(self.run(vpp, line))
            except CliError as error:
                error.output = "".join(output) + error.output
                if error.file is None:
                    error.file, error.line = str(path), number
                raise
        return "".join(output)

    def _execute(
        self, vpp: Any, line: str, notices: list[Notice] | None
    ) -> Generator[tuple[Command, Any], None, None]:
        """The commands of a line with their results, each run when the one before has been consumed."""
        cursor = Cursor(line.rstrip("\r\n") + "\n")
        while not cursor.at_end:
            with self.notices.to(notices):
                if self._is_help(cursor, self.root):
                    found = _HELP, self._help(cursor, self.root)
                else:
                    found = self._nested(vpp, cursor)
            yield found

    def _nested(self, vpp: Any, cursor: Cursor) -> tuple[Command, Any]:
        """Run the command at the cursor, which may run others."""
        if self._depth >= NESTED:
            raise CliError("commands nested too deeply", path="")
        self._depth += 1
        try:
            return self._dispatch(vpp, cursor, self.root)
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
            raise CliError.unknown(node.path, cursor)
        after = cursor.pos
        hidden: CliError | None = None
        if child.children:
            try:
                return self._dispatch(vpp, cursor, child)
            except CliError as error:
                if child.command is None:
                    raise
                hidden = error if error.path != child.path else None  # a sub-command's own, not that there is none
                cursor.pos = after
        if child.command is None:  # a level word without anything below: none is ever made
            raise CliError.unknown(child.path, cursor)
        result = self._run_command(vpp, cursor, child)
        if hidden is not None:
            self.notices.add(f"`{child.path}' hides an error: {hidden.message}", hidden.unread)
        return child.command, result

    def _run_command(self, vpp: Any, cursor: Cursor, node: Node) -> Any:
        command = node.command
        assert command is not None
        try:
            if command.reads is Reads.WORDS:
                args = command.syntax.parse(cursor, vpp)
                self._tell_cuts(node, cursor)
                return command.handler(vpp, args)
            if cursor.at_end and command.reads is Reads.LINE:
                cursor.line()
                self.notices.add(f"{node.path}: does nothing without arguments")
                return None
            line = cursor.line()
            args = command.syntax.parse(line, vpp)
            self._tell_cuts(node, line)
            if not line.at_end:
                self.notices.add(f"{node.path}: ignored `{line.quote()}'", line.unread)
            return command.handler(vpp, args)
        except CliError as error:
            if error.path is not None:
                raise
            raise CliError.at(node.path, error.message, error.unread) from error
        except self._errors as error:
            raise CliError.at(node.path, str(error)) from error

    def _tell_cuts(self, node: Node, cursor: Cursor) -> None:
        for start, message in sorted(cursor.cuts.items()):
            self.notices.add(f"{node.path}: {message}", cursor.text[start:])
        cursor.cuts.clear()

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
                raise CliError.unknown("", cursor)
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
                raise CliError.unknown(node.path, cursor)
            node = child
        commands = [node] if cursor.rest() != "?" else sorted(node.runnable(), key=by_path)
        return "".join(f"  {left(each.path, 40)} {each.help}\n" for each in commands)

    def path_of(self, line: str) -> str:
        """The full path of the command that a line begins with, as far as its words lead to one."""
        cursor, node = Cursor(line + "\n"), self.root
        while (child := node.child(cursor.command_word() or " ")) is not None:
            node = child
        return node.path

    # completion and documentation

    def complete(self, vpp: Any, text: str) -> list[tuple[str, str]]:
        """What could be the last word of `text`; see `completion.complete`."""
        return complete(self.root, vpp, text, self._errors)

    def words(self) -> dict[str, Any]:
        """The tree of command words, each with those that may follow it."""
        return self.root.words()

    def commands(self) -> list[Command]:
        """All commands, sorted as help shows them."""
        nodes = sorted(self.root.runnable(), key=by_path)
        return [node.command for node in nodes if node.command and node.command.path == node.path]

    def document(self) -> str:
        """All commands with their help and clauses, as Markdown."""
        pieces = []
        for command in self.commands():
            clauses = "".join(f"- `{usage}`\n" for usage in command.syntax.usage())
            pieces.append(f"### {command.path}\n\n`{command.help}`\n\n{clauses}")
        return "\n".join(pieces)


_HELP = Command("help", lambda vpp, args: None, Syntax(), "help")
