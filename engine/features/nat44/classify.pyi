from ...core.graph import Graph
from ...core.trace import TraceFormat
from .state import NatState

def register(
    graph: Graph,
    state: NatState,
    name: str,
    next_nodes: tuple[str, ...],
    errors: tuple[str, ...],
    format_trace: TraceFormat | None,
) -> None: ...
