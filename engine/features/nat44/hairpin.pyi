from ...core.graph import Graph
from .state import NatState

ERRORS: tuple[str, ...]

def register(graph: Graph, state: NatState, prefix: str) -> None: ...
