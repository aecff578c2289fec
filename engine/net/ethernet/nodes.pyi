from ...core.graph import Graph
from ..interface.interface import Interfaces

NEXT_NODES: tuple[str, ...]
ERRORS: tuple[str, ...]

def register(graph: Graph, interfaces: Interfaces) -> None: ...
