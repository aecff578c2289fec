"""One vswitch: assembles what stands below, and is what scripts, tests and the server talk to."""

import os
import platform
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from . import api as general_api
from . import commands as general_commands
from .cli import CliError, Registry
from .core import api as core_api
from .core import commands as core_commands
from .core import drop, graph_commands, trace_commands
from .core.buffer import BufferPool
from .core.clock import Clock
from .core.features import Features
from .core.graph import Graph
from .core.runtime_clock import RuntimeClock
from .core.trace import Tracer
from .core.trace_filter import TraceFilter
from .devices import api as device_api
from .devices import commands as device_commands
from .devices.capture import api as capture_api
from .devices.capture import commands as capture_commands
from .devices.capture.config import Captures
from .devices.generator.nodes import Generators
from .devices.loopback.nodes import Loopbacks
from .devices.physical.nodes import Physicals
from .devices.tap.nodes import Taps
from .errors import ControlError, VppshError
from .explain import commands as explain_commands
from .live.live import Live
from .messages import Api
from .net.interface import api as interface_api
from .net.interface import commands as interface_commands
from .net.interface import nodes as interface_nodes
from .net.interface.interface import Interfaces
from .random_mac import MacGenerator
from .replay import Input, Run, run_replay
from .rooms import add_rooms
from .startup import Startup, read_startup

if TYPE_CHECKING:
    from .features.abf.config import Abf
    from .features.acl.config import Acl
    from .features.acl.macip_config import Macip
    from .features.geneve.config import Geneve
    from .features.l2.config import L2
    from .features.nat44.config import Nat44
    from .features.vxlan.config import Vxlan
    from .net.arp.config import Arp
    from .net.fib.config import Routing
    from .net.ip4.ip4 import Ip4
    from .net.ip4.reassembly import Reassembly
    from .net.ip6.ip6 import Ip6
    from .net.udp.udp import Udp

PROFILES = ("18.01", "18.10")
VERSION = "0.1.0"
DEFAULT_BUFFERS = 16384  # VPP's own


@dataclass(frozen=True)
class Version:
    """What `show version` prints."""

    number: str
    user: str = "vppsh"
    host: str = field(default_factory=platform.node)
    date: str = field(default_factory=lambda: time.strftime("%a %b %e %H:%M:%S UTC %Y", time.gmtime(_built())))
    compiler: str = field(default_factory=platform.python_compiler)
    pid: int = field(default_factory=os.getpid)
    arguments: tuple[str, ...] = ()


def _built() -> float:
    """When the extension modules were built."""
    from .core import graph

    return Path(graph.__file__).stat().st_mtime


class BufferHolder(Protocol):
    """A feature that keeps packets between runs."""

    def buffers_held(self) -> int:
        """How many buffers."""

    def release(self) -> None:
        """Free them all."""


class Engine:
    """A vswitch in this process. Several may live side by side.

    One that is live moves packets in threads of its own; what is called here then happens while they stand still
    (`parked`), from whichever thread it is called. One that is not belongs to one thread.

    profile: the VPP release to be, "18.01" (as Contiv used it) or "18.10".
    startup: a startup.conf: text, path or read. buffers: size of the packet buffer pool, in buffers of 2048 bytes,
    unless the startup file says it.
    seed: of the generator that makes MAC addresses nobody set; NAT draws from VPP's own sequence.
    live: devices are real ones: `create tap` makes a tap of the kernel's, and time is real. Otherwise packets come
    from replayed captures only, and nothing needs any privilege.
    Raises ControlError for an unknown profile or a bad startup file.
    """

    # what rooms.py builds onto it: the control planes, by the names that commands and messages use
    fib: "Routing"
    ip4: "Ip4"
    arp: "Arp"
    udp: "Udp"
    ip6: "Ip6"
    reassembly: "Reassembly | None"
    l2: "L2"
    vxlan: "Vxlan"
    geneve: "Geneve"
    nat44: "Nat44"
    acl: "Acl"
    macip: "Macip"
    abf: "Abf"

    def __init__(
        self,
        profile: str = "18.01",
        startup: str | os.PathLike[str] | Startup | None = None,
        buffers: int = DEFAULT_BUFFERS,
        seed: int = 0,
        live: bool = False,
    ) -> None:
        if profile not in PROFILES:
            raise ControlError(f"unknown profile {profile!r}: there are {', '.join(PROFILES)}")
        self.profile = profile
        self.version = Version(f"{profile}-vppsh-{VERSION}")
        self.startup = startup if isinstance(startup, Startup) else read_startup(startup)
        self.last_run: Run | None = None
        self.replaying = False  # step by step, see stepwise.py
        self._build_core(self.startup.buffers or self.startup.mbufs or buffers)
        self._build_devices(MacGenerator(seed))
        tables = add_rooms(self)
        self.graph.resolve()
        self._build_commands(*tables)
        if live:
            self.live.start()

    def _build_core(self, buffers: int) -> None:
        self.buffers = BufferPool(buffers)
        self.buffer_holders: list[BufferHolder] = []
        self.graph = Graph(self.buffers)
        self.features = Features(self.graph)
        self.tracer = Tracer(self.graph)
        self.trace_filter = TraceFilter()
        self.runtime_clock = RuntimeClock()
        self.clock = Clock(self.graph)
        self.live = Live(self.graph)
        drop.register(self.graph)
        interface_nodes.register(self.graph)
        self.interfaces = Interfaces(self.graph, self.features)
        self.interfaces.observe(self.tracer)

    def _build_devices(self, random_mac: MacGenerator) -> None:
        self.taps = Taps(self.graph, self.interfaces, random_mac, self.live)
        self.generators = Generators(self.graph, self.interfaces, random_mac)
        self.physicals = Physicals(self.graph, self.interfaces, random_mac)
        self.loopbacks = Loopbacks(self.interfaces)
        self.captures = Captures(self.graph, self.interfaces)

    def _build_commands(self, commands: list[Any], messages: list[Any]) -> None:
        general = [general_commands, explain_commands, core_commands, trace_commands, graph_commands]
        devices = [interface_commands, device_commands, capture_commands]
        tables = [module.commands for module in [*general, *devices, *commands]]
        self.registry = Registry(tables, self.profile, errors=(VppshError,))
        general_messages = [general_api, core_api, interface_api, device_api, capture_api]
        self.api = Api(self, [module.messages for module in [*general_messages, *messages]], self.parked)

    # ---- the command line

    def cli(self, line: str, check: bool = True) -> str:
        """Run one line and return what VPP prints. An error raises CliError, or is the text when check is False."""
        try:
            with self.parked():
                return self.registry.run(self, line)
        except CliError as error:
            if check:
                raise
            return f"{error.output}{error}\n"

    def cli_data(self, line: str) -> Any:
        """The data behind what a line prints; raises CliError."""
        with self.parked():
            return self.registry.run_data(self, line)

    def exec(self, path: str | os.PathLike[str]) -> str:
        """Run a file of CLI lines and return what they print. CliError names file and line of the first error."""
        with self.parked():
            return self.registry.run_file(self, os.fspath(path))

    # ---- packets and time

    def replay(
        self,
        inputs: Mapping[str, Input],
        outputs: Mapping[str, str | os.PathLike[str]] | None = None,
        *,
        together: bool = False,
        trace: int = 0,
        collect: bool = True,
        progress: Callable[[int], Any] | None = None,
    ) -> Run:
        """Let captures enter by their interfaces; time is theirs.

        inputs: interface to capture (a path, or a list of frames as bytes). outputs: interface to the path of a pcap
        file for what leaves by it. together: all frames of an interface as one vector, then the next interface; else
        one by one by their times, each run to its end before the next. trace: trace the first N packets.
        collect: keep what left in Run.frames. progress: called with the number of packets received so far.

        Raises ControlError (no such interface), CaptureError (which file, which packet, why; what came before was
        processed, and last_run says what became of it).
        """
        how = {"together": together, "trace": trace, "progress": progress}
        with self.parked():
            return run_replay(self, inputs, outputs or {}, collect, **how)

    def replay_files(
        self,
        inputs: Mapping[str, str],
        outputs: Mapping[str, str] | None = None,
        trace: int | None = None,
        together: bool = False,
        progress: Callable[[int], Any] | None = None,
    ) -> Run:
        """replay() for captures that are files, keeping nothing in memory."""
        return self.replay(inputs, outputs, together=together, trace=trace or 0, collect=False, progress=progress)

    def advance(self, seconds: float) -> None:
        """Let time pass on the engine's clock: timers fire, sessions age."""
        with self.parked():
            self.clock.advance(seconds)

    def now(self) -> float:
        """The engine's clock, in seconds."""
        with self.parked():
            return float(self.clock.now_ns) / 1e9

    # ---- life

    def parked(self) -> AbstractContextManager[None]:
        """Inside, no packet moves in a live engine: for scripts that use `vpp.fib` and the like themselves."""
        return self.live.parked()

    @property
    def buffers_held(self) -> int:
        """Buffers that features keep on purpose, such as fragments that wait; what is in use beyond them leaked."""
        return sum(holder.buffers_held() for holder in self.buffer_holders)

    def close(self) -> None:
        """Stop, give taps back, let go of the packets that wait, end the captures.

        Nothing outlives an engine but files it wrote.
        """
        self.live.close()
        for holder in self.buffer_holders:
            holder.release()
        self.captures.close()

    def __enter__(self) -> "Engine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
