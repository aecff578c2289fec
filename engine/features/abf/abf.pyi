from collections.abc import Sequence
from typing import Any

class AbfState:
    graph: Any
    acl_state: Any
    def __init__(self, graph: Any, acl: Any, *args: Any, **named: Any) -> None: ...
    def ensure_interface(self, sw_if_index: int) -> None: ...
    def set_attachments(
        self, sw_if_index: int, lc_index: int, attachments: Sequence[tuple[int, int, int]]
    ) -> None: ...
