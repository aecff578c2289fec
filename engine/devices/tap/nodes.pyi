from collections.abc import Callable

from ...core.graph import Graph
from ...live.live import Live
from ...net.interface.interface import Interfaces
from .host import HostSide

class Taps:
    def __init__(self, graph: Graph, interfaces: Interfaces, random_mac: Callable[[], bytes], live: Live) -> None: ...
    def create(
        self, tap_id: int | None = None, mac: bytes | None = None, host: HostSide | None = None, queues: int = 1
    ) -> str: ...
    def free_id(self) -> int: ...
    def close(self) -> None: ...
