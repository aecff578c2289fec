"""A replay in steps, between which the engine serves others: as fast as it can, or at the captures' own pace."""

import time
from collections.abc import Generator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from .devices.pcap.capture import open_capture
from .devices.pcap.writer import PcapWriter
from .devices.replay import Replay
from .errors import ControlError
from .replay import Balance, Run, device_of, load, open_source, stop_listening, unload

if TYPE_CHECKING:
    from .engine import Engine

SOON_NS = 10_000_000  # of a capture's time: packets that are due within it enter together


@dataclass
class Progress:
    """How far a replay is. Totals are those of the captures; seconds until the next packet is due."""

    packets: int = 0
    bytes: int = 0
    total_packets: int = 0
    total_bytes: int = 0
    due: float = field(default=0.0, compare=False)

    def data(self) -> dict[str, Any]:
        """What a client is told."""
        return {name: value for name, value in asdict(self).items() if name != "due"}


def replay_steps(
    vpp: "Engine",
    inputs: Mapping[str, str],
    outputs: Mapping[str, str] | None = None,
    trace: int = 0,
    speed: float | None = None,
) -> Generator[Progress, None, Run]:
    """Replay captures that are files, some thousand packets a step; returns what became of them.

    speed: seconds of the captures in a second; None for as fast as it goes. Closing the generator, or an exception
    thrown into it, ends the replay after the last step; `vpp.last_run` then says what became of the packets so far.

    Raises ControlError (no such interface; it went away; another replay is under way), CaptureError.
    """
    if vpp.replaying:
        raise ControlError("another replay is under way")
    outputs = outputs or {}
    devices = {name: device_of(vpp, name) for name in [*inputs, *outputs]}
    sources = {devices[name]: open_source(path) for name, path in inputs.items()}
    counts = [open_capture(path).count() for path in inputs.values()]
    progress = Progress(total_packets=sum(n for n, _ in counts), total_bytes=sum(n for _, n in counts))
    run, balance = Run(), Balance(vpp)
    with ExitStack() as stack:
        vpp.replaying = True
        stack.callback(setattr, vpp, "replaying", False)
        for name, path in outputs.items():
            devices[name].collect(stack.enter_context(PcapWriter(path)))
        stack.callback(stop_listening, vpp)
        receiving = load(sources, run)
        try:
            yield from _turns(vpp, receiving, progress, trace, speed)
        finally:
            balance.close(run)
            unload(receiving)
    return run


def _turns(
    vpp: "Engine", receiving: list[Any], progress: Progress, trace: int, speed: float | None
) -> Generator[Progress, None, None]:
    replay = Replay([(vpp.graph, receiving)], trace=trace)
    packets, octets = _received(vpp, receiving)
    first, started = replay.next_captured_ns or 0, time.monotonic()
    more = True
    while more:
        for device in receiving:
            if vpp.interfaces.by_name.get(device.interface.name) is not device.interface:
                raise ControlError(f"{device.interface.name} was deleted")
        if speed is None:
            more = replay.turn()
        else:
            more = replay.turn(first + int((time.monotonic() - started) * speed * 1e9) + SOON_NS)
            following = replay.next_captured_ns
            ahead = 0 if following is None else (following - first) / 1e9 / speed
            progress.due = max(0.0, ahead - (time.monotonic() - started))
        now_packets, now_octets = _received(vpp, receiving)
        progress.packets, progress.bytes = now_packets - packets, now_octets - octets
        yield progress


def _received(vpp: "Engine", receiving: list[Any]) -> tuple[int, int]:
    """(packets, bytes) that came by the devices."""
    counters = [vpp.interfaces.counters(device.interface) for device in receiving]
    return sum(each.get("rx packets", 0) for each in counters), sum(each.get("rx bytes", 0) for each in counters)
