"""`replay FILE interface NAME` on the console: a bar while the packets go, a summary when they are through."""

import shlex
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prompt_toolkit.output import Output
from rich.console import Console as RichConsole
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from .client import Client, of
from .pipes import PipeError

USAGE = "replay FILE interface NAME [FILE interface NAME]... [speed N|realtime|max] [trace N]"


@dataclass
class Plan:
    """What to replay. speed: seconds of the capture in a second, None for as fast as it goes."""

    inputs: dict[str, str] = field(default_factory=dict)
    speed: float | None = None
    trace: int = 0


def parse(rest: str) -> Plan:
    """The words behind `replay`.

    Raises:
        PipeError: they make no sense.
    """
    try:
        words = iter(shlex.split(rest))
    except ValueError as error:
        raise PipeError(f"replay: {error}") from error
    plan = Plan()
    for word in words:
        if word == "speed":
            plan.speed = _speed(next(words, ""))
        elif word == "trace":
            plan.trace = _count(next(words, ""))
        elif next(words, None) == "interface" and (name := next(words, None)):
            if name in plan.inputs:
                raise PipeError(f"replay: {name} is given twice")
            plan.inputs[name] = str(Path(word).expanduser().absolute())
        else:
            raise PipeError(f"replay: expected {USAGE.partition(' ')[2]}")
    if not plan.inputs:
        raise PipeError(f"replay: expected {USAGE.partition(' ')[2]}")
    return plan


def _speed(word: str) -> float | None:
    if word in ("realtime", "max"):
        return 1.0 if word == "realtime" else None
    try:
        speed = float(word)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= 1e9:
        raise PipeError(f"replay: expected speed N, realtime or max, got `{word}'")
    return speed


def _count(word: str) -> int:
    if not word.isdecimal() or int(word) > 2**31 - 1:
        raise PipeError(f"replay: expected trace N, got `{word}'")
    return int(word)


def replay(client: Client, node: str | None, plan: Plan, screen: Output) -> Iterator[str]:
    """Replay it, with a bar on the screen; yields the summary. Ctrl-C ends it early, the summary says so.

    Raises:
        RemoteError: the engine refused.
    """
    stream = client.stream("replay_stream", inputs=plan.inputs, trace=plan.trace, speed=plan.speed, **of(node))
    with closing(stream), _bar(screen) as bar:
        task = bar.add_task("", total=None, packets=0, bytes=0)
        while True:
            try:
                _, done = next(stream)
                packets, octets = done["packets"], done["bytes"]
                bar.update(task, completed=packets, total=done["total_packets"] or None, packets=packets, bytes=octets)
            except StopIteration as end:
                run = end.value
                break
    yield from summary(run)


class _Rate(ProgressColumn):
    """Packets per second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f} pps")


class _Screen:
    """The console's screen as a file."""

    def __init__(self, screen: Output) -> None:
        self._screen = screen

    def write(self, text: str) -> int:
        self._screen.write_raw(text)
        return len(text)

    def flush(self) -> None:
        self._screen.flush()

    def isatty(self) -> bool:
        return True


def _bar(screen: Output) -> Progress:
    console = RichConsole(
        file=_Screen(screen),  # type: ignore[arg-type]
        force_terminal=True,
        width=screen.get_size().columns,
        legacy_windows=False,
    )
    columns = (
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[packets]:,} packets"),
        TextColumn("{task.fields[bytes]:,} bytes"),
        _Rate(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console, transient=True)


def summary(run: dict[str, Any]) -> Iterator[str]:
    """What became of the packets."""
    seconds = run["seconds"]
    rate = f", {run['received'] / seconds:,.0f} packets per second" if seconds > 0 and run["received"] else ""
    yield f"{'interrupted after' if run['interrupted'] else 'replayed in'} {seconds:.2f} s{rate}\n"
    yield f"  received {run['received']:,}, sent {run['transmitted']:,}, dropped {run['dropped']:,}"
    yield "".join(f", {name} {run[name]:,}" for name in ("generated", "consumed") if run[name]) + "\n"
    for drop in sorted(run["drops"], key=lambda drop: -int(drop["packets"])):
        yield f"  dropped by {drop['node']}: {drop['reason']}: {drop['packets']:,}\n"
    for name, packets in run["missed"].items():
        yield f"  {name} is down and missed {packets:,}\n"
    for name, title in (("acl", "ACL"), ("nat44", "NAT44")):
        count = run["sessions"][name]
        yield f"  {title} sessions: {count['now']:,} ({count['made']:+,})\n"
