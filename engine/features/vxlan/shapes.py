"""What the show commands of VXLAN give as data."""

from typing import TypedDict


class Tunnel(TypedDict):
    """A tunnel."""

    index: int
    instance: int
    src: str
    dst: str
    vni: int
    fib_index: int
    sw_if_index: int
    encap_index: int
    decap_next: str


SHAPES = {"show vxlan tunnel": list[Tunnel]}
