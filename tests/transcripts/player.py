"""Plays a scenario into an engine and compares each thing it gives with what VPP 18.10 gave."""

import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from . import binary_api, data, frames, masks

PROFILE = "18.10"
KINDS = ("cli", "frames", "trace", "show")
TIMEOUT = 120  # seconds a scenario may take
PAUSE = 0.05  # seconds between two steps of a recording, about


@dataclass(frozen=True)
class Item:
    """One thing that was compared: its lines as VPP gave them and as we did, both masked."""

    kind: str
    name: str
    expected: list[str]
    actual: list[str]

    @property
    def equal(self) -> bool:
        return self.expected == self.actual


class Player:
    """One scenario and the engine it is played into."""

    def __init__(self, vpp, scenario: data.Scenario) -> None:
        self.vpp = vpp
        self.scenario = scenario

    def cli(self, line: str) -> str:
        """What the line prints. A defect of the engine becomes text too, so that the rest can be compared."""
        try:
            return self.vpp.cli(line, check=False)
        except Exception as error:
            return f"<{type(error).__name__}: {error}>"

    def play(self) -> Iterator[Item]:
        for line, answer in self.scenario.config:
            yield from self.feed("config", line, answer)
        for step in self.scenario.steps:
            yield from self.step(step)

    def feed(self, where: str, line: str, answer: str) -> Iterator[Item]:
        """A line of configuration; what `binary-api` answers is of another form, only that it refused counts."""
        if binary_api.is_binary_api(line):
            for command in binary_api.commands(self.vpp, line):
                text = self.cli(command)
                refused = bool(text.strip()) and " index:" not in text.lower()
                yield Item("cli", f"{where}: {command}", [str(bool(answer))], [str(refused)])
            return
        expected, actual = masks.mask(line, answer), masks.mask(line, self.cli(line))
        yield Item("cli", f"{where}: {line}", expected, actual)

    def step(self, step: data.Step) -> Iterator[Item]:
        where = f"step {step.number}"
        for line, answer in step.before:
            yield from self.feed(where, line, answer)
        self.vpp.advance(step.wait_seconds or PAUSE)
        for line in step.trace:
            self.cli(line)
        yield from self.frames(where, step)
        for command, text in step.shows:
            if command.startswith("show trace"):
                yield from self.trace(f"{where}: {command}", command, text)
            else:
                expected, actual = masks.mask(command, text), masks.mask(command, self.cli(command))
                yield Item("show", f"{where}: {command}", expected, actual)

    def frames(self, where: str, step: data.Step) -> Iterator[Item]:
        """The frames of every interface, those that VPP sent nothing by included."""
        failed = []
        sent: dict[str, list[bytes]] = {}
        try:
            if step.inputs:
                sent = self.vpp.replay(step.inputs, together=True).frames
        except Exception as error:
            failed = [f"<{type(error).__name__}: {error}>"]
        for name in sorted({*step.outputs, *step.inputs, *(name for name, out in sent.items() if out)}):
            expected = frames.describe(step.outputs.get(name, []), step.inputs)
            actual = failed + frames.describe(list(sent.get(name, [])), step.inputs)
            yield Item("frames", f"{where}: {name}", expected, actual)

    def trace(self, where: str, command: str, text: str) -> Iterator[Item]:
        """Each packet by itself; more packets than VPP shows are different too."""
        expected = masks.trace_packets(text)
        actual = masks.trace_packets(self.cli(command))
        for number, (one, other) in enumerate(zip_longest(expected, actual, fillvalue=[])):
            yield Item("trace", f"{where}: packet {number}" if number else where, one, other)


def play(name: str) -> list[Item]:
    """All items of a scenario, in an engine of its own."""
    from engine import Engine

    scenario = data.load(name)
    with Engine(profile=PROFILE, startup=scenario.startup) as vpp:
        return list(Player(vpp, scenario).play())


def _play_into(pipe, name: str) -> None:
    try:
        pipe.send(play(name))
    except Exception as error:
        pipe.send([Item("cli", "the scenario as a whole", ["runs"], [f"{type(error).__name__}: {error}"])])


def play_apart(name: str) -> list[Item]:
    """As play(), in a process of its own: one that dies is one item that differs."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_play_into, args=(there, name))
    process.start()
    there.close()
    try:
        if here.poll(TIMEOUT):
            return here.recv()
        died = f"no answer after {TIMEOUT} seconds"
    except EOFError:
        process.join()
        died = f"the process died with exit code {process.exitcode}"
    finally:
        process.kill()
        process.join()
    return [Item("cli", "the scenario as a whole", ["runs"], [died])]


def count(items: list[Item]) -> dict[str, tuple[int, int]]:
    """(equal, all) of each kind."""
    of_kind = {kind: [item.equal for item in items if item.kind == kind] for kind in KINDS}
    return {kind: (sum(verdicts), len(verdicts)) for kind, verdicts in of_kind.items()}
