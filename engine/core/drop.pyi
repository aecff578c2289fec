from typing import Any

from .graph import Graph
from .trace import TraceFormat

FORMAT: TraceFormat

def decode(data: bytes, vpp: Any) -> dict[str, str]: ...
def register(graph: Graph) -> None: ...
