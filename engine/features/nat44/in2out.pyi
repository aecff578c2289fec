from ...core.graph import Graph
from .state import NatState

IN2OUT_ERRORS: tuple[str, ...]

def register(graph: Graph, state: NatState) -> None: ...
