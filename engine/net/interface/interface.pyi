from collections.abc import Iterator
from typing import Any

from ...core.features import Features
from ...core.graph import Graph

DEFAULT_MTU: int
COUNTER_NAMES: tuple[str, ...]

class Interface:
    name: str
    kind: str
    sw_if_index: int
    hw_if_index: int
    mac: bytes
    mac_text: str
    admin_up: bool
    link_up: bool
    mtu: int
    fib_index: int
    addresses: list[tuple[str, int]]
    used_addresses: list[tuple[str, int]]
    borrows: Interface | None
    input_node: str
    device: Any

class Interfaces:
    by_index: list[Interface | None]
    by_name: dict[str, Interface]
    def __init__(self, graph: Graph, features: Features) -> None: ...
    def __iter__(self) -> Iterator[Interface]: ...
    def observe(self, observer: object) -> None: ...
    def get(self, name: str | int) -> Interface: ...
    def delete(self, interface: Interface) -> None: ...
    def set_state(self, interface: Interface, up: bool) -> None: ...
    def set_mac(self, interface: Interface, mac: bytes) -> None: ...
    def set_unnumbered(self, interface: Interface, lender: Interface | None) -> None: ...
    def set_mtu(self, interface: Interface, mtu: int) -> None: ...
    def changed(self, interface: Interface) -> None: ...
    def counters(self, interface: Interface) -> dict[str, int]: ...
    def clear_counters(self, interface: Interface | None = None) -> None: ...
