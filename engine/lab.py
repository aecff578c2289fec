"""Several vswitches in one process, on wires: built from a lab file, sharing the time, replayed together."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from .cli import CliError
from .devices.pcap.capture import open_capture
from .devices.pcap.source import Source
from .devices.pcap.writer import PcapWriter
from .devices.replay import Replay
from .devices.wire import Wire
from .engine import Engine
from .errors import ControlError, LabError, NodeRefusedError
from .lab_file import End, LabPlan, NodePlan, parse_end, read_lab
from .replay import Balance, Frames, Input, Run, device_of, listen, load, open_source, stop_listening, unload

COUNTED = ("received", "generated", "transmitted", "consumed", "dropped")


@dataclass(frozen=True)
class Crossing:
    """What crossed a wire one way during a run, in frames. Those missed found the far interface down or no buffer."""

    sender: str
    receiver: str
    sent: int
    received: int

    @property
    def missed(self) -> int:
        return self.sent - self.received


@dataclass
class LabRun:
    """One replay through a lab.

    runs: by node, each with the conservation law of Run, wires counted as what is outside. The lab's own totals
    leave wires out: received + generated = transmitted + consumed + dropped + missed.
    frames: by "node:interface", what left by it; also by one that has a wire.
    """

    runs: dict[str, Run] = field(default_factory=dict)
    frames: Frames = field(default_factory=Frames)
    crossings: list[Crossing] = field(default_factory=list)

    def __getitem__(self, node: str) -> Run:
        return self.runs[node]

    def _sum(self, name: str) -> int:
        return sum(getattr(run, name) for run in self.runs.values())

    @property
    def received(self) -> int:
        """Packets that entered from outside."""
        return self._sum("received") - sum(crossing.received for crossing in self.crossings)

    @property
    def generated(self) -> int:
        return self._sum("generated")

    @property
    def transmitted(self) -> int:
        """Packets that left the lab."""
        return self._sum("transmitted") - sum(crossing.sent for crossing in self.crossings)

    @property
    def consumed(self) -> int:
        return self._sum("consumed")

    @property
    def dropped(self) -> int:
        return self._sum("dropped")

    @property
    def missed(self) -> int:
        """Packets that were lost on wires."""
        return sum(crossing.missed for crossing in self.crossings)

    def summary(self) -> dict[str, Any]:
        """Plain data for --json."""
        wires = [
            {"from": wire.sender, "to": wire.receiver, "sent": wire.sent, "received": wire.received}
            for wire in self.crossings
        ]
        nodes = {name: run.summary() for name, run in self.runs.items()}
        return {name: getattr(self, name) for name in (*COUNTED, "missed")} | {"wires": wires, "nodes": nodes}


class Lab:
    """The vswitches of a lab file; `lab["node1"]` is one of them, an Engine.

    The wires are there while the lab replays or advances. `lab["node1"].replay()` is that node alone, with what
    leaves by its wired interfaces going nowhere.

    Raises LabError: the file, or what it says of nodes and wires, makes no sense; NodeRefusedError: a node's
    configuration was refused (node, file, line). Then nothing was built.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._plan: LabPlan = read_lab(path)
        self.path = self._plan.path
        self.nodes: dict[str, Engine] = {plan.name: _build(plan) for plan in self._plan.nodes}
        self.last_run: LabRun | None = None
        try:
            self._wires()
        except LabError as error:
            raise LabError(f"{self.path}: {error}") from None

    def __getitem__(self, node: str) -> Engine:
        """A node by name. Raises LabError."""
        if node not in self.nodes:
            raise LabError(f"there is no node {node}, only {', '.join(self.nodes)}")
        return self.nodes[node]

    def parked(self) -> AbstractContextManager[None]:
        """As an engine's; the vswitches of a lab move packets only when they are told to."""
        return nullcontext()

    def __iter__(self) -> Iterator[str]:
        return iter(self.nodes)

    def replay(
        self,
        inputs: Mapping[str, Input],
        outputs: Mapping[str, str | os.PathLike[str]] | None = None,
        *,
        together: bool = False,
        trace: int = 0,
        collect: bool = True,
        progress: Callable[[int], Any] | None = None,
    ) -> LabRun:
        """Let captures enter by "node:interface"; all nodes share the time.

        Frames of all inputs enter by their times; what leaves by a wired interface enters the other end at the same
        time, and each packet runs to its end on all nodes before the next enters. trace: each node traces the first
        N packets it receives. The rest is as in Engine.replay.

        Raises ControlError (no such node or interface), CaptureError, WireLoopError (packets that go round; what
        came before was processed, and last_run says what became of it).
        """
        sources = {self._end(name): open_source(given) for name, given in inputs.items()}
        files = {self._end(name): path for name, path in (outputs or {}).items()}
        run = LabRun({name: Run() for name in self.nodes})
        with ExitStack() as stack:
            wires = self._wires()
            for vpp in self.nodes.values():
                stack.callback(stop_listening, vpp)
            sinks = {end: stack.enter_context(PcapWriter(path)) for end, path in files.items()}
            memory = self._listen(sinks, collect)
            _plug(stack, wires)
            self._run(run, sources, wires, progress, together=together, trace=trace)
        run.frames.update((str(end), sink.frames()) for end, sink in memory.items() if sink.count)
        if collect:
            run.frames.update((str(end), [row[1] for row in open_capture(path)]) for end, path in files.items())
        for end in run.frames:
            node, interface = parse_end(end)
            run.runs[node].frames[interface] = run.frames[end]
        return run

    def replay_files(
        self,
        inputs: Mapping[str, str],
        outputs: Mapping[str, str] | None = None,
        trace: int | None = None,
        together: bool = False,
        progress: Callable[[int], Any] | None = None,
    ) -> LabRun:
        """replay() for captures that are files, keeping nothing in memory."""
        return self.replay(inputs, outputs, together=together, trace=trace or 0, collect=False, progress=progress)

    def advance(self, seconds: float) -> None:
        """Let time pass for all nodes: timers fire, sessions age; what timers send crosses the wires."""
        if not 0 <= seconds < 1e9:
            raise ValueError(f"the clock moves forward by up to 1e9 seconds, not by {seconds}")
        wires = self._wires()
        with ExitStack() as stack:
            _plug(stack, wires)
            engines: list[tuple[Any, list[Any]]] = [(vpp.graph, []) for vpp in self.nodes.values()]
            replay = Replay(engines, wires, max_crossings=self._plan.max_crossings)
            replay.move_to(round((self.now() + seconds) * 1e9))

    def now(self) -> float:
        """The nodes' clock, in seconds."""
        return max(vpp.now() for vpp in self.nodes.values())

    def close(self) -> None:
        """Nothing outlives a lab but files it wrote; here for `with`."""

    def __enter__(self) -> "Lab":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---- a run

    def _end(self, name: str) -> End:
        """An interface by which captures may enter or leave. Raises ControlError."""
        end = parse_end(name)
        self._device(end)
        return end

    def _device(self, end: End) -> Any:
        try:
            return device_of(self[end.node], end.interface)
        except LabError:
            raise
        except ControlError as error:
            raise LabError(f"{end.node}: {error}") from None

    def wires(self) -> list[dict[str, str]]:
        """Each direction of every cable: `from` and `to`, as node:interface, and the node that receives there."""
        ends = [pair for cable in self._plan.cables for pair in (cable, cable[::-1])]
        return [{"from": str(left), "to": str(end), "input_node": self._input_node(end)} for left, end in ends]

    def _input_node(self, end: End) -> str:
        return str(self[end.node].graph.nodes[self._device(end).input_node].name)

    def _wires(self) -> list[Wire]:
        """A wire each way for every cable. Interfaces may have been deleted since the last time."""
        wires = []
        for first, second in self._plan.cables:
            devices = self._device(first), self._device(second)
            wires.append(Wire(f"{first} -> {second}", devices[0], self[second.node].graph, devices[1]))
            wires.append(Wire(f"{second} -> {first}", devices[1], self[first.node].graph, devices[0]))
        return wires

    def _listen(self, sinks: dict[End, PcapWriter], collect: bool) -> dict[End, PcapWriter]:
        """Let files get what leaves by the interfaces they were named for, and memory the rest when asked to."""
        memory: dict[End, PcapWriter] = {}
        for name, vpp in self.nodes.items():
            taken = [end.interface for end in sinks if end.node == name]
            kept = listen(vpp, taken) if collect else {}
            memory |= {End(name, interface): sink for interface, sink in kept.items()}
        for end, sink in sinks.items():
            self._device(end).collect(sink)
        return memory

    def _run(
        self, run: LabRun, sources: dict[End, tuple[Source, str]], wires: list[Wire], progress: Any, **how: Any
    ) -> None:
        balances = {name: Balance(vpp) for name, vpp in self.nodes.items()}
        receiving = {
            name: load({self._device(end): source for end, source in sources.items() if end.node == name}, run[name])
            for name in self.nodes
        }
        try:
            engines = [(vpp.graph, receiving[name]) for name, vpp in self.nodes.items()]
            Replay(engines, wires, max_crossings=self._plan.max_crossings, **how).run(progress)
        finally:
            for name, balance in balances.items():
                balance.close(run[name])
            self._close_wires(run, wires)
            self.last_run = run
            unload([device for devices in receiving.values() for device in devices])

    def _close_wires(self, run: LabRun, wires: list[Wire]) -> None:
        for wire in wires:
            sender, receiver = wire.name.split(" -> ")
            crossing = Crossing(sender, receiver, wire.sent, wire.received)
            run.crossings.append(crossing)
            if crossing.missed:
                end = parse_end(crossing.receiver)
                missed = run[end.node].missed
                missed[end.interface] = missed.get(end.interface, 0) + crossing.missed


def _build(plan: NodePlan) -> Engine:
    """A node with its configuration. Raises NodeRefusedError, LabError."""
    try:
        vpp = Engine(**plan.options)
    except (ControlError, ValueError, OverflowError, MemoryError) as error:
        raise LabError(f"{plan.name}: {error}") from error
    try:
        for config in plan.config:
            vpp.exec(config)
    except CliError as error:
        raise NodeRefusedError(plan.name, error.message, error.file, error.line) from error
    return vpp


def _plug(stack: ExitStack, wires: list[Wire]) -> None:
    """Plug the wires in, and out again when the stack ends."""
    for wire in wires:
        stack.callback(wire.unplug)
    for wire in wires:
        wire.plug()
