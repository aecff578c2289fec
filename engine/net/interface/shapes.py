"""What the show commands of interfaces give as data."""

from typing import NotRequired, TypedDict


class InterfaceRow(TypedDict):
    """An interface and its counters that are not zero. mtu: L3, IPv4, IPv6, MPLS."""

    name: str
    sw_if_index: int
    state: str
    mtu: list[int]
    counters: dict[str, int]


class Interfaces(TypedDict):
    """Interfaces by name."""

    interfaces: list[InterfaceRow]


class Layer2(TypedDict):
    """What an interface is: of which bridge domain, where it is bridged."""

    name: str
    mode: str
    bd_id: NotRequired[int]
    bd_index: NotRequired[int]
    bvi: NotRequired[bool]
    shg: NotRequired[int]
    peer: NotRequired[str]


class AddressRow(TypedDict):
    """The addresses of an interface; unnumbered: whose it borrows."""

    name: str
    up: bool
    unnumbered: str | None
    addresses: list[str]
    fib_index: int
    table_id: int
    l2: Layer2


class Addresses(TypedDict):
    """Interfaces by name."""

    interfaces: list[AddressRow]


class ArcOfInterface(TypedDict):
    """An arc's enabled features; None where none ever was."""

    name: str
    features: list[str] | None


class Layer2Feature(TypedDict):
    """A feature of the L2 path and its node."""

    feature: str
    node: str


class InterfaceFeatures(TypedDict):
    """What is enabled on an interface."""

    name: str
    arcs: list[ArcOfInterface]
    l2: dict[str, list[Layer2Feature]]


class HardwareRow(TypedDict):
    """A hardware interface."""

    name: str
    hw_if_index: int
    link: str
    kind: str
    mac: str


class Hardware(TypedDict):
    """Hardware interfaces by name."""

    brief: bool
    interfaces: list[HardwareRow]


SHAPES = {
    "show interface": Interfaces | Addresses | InterfaceFeatures,
    "show hardware-interfaces": Hardware,
}
