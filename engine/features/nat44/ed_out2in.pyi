from ...core.graph import Graph
from .state import NatState

def register(graph: Graph, state: NatState, next_nodes: tuple[str, ...]) -> None: ...
