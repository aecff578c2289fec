from collections.abc import Callable

from ...core.graph import Graph
from ...net.interface.interface import Interfaces

class Taps:
    def __init__(self, graph: Graph, interfaces: Interfaces, random_mac: Callable[[], bytes]) -> None: ...
    def create(self, tap_id: int | None = None, mac: bytes | None = None) -> str: ...
