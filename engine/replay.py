"""What a replay gave: frames per interface, and where every packet went."""

import os
from collections.abc import Container, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .devices.pcap.capture import open_capture
from .devices.pcap.source import FrameList, Source
from .devices.pcap.writer import PcapWriter
from .devices.replay import Replay
from .errors import ControlError

if TYPE_CHECKING:
    from .engine import Engine

Input = str | os.PathLike[str] | Iterable[bytes] | Source


class Frames(dict[str, list[bytes]]):
    """Frames by the interface they left by; an interface that sent nothing has an empty list."""

    def __missing__(self, name: str) -> list[bytes]:
        return []


@dataclass
class Run:
    """One replay: received + generated = transmitted + consumed + dropped (packets)."""

    received: int = 0
    generated: int = 0  # made by the engine: ARP requests, fragments, copies
    transmitted: int = 0
    consumed: int = 0  # kept on purpose, e.g. fragments that wait
    dropped: int = 0
    drops: dict[tuple[str, str], int] = field(default_factory=dict)  # (node, reason): packets
    frames: Frames = field(default_factory=Frames)
    missed: dict[str, int] = field(default_factory=dict)  # interface that is down: frames it did not receive

    def summary(self) -> dict[str, Any]:
        """Plain data for --json."""
        names = ("received", "generated", "transmitted", "consumed", "dropped", "missed")
        drops = [{"node": node, "reason": reason, "packets": n} for (node, reason), n in self.drops.items()]
        return {name: getattr(self, name) for name in names} | {"drops": drops}


def open_source(given: Input) -> tuple[Source, str]:
    """A source and what pg-input calls it. Raises CaptureError for a file that is no capture."""
    if isinstance(given, Source):
        return given, given.name
    if isinstance(given, str | os.PathLike):
        return open_capture(given), Path(given).stem
    return FrameList(given), "frames"


def run_replay(
    vpp: "Engine", inputs: Mapping[str, Input], outputs: Mapping[str, Any], collect: bool, **how: Any
) -> Run:
    """Open everything, then run; nothing is changed when something cannot be opened."""
    progress = how.pop("progress", None)
    devices = {name: device_of(vpp, name) for name in [*inputs, *outputs]}
    sources = {devices[name]: open_source(given) for name, given in inputs.items()}
    with ExitStack() as stack:
        sinks = {name: stack.enter_context(PcapWriter(path)) for name, path in outputs.items()}
        memory = listen(vpp, sinks) if collect else {}
        stack.callback(stop_listening, vpp)
        for name, sink in sinks.items():
            devices[name].collect(sink)
        run = _run(vpp, sources, progress, how)
        run.frames.update((name, sink.frames()) for name, sink in memory.items() if sink.count)
    if collect:
        run.frames.update((name, [frame for _, frame, _, _ in open_capture(path)]) for name, path in outputs.items())
    return run


def device_of(vpp: "Engine", name: str) -> Any:
    """The device of an interface. Raises ControlError when there is no such interface, or nothing behind it."""
    device = vpp.interfaces.get(name).device
    if device is None:
        raise ControlError(f"{name} is no interface that captures can enter or leave by")
    return device


def listen(vpp: "Engine", sinks: Container[str]) -> dict[str, PcapWriter]:
    """Keep in memory what leaves by every interface that no file was named for."""
    memory = {}
    for interface in vpp.interfaces:
        if interface.device is not None and interface.name not in sinks:
            memory[interface.name] = PcapWriter()
            interface.device.collect(memory[interface.name])
    return memory


def stop_listening(vpp: "Engine") -> None:
    """Let what leaves be counted only."""
    for interface in vpp.interfaces:
        if interface.device is not None:
            interface.device.collect(None)


class Balance:
    """What becomes of an engine's packets from now on."""

    def __init__(self, vpp: "Engine") -> None:
        self._vpp = vpp
        self._totals, self._drops = vpp.graph.totals(), vpp.graph.drops()

    def close(self, run: Run) -> None:
        """Write it into the run, which becomes the engine's last one."""
        for name, value in self._vpp.graph.totals().items():
            setattr(run, name, value - self._totals[name])
        drops = {key: n - self._drops.get(key, 0) for key, n in self._vpp.graph.drops().items()}
        run.drops = {key: n for key, n in drops.items() if n}
        self._vpp.last_run = run


def load(sources: Mapping[Any, tuple[Source, str]], run: Run) -> list[Any]:
    """Give the devices their sources; returns those that receive. One that is down misses all its frames."""
    receiving = []
    for device, (source, name) in sources.items():
        if device.interface.admin_up:
            device.load(source, name)
            receiving.append(device)
        else:
            run.missed[device.interface.name] = sum(1 for _ in source)
    return receiving


def _run(vpp: "Engine", sources: dict[Any, tuple[Source, str]], progress: Any, how: dict[str, Any]) -> Run:
    run, balance = Run(), Balance(vpp)
    receiving = load(sources, run)
    try:
        Replay([(vpp.graph, receiving)], **how).run(progress)
    finally:
        balance.close(run)
        unload(receiving)
    return run


def unload(devices: list[Any]) -> None:
    """Free all sources, also when one of them was broken; that one's error is raised last."""
    errors = []
    for device in devices:
        try:
            device.unload()
        except Exception as error:
            errors.append(error)
    if errors:
        raise errors[0]
