from typing import Any

from .workers import Workers

class NodeInfo:
    index: int
    name: str
    kind: str
    format_trace: Any
    next_names: list[str]
    errors: list[str]
    traceable: bool

class Graph(Workers):
    nodes: list[NodeInfo]
    by_name: dict[str, NodeInfo]
    def resolve(self) -> None: ...
    def add_next(self, name: str, next_name: str) -> int: ...
    def rename(self, name: str, new_name: str) -> None: ...
    def set_trace(self, name: str, n: int) -> None: ...
