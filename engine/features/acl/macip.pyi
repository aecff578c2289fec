from collections.abc import Sequence
from typing import Any

IP4: int
IP6: int
ARP: int
ENTRY_SIZE: int

class MacipChain:
    def __init__(self, steps: Sequence[Any], entries: Sequence[Any]) -> None: ...
    def hits(self) -> list[tuple[int, int]]: ...

class MacipState:
    graph: Any
    def __init__(self, graph: Any) -> None: ...
    def set_chain(self, sw_if_index: int, is_input: bool, chain: MacipChain | None) -> None: ...
