from collections.abc import Callable
from typing import Any

from ..core.graph import Graph
from .feed import Detached
from .wire import Wire

class Replay:
    def __init__(
        self,
        engines: list[tuple[Graph, list[Detached]]],
        wires: list[Wire] = ...,
        together: bool = False,
        trace: int = 0,
        max_crossings: int = 0,
    ) -> None: ...
    def run(self, progress: Callable[[int], Any] | None = None) -> None: ...
    def turn(self, until_ns: int = ...) -> bool: ...
    @property
    def next_captured_ns(self) -> int | None: ...
    def move_to(self, target_ns: int) -> None: ...
