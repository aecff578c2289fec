"""A static mapping as the control plane knows it."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Backend:
    """One local side of a load-balanced mapping."""

    address: int
    port: int
    probability: int
    vrf: int = 0
    fib_index: int = 0


@dataclass
class Mapping:
    """Addresses are ints in host order; protocol None means the address alone, with all ports and protocols.

    interface: sw_if_index whose first address is the external one; resolved tells whether it has one.
    twice_nat: None, "twice-nat" or "self-twice-nat". vrf, fib_index: table of the local side.
    """

    external: int
    local: int = 0
    protocol: str | None = None
    local_port: int = 0
    external_port: int = 0
    vrf: int = 0
    vrf_given: bool = field(default=False, compare=False)
    fib_index: int = 0
    twice_nat: str | None = None
    out2in_only: bool = False
    identity: bool = False
    backends: tuple[Backend, ...] = ()
    affinity: int = 0
    interface: int | None = None
    resolved: bool = True
    tag: str = ""
    index: int = field(default=-1, compare=False)

    @property
    def holds_table(self) -> bool:
        """Whether adding it locks the table, as VPP counts; deleting any mapping unlocks one."""
        return self.vrf_given or self.identity or bool(self.backends)

    @property
    def external_key(self) -> tuple[int, str | None, int]:
        """No two mappings have the same."""
        return self.external, self.protocol, self.external_port

    @property
    def local_key(self) -> tuple[int, str | None, int, int]:
        return self.local, self.protocol, self.local_port, self.fib_index

    @property
    def is_marked(self) -> bool:
        """Beside endpoint-independent ones: whether its sessions are endpoint-dependent all the same."""
        return self.protocol is not None and bool(self.backends or self.out2in_only or self.twice_nat)

    def local_sides(self) -> list[tuple[int, int, int]]:
        """(address, port, fib index) of each local side."""
        if self.backends:
            return [(backend.address, backend.port, backend.fib_index) for backend in self.backends]
        return [(self.local, self.local_port, self.fib_index)]
