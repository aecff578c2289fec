"""The control plane of pcap traces: who listens where."""

from dataclasses import dataclass
from typing import Any

from engine.core.bpf import compile_filter
from engine.core.graph import Graph
from engine.errors import ControlError
from engine.net.interface.interface import Interfaces

from .listener import PLACES, Listener

FOLDER = "/tmp"
MAX_PACKETS = 1000
MAX_BYTES = 512


class AlreadyCapturing(ControlError):
    """One of the places has a listener; there is one at a time, as in VPP."""


def capture_path(name: str) -> str:
    """Where VPP would write: /tmp/NAME. A name that says a folder, which VPP refuses, is taken as it stands."""
    return name if "/" in name else f"{FOLDER}/{name}"


@dataclass
class Settings:
    """What 18.10's command of one place was told last; it is there when the next one says `on`."""

    max: int = 100
    file: str | None = None
    sw_if_index: int | None = None


class Captures:
    """All pcap traces of a vswitch."""

    def __init__(self, graph: Graph, interfaces: Interfaces) -> None:
        self.graph = graph
        self.interfaces = interfaces
        self.by_place: dict[str, Listener] = {}
        self.settings = {place: Settings() for place in PLACES}
        interfaces.observe(self)

    @property
    def listeners(self) -> list[Listener]:
        """Those that were started and not stopped, each once; also those that have all the packets they wanted."""
        return list(dict.fromkeys(self.by_place.values()))

    def start(
        self,
        places: tuple[str, ...],
        name: str | None = None,
        max_packets: int = MAX_PACKETS,
        max_bytes: int = MAX_BYTES,
        sw_if_index: int | None = None,
        filter: str | None = None,
    ) -> Listener:
        """Capture the next packets at some places: "rx", "tx", "drop".

        name: of the file, see capture_path(); None makes one of the places' names. max_bytes: of a packet, 32 to
        9000. filter: a tcpdump expression. Raises AlreadyCapturing, ControlError.
        """
        if any(place in self.by_place for place in places):
            raise AlreadyCapturing("dispatch trace already enabled...")
        if not 32 <= max_bytes <= 9000:
            raise ControlError("Max bytes per pkt must be > 32, < 9000...")
        program = None if filter is None else compile_filter(filter)
        path = capture_path(name or "".join(place for place in PLACES if place in places) + ".pcap")
        try:
            listener = Listener(self.graph, places, path, max_packets, max_bytes, sw_if_index, program)
        except OSError as error:
            raise ControlError(f"{path}: {error.strerror}") from None
        self.by_place.update(dict.fromkeys(places, listener))
        return listener

    def flush(self) -> None:
        """Bring all that was captured into the files. Raises ControlError when one cannot be written."""
        for listener in self.listeners:
            self._write(listener, listener.flush)

    def stop(self, listener: Listener) -> None:
        """End a trace and its file. Raises ControlError when it could not be written; the trace has ended then too."""
        self.by_place = {place: other for place, other in self.by_place.items() if other is not listener}
        self._write(listener, listener.close)

    @staticmethod
    def _write(listener: Listener, write: Any) -> None:
        try:
            write()
        except OSError as error:
            raise ControlError(f"{listener.path}: {error.strerror}") from None

    def close(self) -> None:
        """End all traces. Raises ControlError for the first file that could not be written."""
        errors = []
        for listener in self.listeners:
            try:
                self.stop(listener)
            except ControlError as error:
                errors.append(error)
        if errors:
            raise errors[0]

    def interface_deleted(self, interface: Any) -> None:
        """Observer: what listened to it alone has nothing more to hear; its file is there until it is stopped."""
        for listener in self.listeners:
            if listener.sw_if_index == interface.sw_if_index:
                listener.stop()
        for settings in self.settings.values():
            if settings.sw_if_index == interface.sw_if_index:
                settings.sw_if_index = None

    def as_dicts(self) -> list[dict[str, Any]]:
        """Plain data of each trace."""
        return [
            {
                "places": list(listener.places),
                "captured": listener.count,
                "max": listener.max_packets,
                "file": listener.path,
                "filter": None if listener.filter is None else listener.filter.text,
                "interface": self.interface_name(listener.sw_if_index),
            }
            for listener in self.listeners
        ]

    def interface_name(self, sw_if_index: int | None) -> str | None:
        """None for any, and for one that was deleted."""
        interface = None if sw_if_index is None else self.interfaces.by_index[sw_if_index]
        return None if interface is None else interface.name
