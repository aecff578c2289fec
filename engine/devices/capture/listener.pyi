from os import PathLike

from engine.core.bpf import PacketFilter
from engine.core.graph import Graph

PLACES: tuple[str, ...]

class Listener:
    places: tuple[str, ...]
    filter: PacketFilter | None
    def __init__(
        self,
        graph: Graph,
        places: tuple[str, ...],
        path: str | PathLike[str],
        max_packets: int,
        max_bytes: int,
        sw_if_index: int | None = None,
        filter: PacketFilter | None = None,
    ) -> None: ...
    @property
    def path(self) -> str: ...
    @property
    def count(self) -> int: ...
    @property
    def max_packets(self) -> int: ...
    @property
    def sw_if_index(self) -> int | None: ...
    def stop(self) -> None: ...
    def flush(self) -> None: ...
    def close(self) -> None: ...
