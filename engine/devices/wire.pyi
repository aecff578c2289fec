from ..core.graph import Graph
from .feed import Detached

class Wire:
    name: str
    sender: Detached
    receiver: Detached
    sent: int
    received: int
    def __init__(self, name: str, sender: Detached, graph: Graph, receiver: Detached) -> None: ...
    def plug(self) -> None: ...
    def unplug(self) -> None: ...
