"""The control plane of VXLAN: tunnels, their interfaces, and how their packets find the way to the far end."""

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any

from engine.errors import ControlError
from engine.net.fib.entry import Entry

from . import encap, input
from .vxlan import VxlanState

PORT = 4789
MOST_VNI = (1 << 24) - 1
L2_INPUT = "l2-input"
LOAD_BALANCE = 4  # type of a bucket that leads to another load-balance


# retvals (vnet/api_errno.h)
NO_SUCH_FIB, NO_SUCH_ENTRY, INVALID_VALUE, INVALID_DST_ADDRESS = -3, -6, -7, -58
TUNNEL_EXIST, INVALID_DECAP_NEXT, SAME_SRC_DST, INSTANCE_IN_USE = -75, -76, -82, -147


class VxlanError(ControlError):
    """A tunnel that cannot be. retval: VPP's number for it."""

    def __init__(self, text: str, retval: int = -1) -> None:
        super().__init__(text)
        self.retval = retval


@dataclass(eq=False)
class Tunnel:
    """A tunnel. entry: the route of its far end, which tells it of changes by update()."""

    vxlan: "Vxlan"
    index: int
    instance: int
    src: IPv4Address
    dst: IPv4Address
    vni: int
    table_id: int
    fib_index: int
    decap_next: str
    interface: Any
    entry: Entry | None = None

    def update(self) -> None:
        """The way to the far end has changed."""
        if self.entry is not None:
            self.vxlan.restack(self)


class Vxlan(VxlanState):
    """The VXLAN tunnels of a vswitch. `tunnels`: by index. Methods raise VxlanError with nothing changed."""

    def __init__(self, graph: Any, interfaces: Any, fib: Any, udp: Any, profile: str = "18.01") -> None:
        self.udp = udp
        self.tunnels: dict[int, Tunnel] = {}

    def register(self) -> None:
        """Add the nodes. The port is taken whether there is a tunnel or not, as in VPP."""
        input.register(self)
        encap.register(self)
        self.udp.register_port(PORT, "vxlan4-input")

    def find(self, src: IPv4Address, dst: IPv4Address, vni: int, table_id: int) -> Tunnel | None:
        """The tunnel of these ends, or None."""
        wanted = (src, dst, vni, table_id)
        return next(
            (each for each in self.tunnels.values() if (each.src, each.dst, each.vni, each.table_id) == wanted), None
        )

    def add(self, src: IPv4Address, dst: IPv4Address, vni: int, table_id: int = 0, instance: int | None = None,
            decap_next: str = L2_INPUT) -> Tunnel:  # fmt: skip
        """A new tunnel with its interface, which is up at once."""
        self._check(src, dst, vni, table_id, decap_next)
        if self.find(src, dst, vni, table_id) is not None:
            raise VxlanError("tunnel already exists...", TUNNEL_EXIST)
        index = self.new_tunnel()
        number = index if instance is None else instance
        if f"vxlan_tunnel{number}" in self.interfaces.by_name:
            self.free_tunnel(index)
            raise VxlanError("Instance is in use", INSTANCE_IN_USE)
        interface = self.make_interface(f"vxlan_tunnel{number}")
        fib_index = self.fib.table(table_id).fib_index
        tunnel = Tunnel(self, index, number, src, dst, vni, table_id, fib_index, decap_next, interface)
        self._open(tunnel)
        return tunnel

    def _check(self, src: IPv4Address, dst: IPv4Address, vni: int, table_id: int, decap_next: str) -> None:
        if src == dst:
            raise VxlanError("src and dst addresses are identical", SAME_SRC_DST)
        if src.is_multicast or dst.is_multicast:
            raise VxlanError("dst address must be unicast", INVALID_DST_ADDRESS)
        if not 0 <= vni <= MOST_VNI:
            raise VxlanError(f"vni {vni} out of range", INVALID_VALUE)
        if table_id not in self.fib.tables:
            raise VxlanError(f"nonexistent encap-vrf-id {table_id}", NO_SUCH_FIB)
        if decap_next not in self.graph.by_name:
            raise VxlanError("next node not found", INVALID_DECAP_NEXT)

    def _open(self, tunnel: Tunnel) -> None:
        """Let it work: the way in, then the way out."""
        slot = self.graph.add_next("vxlan4-input", tunnel.decap_next)
        ends = (int(tunnel.src), int(tunnel.dst), tunnel.fib_index)
        self.open_tunnel(tunnel.index, tunnel.interface.sw_if_index, *ends, tunnel.vni, slot)
        self.tunnels[tunnel.index] = tunnel
        self.interfaces.use_output_node(tunnel.interface, "vxlan4-encap")
        tunnel.entry = self.fib.track(tunnel.fib_index, int(tunnel.dst), tunnel)
        self.restack(tunnel)
        self.interfaces.set_state(tunnel.interface, True)

    def restack(self, tunnel: Tunnel) -> None:
        """Lead encapsulated packets to the load-balance of the far end's route."""
        assert tunnel.entry is not None
        node, index = "ip4-load-balance", tunnel.entry.load_balance
        while self.profile.skips_single:
            buckets = self.fib.buckets_of(index)
            if len(buckets) > 1:
                break
            kind, slot, index = buckets[0]
            node = self.graph.by_name["ip4-lookup"].next_names[slot]
            if kind != LOAD_BALANCE:
                break
        self.stack(tunnel.index, self.graph.add_next("vxlan4-encap", node), index)

    def delete(self, tunnel: Tunnel) -> None:
        """Give up a tunnel and its interface."""
        if tunnel.index not in self.tunnels:
            raise VxlanError("tunnel does not exist...", NO_SUCH_ENTRY)
        del self.tunnels[tunnel.index]
        self.interfaces.delete(tunnel.interface)
        entry, tunnel.entry = tunnel.entry, None
        self.fib.untrack(entry, tunnel)
        self.free_tunnel(tunnel.index)
