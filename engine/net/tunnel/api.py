"""What the binary API messages of tunnels have in common."""

from ipaddress import AddressValueError, IPv4Address
from typing import Any

from engine.net.interface.api import ALL, MessageRefused

from .config import INVALID_DECAP_NEXT, L2_INPUT, NO_SUCH_ENTRY, Tunnels, Wanted

INVALID_ADDRESS_FAMILY = -97


def address_of(value: Any) -> IPv4Address:
    """An end of a tunnel: text, or an ipaddress object. Raises MessageRefused."""
    try:
        return IPv4Address(str(value))
    except AddressValueError as error:
        raise MessageRefused(f"no IPv4 address: {value!r}", INVALID_ADDRESS_FAMILY) from error


def decap_node(tunnels: Tunnels, next_index: int) -> str:
    """The node of a next index of the input node; l2-input for ~0. Raises MessageRefused."""
    nexts: list[str] = tunnels.graph.by_name[tunnels.input_node].next_names
    if next_index == ALL:
        return L2_INPUT
    if not 0 <= next_index < len(nexts):
        raise MessageRefused(f"{tunnels.input_node} has no next index {next_index}", INVALID_DECAP_NEXT)
    return nexts[next_index]


def next_index_of(tunnels: Tunnels, node: str) -> int:
    """The next index of the input node that leads to a node."""
    return int(tunnels.graph.by_name[tunnels.input_node].next_names.index(node))


def add_del(tunnels: Tunnels, wanted: Wanted, is_add: bool) -> dict[str, Any]:
    """Make a tunnel, or delete it; the reply names its interface. Raises MessageRefused, TunnelError."""
    if is_add:
        return {"sw_if_index": tunnels.add(wanted).interface.sw_if_index}
    tunnel = tunnels.find(wanted)
    if tunnel is None:
        raise MessageRefused("tunnel does not exist...", NO_SUCH_ENTRY)
    sw_if_index = tunnel.interface.sw_if_index
    tunnels.delete(tunnel)
    return {"sw_if_index": sw_if_index}
