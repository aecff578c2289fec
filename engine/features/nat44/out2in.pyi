from ...core.graph import Graph
from .state import NatState

OUT2IN_ERRORS: tuple[str, ...]

def register(graph: Graph, state: NatState, next_nodes: tuple[str, ...]) -> None: ...
