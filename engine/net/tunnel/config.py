"""The control plane of tunnels over UDP: their interfaces, and how their packets find the way to the far end."""

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any, ClassVar

from engine.core.trace import TraceFormat
from engine.errors import ControlError
from engine.net.fib.entry import Entry

from . import encap
from .tunnel import TunnelState

MOST_VNI = (1 << 24) - 1
L2_INPUT = "l2-input"
LOAD_BALANCE = 4  # type of a bucket that leads to another load-balance

# retvals (vnet/api_errno.h)
NO_SUCH_FIB, NO_SUCH_ENTRY, INVALID_VALUE, INVALID_DST_ADDRESS = -3, -6, -7, -58
TUNNEL_EXIST, INVALID_DECAP_NEXT, SAME_SRC_DST, INSTANCE_IN_USE = -75, -76, -82, -147


class TunnelError(ControlError):
    """A tunnel that cannot be. retval: VPP's number for it."""

    def __init__(self, text: str, retval: int = -1) -> None:
        super().__init__(text)
        self.retval = retval


@dataclass(frozen=True)
class Outer:
    """What stands in front of a tunnel's frames: addresses and ports, the header's first word and the vni.

    source_port 0: of each flow's hash.
    """

    local: int
    remote: int
    port: int
    flags: int
    vni: int
    source_port: int = 0


@dataclass(frozen=True)
class Wanted:
    """A tunnel as somebody wants it. source_port 0: of each flow's hash. routed: an interface for IP, not a bridge."""

    local: IPv4Address
    remote: IPv4Address
    vni: int
    table_id: int = 0
    instance: int | None = None
    decap_next: str = L2_INPUT
    source_port: int = 0
    routed: bool = False


@dataclass(eq=False)
class Tunnel:
    """A tunnel. entry: the route of its far end, which tells it of changes by update()."""

    owner: "Tunnels"
    index: int
    instance: int
    wanted: Wanted
    fib_index: int
    interface: Any
    entry: Entry | None = None

    def update(self) -> None:
        """The way to the far end has changed."""
        if self.entry is not None:
            self.owner.restack(self)


class Tunnels(TunnelState):
    """The tunnels of one protocol of a vswitch. `tunnels`: by index. Methods raise TunnelError with nothing changed.

    A protocol says its names, its UDP port and the first word of its header. skips_single: a load-balance of one
    bucket behind the encapsulation is left out, its bucket taken at once.
    """

    protocol: ClassVar[str]
    port: ClassVar[int]
    flags: ClassVar[int]
    ends: ClassVar[tuple[str, str]]  # what the commands call the two addresses
    interface_prefix: ClassVar[str]
    encap_node: ClassVar[str]
    input_node: ClassVar[str]

    def __init__(self, graph: Any, interfaces: Any, fib: Any, udp: Any, skips_single: bool) -> None:
        self.udp, self.skips_single = udp, skips_single
        self.tunnels: dict[int, Tunnel] = {}

    def _register(self, encap_format: TraceFormat) -> None:
        """Add the encapsulating node. The port is taken whether there is a tunnel or not, as in VPP."""
        encap.register(self, self.encap_node, encap_format)
        self.udp.register_port(self.port, self.input_node)

    def ordered(self) -> list[Tunnel]:
        """By index."""
        return [tunnel for _, tunnel in sorted(self.tunnels.items())]

    def find(self, wanted: Wanted) -> Tunnel | None:
        """The tunnel that packets of these ends belong to, or None."""
        identity = self.identity(wanted)
        return next((each for each in self.tunnels.values() if self.identity(each.wanted) == identity), None)

    def identity(self, wanted: Wanted) -> tuple[Any, ...]:
        """What no two tunnels may have in common."""
        return (wanted.local, wanted.remote, wanted.vni, wanted.table_id)

    def add(self, wanted: Wanted) -> Tunnel:
        """A new tunnel with its interface, which is up at once."""
        self._check(wanted)
        if self.find(wanted) is not None:
            raise TunnelError("tunnel already exists...", TUNNEL_EXIST)
        index = self.new_tunnel()
        number = index if wanted.instance is None else wanted.instance
        if f"{self.interface_prefix}{number}" in self.interfaces.by_name:
            self.free_tunnel(index)
            raise TunnelError("Instance is in use", INSTANCE_IN_USE)
        interface = self.make_interface(f"{self.interface_prefix}{number}", *self.interface_of(wanted, index))
        tunnel = Tunnel(self, index, number, wanted, self.fib.table(wanted.table_id).fib_index, interface)
        self._open(tunnel)
        return tunnel

    def interface_of(self, wanted: Wanted, index: int) -> tuple[str, bytes, int]:
        """Kind, MAC address and MTU of a tunnel's interface: none of its own, and nothing checked."""
        return self.protocol, bytes(6), 0

    def _check(self, wanted: Wanted) -> None:
        local, remote = self.ends
        if wanted.local == wanted.remote:
            raise TunnelError(f"{local} and {remote} addresses are identical", SAME_SRC_DST)
        if wanted.local.is_multicast or wanted.remote.is_multicast:
            raise TunnelError(f"{remote} address must be unicast", INVALID_DST_ADDRESS)
        if not 0 <= wanted.vni <= MOST_VNI:
            raise TunnelError(f"vni {wanted.vni} out of range", INVALID_VALUE)
        if not 0 <= wanted.source_port <= 0xFFFF:
            raise TunnelError(f"source port {wanted.source_port} out of range", INVALID_VALUE)
        if wanted.table_id not in self.fib.tables:
            raise TunnelError(f"nonexistent encap-vrf-id {wanted.table_id}", NO_SUCH_FIB)
        if wanted.decap_next not in self.graph.by_name:
            raise TunnelError("next node not found", INVALID_DECAP_NEXT)

    def _open(self, tunnel: Tunnel) -> None:
        """Let it work: the way in, then the way out."""
        wanted = tunnel.wanted
        slot = self.graph.add_next(self.input_node, wanted.decap_next)
        outer = Outer(int(wanted.local), int(wanted.remote), self.port, self.flags, wanted.vni, wanted.source_port)
        self.open_tunnel(tunnel.index, tunnel.interface.sw_if_index, tunnel.fib_index, outer, slot, wanted.routed)
        self.tunnels[tunnel.index] = tunnel
        self.interfaces.use_output_node(tunnel.interface, self.encap_node)
        tunnel.entry = self.fib.track(tunnel.fib_index, int(wanted.remote), tunnel)
        self.restack(tunnel)
        self.interfaces.set_state(tunnel.interface, True)

    def restack(self, tunnel: Tunnel) -> None:
        """Lead encapsulated packets to the load-balance of the far end's route."""
        assert tunnel.entry is not None
        node, index = "ip4-load-balance", tunnel.entry.load_balance
        while self.skips_single:
            buckets = self.fib.buckets_of(index)
            if len(buckets) > 1:
                break
            kind, slot, index = buckets[0]
            node = self.graph.by_name["ip4-lookup"].next_names[slot]
            if kind != LOAD_BALANCE:
                break
        self.stack(tunnel.index, self.graph.add_next(self.encap_node, node), index)

    def delete(self, tunnel: Tunnel) -> None:
        """Give up a tunnel and its interface."""
        if tunnel.index not in self.tunnels:
            raise TunnelError("tunnel does not exist...", NO_SUCH_ENTRY)
        del self.tunnels[tunnel.index]
        self.interfaces.delete(tunnel.interface)
        entry, tunnel.entry = tunnel.entry, None
        self.fib.untrack(entry, tunnel)
        self.free_tunnel(tunnel.index)
