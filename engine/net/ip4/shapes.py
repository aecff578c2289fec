"""What the show commands of IPv4 give as data."""

from typing import NotRequired, TypedDict


class Fragment(TypedDict):
    """A part of a datagram that waits: its bytes, and those of them that are used."""

    range_first: int
    range_last: int
    first: int
    last: int
    length: int
    buffer: int


class Waiting(TypedDict):
    """A datagram that is not whole. total_length: None until its last fragment came."""

    number: int
    fib_index: int
    src: str
    dst: str
    fragment_id: int
    protocol: int
    first_buffer: int
    data_length: int
    total_length: int | None
    operations: int
    fragments: list[Fragment]


class Reassembly(TypedDict):
    """How many fragmented datagrams wait, and buffers with them; which, with details."""

    reassemblies: int
    limit: int
    buffers: int
    details: NotRequired[list[Waiting]]


SHAPES = {"show ip local": dict[str, str], "show ip4-reassembly": Reassembly}
