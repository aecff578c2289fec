"""What the show commands of neighbours give as data."""

from typing import TypedDict


class Neighbour(TypedDict):
    """An entry. time: seconds of the engine's clock when it was made; flags: S static, D dynamic, N no route."""

    time: float
    address: str
    flags: str
    mac: str
    interface: str


class ProxyRange(TypedDict):
    """Addresses answered for, both ends included."""

    fib_index: int
    low: str
    high: str


class Neighbours(TypedDict):
    """What is known of neighbours, and for whom the interfaces that proxy answer."""

    neighbours: list[Neighbour]
    proxies: list[ProxyRange]


SHAPES = {"show ip arp": Neighbours}
