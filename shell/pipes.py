"""Pipes: what follows a command behind `|`, and `watch` before it. They work on the text, here, not in the engine."""

import contextlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

VERBS = {
    "include": "RE: only lines that match",
    "exclude": "RE: only lines that do not match",
    "begin": "RE: from the first line that matches",
    "count": "how many lines",
    "json": "the data behind the output",
    "save": "FILE: write the output to a file",
}
WATCH = re.compile(r"\s*watch\b\s*(.*)", re.DOTALL)
LEAST_PAUSE = 0.1  # seconds

Lines = Iterator[str]
Stage = Callable[[Lines], Lines]


class PipeError(Exception):
    """A pipe or `watch` that makes no sense; str is what the user sees."""


@dataclass
class Pipeline:
    """A line taken apart.

    Attributes:
        command: the engine's part.
        stages: what its output goes through.
        watch: seconds between two runs, None for a single one.
    """

    command: str
    stages: list[Stage]
    watch: float | None = None

    def through(self, pieces: Iterable[str]) -> Iterator[str]:
        """The output, after all stages; as it came where there are none."""
        if not self.stages:
            yield from pieces
            return
        lines = split(pieces)
        for stage in self.stages:
            lines = stage(lines)
        for line in lines:
            yield line + "\n"


def parse(line: str, json: bool = False) -> Pipeline:
    """Take a line apart. json: as if its first pipe were `json`.

    Raises:
        PipeError: an unknown pipe, a bad argument, no command.
    """
    watch = WATCH.fullmatch(line)
    pause = None
    if watch:
        pause, line = _pause(watch[1])
    command, *pipes = cut(line)
    if json and [verb_of(pipe) for pipe in pipes[:1]] != ["json"]:
        pipes.insert(0, "json")
    if pipes and verb_of(pipes[0]) == "json":
        _bare("json", pipes.pop(0))
        command += " | json"
    return Pipeline(command.strip(), [_stage(pipe) for pipe in pipes], pause)


def _pause(rest: str) -> tuple[float, str]:
    seconds, _, command = rest.partition(" ")
    try:
        pause = float(seconds)
    except ValueError:
        raise PipeError(f"watch: expected seconds and a command, got `{rest}'") from None
    if not LEAST_PAUSE <= pause <= 86400:
        raise PipeError(f"watch: expected {LEAST_PAUSE} to 86400 seconds, got {seconds}")
    if not command.strip():
        raise PipeError("watch: expected a command")
    return pause, command


def cut(line: str) -> list[str]:
    """The command and its pipes: parts between `|` that stand behind a blank, outside braces and quotes."""
    parts, start, depth, quote, piped = [], 0, 0, "", False
    for index, character in enumerate(line):
        if quote:
            quote = "" if character == quote else quote
        elif piped and character in "\"'" and line[index - 1].isspace():
            quote = character
        elif character in "{}":
            depth += 1 if character == "{" else -1
        elif character == "|" and depth <= 0 and line[:index][-1:].isspace():
            parts.append(line[start:index].strip())
            start, piped = index + 1, True
    return [*parts, line[start:].strip()]


def verb_of(pipe: str) -> str:
    """The word that a pipe begins with, in full.

    Raises:
        PipeError: there is no such pipe.
    """
    word = pipe.split(None, 1)[0] if pipe else ""
    found = [verb for verb in VERBS if word and verb.startswith(word)]
    if len(found) != 1:
        raise PipeError(f"unknown pipe `{word}': there are {', '.join(VERBS)}")
    return found[0]


def _stage(pipe: str) -> Stage:
    verb = verb_of(pipe)
    argument = pipe.split(None, 1)[1] if len(pipe.split(None, 1)) > 1 else ""
    if argument[:1] in ("'", '"') and argument[-1:] == argument[:1] and len(argument) > 1:
        argument = argument[1:-1]
    if verb == "json":
        raise PipeError("json: stands first, behind the command")
    if verb == "count":
        _bare(verb, pipe)
        return count
    if not argument:
        raise PipeError(f"{verb}: expected {VERBS[verb].partition(':')[0]}")
    if verb == "save":
        return lambda lines: save(lines, argument)
    wanted = _pattern(verb, argument)
    if verb == "begin":
        return lambda lines: begin(lines, wanted)
    return lambda lines: (line for line in lines if bool(wanted.search(line)) is (verb == "include"))


def _bare(verb: str, pipe: str) -> None:
    if len(pipe.split()) > 1:
        raise PipeError(f"{verb}: takes nothing, got `{pipe.split(None, 1)[1]}'")


def _pattern(verb: str, argument: str) -> re.Pattern[str]:
    try:
        return re.compile(argument)
    except re.error as error:
        raise PipeError(f"{verb}: bad regular expression `{argument}': {error}") from error


def split(pieces: Iterable[str]) -> Lines:
    """Lines without their ends, from pieces cut anywhere."""
    rest = ""
    for piece in pieces:
        *lines, rest = (rest + piece).split("\n")
        yield from lines
    if rest:
        yield rest


def begin(lines: Lines, wanted: re.Pattern[str]) -> Lines:
    """From the first line that matches."""
    for line in lines:
        if wanted.search(line):
            yield line
            yield from lines


def count(lines: Lines) -> Lines:
    """Their number."""
    yield str(sum(1 for _ in lines))


def save(lines: Lines, path: str) -> Lines:
    """Write them to a file, which is there whole or not at all.

    Raises:
        PipeError: it cannot be written.
    """
    target = Path(path).expanduser()
    try:
        number, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            n = 0
            with open(number, "w") as file:
                for line in lines:
                    file.write(line + "\n")
                    n += 1
            os.chmod(name, 0o666 & ~_umask())
            os.replace(name, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
    except OSError as error:
        raise PipeError(f"save: cannot write `{path}': {error.strerror}") from error
    yield f"{n} lines saved to {path}"


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
