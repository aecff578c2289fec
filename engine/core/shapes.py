"""What the show commands of the core give as data."""

from typing import Any, TypedDict


class TraceEntry(TypedDict):
    """What one node noted of a packet. data: the node's own fields; text: as VPP prints them."""

    time: float
    node: str
    data: dict[str, Any]
    text: str


class TracedPacket(TypedDict):
    """A packet's way."""

    packet: int
    entries: list[TraceEntry]


class Asked(TypedDict):
    """Packets that an input node still is to trace."""

    node: str
    filter: str | None
    ring: int | None
    remaining: int
    interface: str | None


class Trace(TypedDict):
    """Traced packets. limited: how many are shown at most, where there are more."""

    limited: int | None
    filter: dict[str, Any] | str | None
    asked: list[Asked]
    packets: list[TracedPacket]


class ErrorCount(TypedDict):
    """A reason of a node."""

    index: int
    node: str
    reason: str
    count: int


class Errors(TypedDict):
    """All reasons that were counted."""

    errors: list[ErrorCount]


class NodeRun(TypedDict):
    """What a node did. clocks: of the processor, in all; max_clocks: of its longest call."""

    name: str
    state: str
    calls: int
    vectors: int
    suspends: int
    clocks: int
    max_clocks: int
    max_clocks_vectors: int
    clocks_per_packet: float
    vectors_per_call: float


Rates = TypedDict("Rates", {"in": float, "out": float, "drop": float, "punt": float})
Rates.__doc__ = "Packets per second."


class Runtime(TypedDict):
    """Since the start, or the last `clear runtime`: seconds, packets a call."""

    time: float
    average_vectors: float
    rates: Rates
    nodes: list[NodeRun]


class Buffers(TypedDict):
    """The pool of packet buffers. data_size, stride, mapped: in bytes."""

    total: int
    in_use: int
    cached: int
    free: int
    data_size: int
    stride: int
    mapped: int
    huge_pages: bool


class Arc(TypedDict):
    """A feature arc in the order in which packets pass."""

    name: str
    features: list[str]


class Features(TypedDict):
    """All feature arcs."""

    arcs: list[Arc]


class Way(TypedDict):
    """A next index of a node, where it leads, and the packets that took it."""

    index: int
    name: str
    vectors: int


class GraphNode(TypedDict):
    """A node of the graph. vectors: packets it has seen; previous: names of the nodes that lead to it."""

    name: str
    index: int
    type: str
    vectors: int
    next: list[Way]
    previous: list[str]


class NumberedWay(Way):
    """A next index, with the number of the node that it leads to."""

    node_index: int


class OneNode(TypedDict):
    """One node. previous: name and number of each node that leads to it."""

    name: str
    index: int
    type: str
    state: str
    vectors: int
    next: list[NumberedWay]
    previous: list[tuple[str, int]]


SHAPES = {
    "show trace": Trace,
    "show errors": Errors,
    "show runtime": Runtime,
    "show buffers": Buffers,
    "show features": Features,
    "show node": OneNode,
    "show vlib graph": list[GraphNode],
}
