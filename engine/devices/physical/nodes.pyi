from collections.abc import Callable

from ...core.graph import Graph
from ...net.interface.interface import Interfaces

class Physicals:
    def __init__(self, graph: Graph, interfaces: Interfaces, random_mac: Callable[[], bytes]) -> None: ...
    def create(self, name: str, mac: bytes | None = None) -> str: ...
