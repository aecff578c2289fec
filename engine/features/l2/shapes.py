"""What the show commands of the L2 path give as data."""

from typing import TypedDict

from engine.net.interface.shapes import Layer2


class Member(TypedDict):
    """An interface of a bridge domain."""

    name: str
    sw_if_index: int
    sn: int
    shg: int
    bvi: bool
    rewrite: str


class KnownHost(TypedDict):
    """Whose ARP requests the domain answers itself."""

    address: str
    mac: str


class BridgeDomain(TypedDict):
    """A bridge domain; mac_age in minutes; bvi: its name."""

    bd_id: int
    bd_index: int
    sn: int
    mac_age: int
    bvi: str | None
    tag: str
    learn: bool
    forward: bool
    uu_flood: bool
    flood: bool
    arp_term: bool
    members: list[Member]
    arp: list[KnownHost]


class MacEntry(TypedDict):
    """An entry; age in minutes, None where it does not age."""

    mac: str
    bd_index: int
    sw_if_index: int
    bsn: int
    isn: int
    age: int | None
    provisioned: bool
    static: bool
    filter: bool
    bvi: bool
    interface: str


class MacTable(TypedDict):
    """The table of MAC addresses."""

    entries: list[MacEntry]
    total: int
    learned: int
    limit: int
    scan_seconds: float


SHAPES = {"show bridge-domain": list[BridgeDomain], "show l2fib": MacTable, "show mode": list[Layer2]}
