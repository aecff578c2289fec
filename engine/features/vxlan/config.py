"""VXLAN (RFC 7348): what its tunnels are called and how their header begins."""

from typing import Any

from engine.net.tunnel.config import Tunnels

from . import input
from .profile import PROFILES
from .trace import ENCAP_FORMAT

VNI_VALID = 0x08 << 24


class Vxlan(Tunnels):
    """The VXLAN tunnels of a vswitch."""

    protocol, port, flags = "vxlan", 4789, VNI_VALID
    ends = ("src", "dst")
    interface_prefix, encap_node, input_node = "vxlan_tunnel", "vxlan4-encap", "vxlan4-input"

    def __init__(self, graph: Any, interfaces: Any, fib: Any, udp: Any, profile: str = "18.01") -> None:
        super().__init__(graph, interfaces, fib, udp, PROFILES[profile].skips_single)

    def register(self) -> None:
        """Add the nodes."""
        input.register(self)
        self._register(ENCAP_FORMAT)
