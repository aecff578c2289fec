"""What a line does wherever it comes from: the console, a file, a command of vppsh. Pipes, pieces, strict mode."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import own_help
from .client import Client, RemoteError, of
from .diagram import command as pictures
from .lab import WordError
from .pipes import PipeError, Pipeline, parse

if TYPE_CHECKING:
    from .lab import Session

REFUSED = (RemoteError, WordError, PipeError, pictures.PictureError)


@dataclass
class Notice:
    """What a line said and VPP passed over. unread: the line from there on, as far as it is about one place."""

    message: str
    unread: str | None = None
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.file else ""
        return f"{where}warning: {self.message}"


class Talk:
    """Runs lines.

    Args:
        partner: the connection to an engine, or the session with a lab's nodes.
        strict: whether to hear of what VPP swallows silently.
        warn: hears of it, after the output of the line.
    """

    def __init__(
        self, partner: "Client | Session", strict: bool = False, warn: Callable[[Notice], None] = lambda notice: None
    ) -> None:
        self.partner = partner
        self.strict = strict
        self.warn = warn

    def output(self, line: str, json: bool = False) -> Iterator[str]:
        """What a line prints, errors included, piece by piece. A `watch` before it is not waited for."""
        try:
            yield from self.pipe(parse(line, json), go_on=True)
        except REFUSED as error:
            yield f"{error}\n"

    def run(self, line: str, json: bool = False) -> Iterator[str]:
        """What a line prints, piece by piece. json: the data behind it.

        Raises:
            RemoteError, WordError, PipeError: it was refused, after what is printed before.
        """
        yield from self.pipe(parse(line, json))

    def pipe(self, pipeline: Pipeline, go_on: bool = False) -> Iterator[str]:
        """`run` of a line that is taken apart already. go_on: of several nodes, one that refuses does not end it."""
        yield from pipeline.through(self._command(pipeline.command, go_on))

    def _command(self, line: str, go_on: bool) -> Iterator[str]:
        parts = list(self.partner.parts(line))
        targets = [part for part in parts if not isinstance(part, str)]
        if pictures.is_browse(line):
            raise pictures.PictureError("trace browse: it fills the screen, and there is no terminal here")
        if targets and pictures.is_picture(targets[0].line):
            only = targets[0].node if line.split()[0] == "node" else None  # else of the whole lab, wires and all
            yield pictures.run(self.partner.rpc, targets[0].line, [only] if only else None)
            return
        go_on = go_on and len(targets) > 1
        for part in parts:
            if isinstance(part, str):
                yield part
                continue
            try:
                told = self._told("cli_stream", cmd=part.line, **of(part.node))
                yield from own_help.listed(part.line, told) if own_help.asks(part.line) else told
            except RemoteError as error:
                if not go_on:
                    raise
                yield f"{error}\n"

    def exec(self, path: str, node: str | None = None) -> Iterator[str]:
        """What a file of CLI lines prints, which the engine reads itself. Raises RemoteError."""
        yield from self._told("exec_stream", path=path, **of(node))

    def _told(self, method: str, **fields: Any) -> Iterator[str]:
        stream = self.partner.rpc.stream(method, strict=self.strict, **fields)
        try:
            with closing(stream):
                result = yield from _texts(stream)
        except RemoteError as error:
            self._warn(error.notices)
            raise
        self._warn(result["notices"])

    def _warn(self, notices: list[dict[str, Any]]) -> None:
        for notice in notices:
            self.warn(Notice(**notice))


def _texts(stream: Generator[tuple[str, Any], None, Any]) -> Generator[str, None, Any]:
    """The pieces alone; what the consumer throws in reaches the stream."""
    try:
        _, text = next(stream)
        while True:
            try:
                yield text
            except KeyboardInterrupt as interrupt:
                _, text = stream.throw(interrupt)
            else:
                _, text = next(stream)
    except StopIteration as end:
        return end.value
