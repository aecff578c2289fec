"""What NAT44's show commands give as data."""

from typing import NotRequired, TypedDict


class BusyPorts(TypedDict):
    """Ports in use, by protocol."""

    udp: int
    tcp: int
    icmp: int


class PoolAddress(TypedDict):
    """An address of a pool. tenant_vrf: None for any."""

    address: str
    tenant_vrf: int | None
    busy: BusyPorts


class Addresses(TypedDict):
    """Both pools."""

    addresses: list[PoolAddress]
    twice_nat_addresses: list[PoolAddress]


class InterfaceRoles(TypedDict):
    """What an interface is for NAT."""

    interface: str
    roles: list[str]
    output_feature: bool


class AddressInterfaces(TypedDict):
    """Interfaces whose addresses are in the pools."""

    interfaces: list[str]
    twice_nat_interfaces: list[str]


class Local(TypedDict):
    """The inside of a mapping."""

    address: str
    port: int
    vrf: int


class Outside(TypedDict):
    """The outside of a mapping; address: the interface's name while it has none."""

    address: str
    port: int


class Backend(TypedDict):
    """One of several insides."""

    address: str
    port: int
    vrf: int
    probability: int


class StaticMapping(TypedDict):
    """A static mapping; protocol None: the address with all ports."""

    protocol: str | None
    local: Local
    external: Outside
    backends: list[Backend]
    twice_nat: str | None
    out2in_only: bool
    identity: bool
    resolved: bool


class Side(TypedDict):
    """What packets of a session have on one side of NAT."""

    address: str
    port: int
    fib: int


class Host(TypedDict):
    """The other end."""

    address: str
    port: int


class Session(TypedDict):
    """A session. protocol: its name, or number << 8 of one that NAT does not know; last_heard in seconds."""

    index: int
    protocol: str | int
    i2o: Side
    o2i: Side
    external_host: Host
    external_host_nat: Host
    has_external_host: bool
    last_heard: float
    packets: int
    bytes: int
    static: bool
    kinds: list[str]


class User(TypedDict):
    """An inside address, with its sessions in detail."""

    address: str
    dynamic: int
    static: int
    sessions: NotRequired[list[Session]]


class Sessions(TypedDict):
    """Users that have sessions."""

    count: int
    users: list[User]


class ByProtocol(TypedDict):
    """Numbers of sessions."""

    udp: int
    tcp: int
    icmp: int
    other: int
    established: int
    transitory: int


class Summary(TypedDict):
    """NAT at a glance."""

    max_sessions: int
    max_per_user: int
    users: int
    sessions: int
    mappings: int
    forwarding: bool
    by_protocol: ByProtocol


class HashTable(TypedDict):
    """A hash table; memory in bytes."""

    count: int
    n_buckets: int
    n_slots: int
    memory: int
    longest_chain: int


class Algorithm(TypedDict):
    """How outside ports are chosen."""

    name: str
    psid: int
    psid_offset: int
    psid_length: int
    first_port: int
    last_port: int


class WaitingFragments(TypedDict):
    """A datagram whose first fragment has not come."""

    src: str
    dst: str
    protocol: int
    id: int
    held: int
    class_next: str


class FamilyReassembly(TypedDict):
    """Settings of one IP version, and what waits; timeout in seconds."""

    max_reassemblies: int
    max_fragments: int
    timeout: int
    drop: bool
    reassemblies: list[WaitingFragments]


class Reassembly(TypedDict):
    """Virtual reassembly."""

    ip4: FamilyReassembly
    ip6: FamilyReassembly


Timeouts = TypedDict("Timeouts", {"udp": int, "tcp-established": int, "tcp-transitory": int, "icmp": int})
Timeouts.__doc__ = "Seconds."

SHAPES = {
    "show nat44 addresses": Addresses,
    "show nat44 interfaces": list[InterfaceRoles],
    "show nat44 interface address": AddressInterfaces,
    "show nat44 static mappings": list[StaticMapping],
    "show nat44 sessions": Sessions,
    "show nat44 summary": Summary,
    "show nat44 hash tables": dict[str, HashTable],
    "show nat timeouts": Timeouts,
    "show nat addr-port-assignment-alg": Algorithm,
    "show nat mss-clamping": int,
    "show nat virtual-reassembly": Reassembly,
}
