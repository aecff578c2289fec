"""Answers Prometheus. Its text is made in threads of its own, while packets move on."""

import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from engine import Engine
from engine.errors import ControlError
from engine.lab import Lab

from .families import FAMILIES
from .snapshot import take

MAX_PORT = 65535


class EngineCollector(Collector):
    """The metrics of an engine; of all vswitches of a lab, with the label `vswitch`."""

    def __init__(self, vpp: Engine | Lab) -> None:
        self._engines = vpp.nodes if isinstance(vpp, Lab) else {"": vpp}
        self._labels = ("vswitch",) if isinstance(vpp, Lab) else ()

    def collect(self) -> Iterator[Metric]:
        """Copy the counters, then name them. May be called from any thread."""
        shots = [((name,) if self._labels else (), take(engine)) for name, engine in self._engines.items()]
        for family in FAMILIES:
            kind = CounterMetricFamily if family.counter else GaugeMetricFamily
            metric = kind(f"vpp_{family.name}", family.help, labels=(*self._labels, *family.labels))
            for prefix, shot in shots:
                for labels, value in family.rows(shot):
                    metric.add_metric((*prefix, *labels), value)
            yield metric


class Exporter:
    """Serves `/metrics` at an address, `127.0.0.1:9482` or `:9482`, until it is closed.

    Raises:
        ControlError: that is no address, or it cannot be listened on.
    """

    def __init__(self, vpp: Any, address: str) -> None:
        host, _, port = address.rpartition(":")
        if ":" not in address or not port.isdecimal() or int(port) > MAX_PORT:
            raise ControlError(f"metrics: `{address}' is not host:port")
        registry = CollectorRegistry()
        registry.register(EngineCollector(vpp))
        ProcessCollector(registry=registry)
        self._thread: threading.Thread
        try:
            self._server, self._thread = start_http_server(int(port), host.strip("[]") or "0.0.0.0", registry)
        except OSError as error:
            raise ControlError(f"metrics: cannot listen on {address}: {error.strerror or error}") from error

    @property
    def port(self) -> int:
        """Where it listens; the one the system chose where 0 was asked for."""
        return int(self._server.server_port)

    def close(self) -> None:
        """Answer nobody any more; a scrape under way is finished."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> "Exporter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
