"""What the show commands of neighbours give as data."""

from typing import TypedDict


class Neighbour(TypedDict):
    """An entry. time: seconds of the engine's clock when it was made; flags: S static, D dynamic, N no route."""

    time: float
    address: str
    flags: str
    mac: str
    interface: str


SHAPES = {"show ip arp": list[Neighbour]}
