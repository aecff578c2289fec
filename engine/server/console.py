"""What the console asks for: output in pieces, what VPP swallows silently, how things stand, replays with a bar."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from engine.cli import CliError, Notice
from engine.cli.files import join_lines, read_lines
from engine.stepwise import replay_steps

from .jobs import SLICE, CancelledError, Steps

PIECE = 1 << 15  # characters told at once
TICK = 0.1  # seconds between two words about progress


def cli_stream(vpp: Any, notify: Any, cmd: str, strict: bool = False) -> Steps:
    """Run a line; the client is notified of `output`, piece by piece. The result has the `notices` of strict mode."""
    notices: list[Notice] = []
    try:
        yield from _told(vpp.registry.stream(vpp, cmd, notices if strict else None))
    except CliError as error:
        error.notices = notices
        raise
    return {"notices": [notice.data() for notice in notices]}


def exec_stream(vpp: Any, notify: Any, path: str, strict: bool = False) -> Steps:
    """Run a file of CLI lines as `exec` does, in pieces as `cli_stream` does."""
    notices: list[Notice] = []
    for number, line in read_lines(path):
        try:
            with vpp.registry.notices.to(notices if strict else None):
                before = len(notices)
                yield from _told(vpp.registry.stream(vpp, line, notices if strict else None))
        except CliError as error:
            error.notices = notices
            if error.file is None:
                error.file, error.line = path, number
            raise
        for notice in notices[before:]:
            if notice.file is None:
                notice.file, notice.line = path, number
    return {"notices": [notice.data() for notice in notices]}


def _told(pieces: Iterator[str]) -> Steps:
    """The pieces, gathered to what is worth a message, and a breath wherever they take long."""
    gathered: list[str] = []
    size, began = 0, time.monotonic()
    try:
        for piece in pieces:
            gathered.append(piece)
            size += len(piece)
            if size >= PIECE or time.monotonic() - began >= SLICE:
                text, gathered, size = "".join(gathered), [], 0
                yield "output", text
                began = time.monotonic()
    except CliError:
        if gathered:
            yield "output", "".join(gathered)
        raise
    if gathered:
        yield "output", "".join(gathered)


def replay_stream(
    vpp: Any,
    notify: Any,
    inputs: dict[str, str],
    outputs: dict[str, str] | None = None,
    trace: int | None = None,
    speed: float | None = None,
) -> Steps:
    """Replay captures by interface at a pace; the client is notified of `progress`.

    speed: seconds of the captures in a second; None for as fast as it goes. The result says what became of the
    packets, how many sessions there are and how many more than before, how long it took, and whether it was
    `interrupted`.
    """
    before, began, told = sessions(vpp), time.monotonic(), 0.0
    steps = replay_steps(vpp, inputs, outputs, trace or 0, speed)
    interrupted = False
    try:
        for progress in steps:
            if time.monotonic() - told >= TICK or progress.due >= TICK:
                told = time.monotonic()
                yield "progress", progress.data()
            yield progress.due
        yield "progress", progress.data()
    except CancelledError:
        steps.close()
        interrupted = True
    after = sessions(vpp)
    return vpp.last_run.summary() | {
        "interrupted": interrupted,
        "seconds": time.monotonic() - began,
        "sessions": {name: {"now": n, "made": n - before[name]} for name, n in after.items()},
    }


def sessions(vpp: Any) -> dict[str, int]:
    """How many sessions there are."""
    counters = vpp.acl.state.counters()
    return {"acl": counters["added"] - counters["deleted"], "nat44": vpp.nat44.state.n_sessions()}


def status(vpp: Any, notify: Any) -> dict[str, Any]:
    """A few numbers that cost nothing to ask for: packets so far, sessions, traced and to be traced, both clocks."""
    return {
        **vpp.graph.totals(),
        "sessions": sessions(vpp),
        "traced": len(vpp.tracer),
        "trace_room": len(vpp.tracer) + vpp.tracer.remaining,
        "clock": vpp.now(),
        "monotonic": time.monotonic(),
    }


def command_words(vpp: Any, notify: Any) -> dict[str, Any]:
    """The tree of command words, each with those that may follow it."""
    words: dict[str, Any] = vpp.registry.words()
    return words


def split_lines(vpp: Any, notify: Any, text: str) -> list[tuple[int, str]]:
    """The commands of a text with the number of their first line, as `exec` would find them in a file."""
    return list(join_lines(text))


METHODS: dict[str, Callable[..., Any]] = {
    "cli_stream": cli_stream,
    "exec_stream": exec_stream,
    "replay_stream": replay_stream,
    "status": status,
    "command_words": command_words,
    "split_lines": split_lines,
}

KINDS: dict[str, Any] = {"strict": bool, "speed": float | int | None}
