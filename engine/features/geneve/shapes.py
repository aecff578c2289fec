"""What the show commands of Geneve give as data."""

from typing import TypedDict


class Tunnel(TypedDict):
    """A tunnel. decap_next: as VPP prints it. src_port: 0 when it is of each flow's hash."""

    index: int
    local: str
    remote: str
    vni: int
    fib_index: int
    sw_if_index: int
    encap_index: int
    decap_next: str
    l3_mode: bool
    src_port: int


SHAPES = {"show geneve tunnel": list[Tunnel]}
