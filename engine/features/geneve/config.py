"""Geneve (RFC 8926): what its tunnels are called and how their header begins."""

from typing import Any

from engine.net.interface.interface import DEFAULT_MTU
from engine.net.tunnel.config import Tunnels, Wanted

from . import input
from .trace import ENCAP_FORMAT

TRANSPARENT_ETHERNET = 0x6558  # version, options and flags in front of it are 0
L3_MAC = bytes.fromhex("d00beed0")  # followed by the tunnel's number


class Geneve(Tunnels):
    """The Geneve tunnels of a vswitch.

    Up to 18.10 the far end's load-balance is always met, so a tunnel that leads to a neighbour passes through
    ip4-load-balance, which one of VXLAN leaves out.
    """

    protocol, port, flags = "geneve", 6081, TRANSPARENT_ETHERNET
    ends = ("local", "remote")
    interface_prefix, encap_node, input_node = "geneve_tunnel", "geneve4-encap", "geneve4-input"

    def __init__(self, graph: Any, interfaces: Any, fib: Any, udp: Any) -> None:
        super().__init__(graph, interfaces, fib, udp, skips_single=False)

    def register(self) -> None:
        """Add the nodes."""
        input.register(self)
        self._register(ENCAP_FORMAT)

    def identity(self, wanted: Wanted) -> tuple[Any, ...]:
        """VPP tells its Geneve tunnels apart by far end and vni alone."""
        return (wanted.remote, wanted.vni)

    def interface_of(self, wanted: Wanted, index: int) -> tuple[str, bytes, int]:
        """In l3-mode an Ethernet interface, with a MAC address that VPP makes of the tunnel's number."""
        if not wanted.routed:
            return super().interface_of(wanted, index)
        return "geneve-l3", L3_MAC + index.to_bytes(2, "big"), DEFAULT_MTU
