from ...core.graph import Graph
from .state import NatState

ED_IN2OUT_ERRORS: tuple[str, ...]

def register(graph: Graph, state: NatState) -> None: ...
