from collections.abc import Callable
from typing import Any

from ..core.graph import Graph
from .feed import Detached

class Replay:
    def __init__(self, graph: Graph, devices: list[Detached], together: bool = False, trace: int = 0) -> None: ...
    def run(self, progress: Callable[[int], Any] | None = None) -> None: ...
