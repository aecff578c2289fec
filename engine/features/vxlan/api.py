"""Binary API messages of VXLAN."""

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address
from typing import Any

from engine.messages import MessageTable
from engine.net.interface.api import ALL, MessageRefused

from .config import INVALID_DECAP_NEXT, L2_INPUT, NO_SUCH_ENTRY, PORT, Tunnel

messages = MessageTable()

INVALID_ADDRESS_FAMILY, UNIMPLEMENTED = -97, -9
INPUT = "vxlan4-input"


def address_of(value: Any) -> IPv4Address:
    """An end of a tunnel: text, or an ipaddress object. Raises MessageRefused."""
    try:
        return IPv4Address(str(value))
    except AddressValueError as error:
        raise MessageRefused(f"no IPv4 address: {value!r}", INVALID_ADDRESS_FAMILY) from error


def decap_node(vpp: Any, next_index: int) -> str:
    """The node of a next index of the input node; l2-input for ~0. Raises MessageRefused."""
    nexts: list[str] = vpp.graph.by_name[INPUT].next_names
    if next_index == ALL:
        return L2_INPUT
    if not 0 <= next_index < len(nexts):
        raise MessageRefused(f"{INPUT} has no next index {next_index}", INVALID_DECAP_NEXT)
    return nexts[next_index]


@messages.message("vxlan_add_del_tunnel", also=["vxlan_add_del_tunnel_v2", "vxlan_add_del_tunnel_v3"])
def vxlan_add_del_tunnel(
    vpp: Any, src_address: Any, dst_address: Any, vni: int, is_add: bool = True, instance: int = ALL,
    mcast_sw_if_index: int = ALL, encap_vrf_id: int = 0, decap_next_index: int = ALL, src_port: int = PORT,
    dst_port: int = PORT, is_l3: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Make a tunnel with its interface, or delete it.

    decap_next_index: a next index of vxlan4-input, ~0 for the bridge. The port is 4789.
    """
    if is_l3 or (src_port or PORT, dst_port or PORT) != (PORT, PORT):
        raise MessageRefused(f"tunnels carry Ethernet frames to and from port {PORT}", UNIMPLEMENTED)
    ends = (address_of(src_address), address_of(dst_address), vni, encap_vrf_id)
    if is_add:
        number = None if instance == ALL else instance
        tunnel = vpp.vxlan.add(*ends, number, decap_node(vpp, decap_next_index))
        return {"sw_if_index": tunnel.interface.sw_if_index}
    tunnel = vpp.vxlan.find(*ends)
    if tunnel is None:
        raise MessageRefused("tunnel does not exist...", NO_SUCH_ENTRY)
    sw_if_index = tunnel.interface.sw_if_index
    vpp.vxlan.delete(tunnel)
    return {"sw_if_index": sw_if_index}


def details(vpp: Any, tunnel: Tunnel) -> dict[str, Any]:
    return {
        "sw_if_index": tunnel.interface.sw_if_index,
        "instance": tunnel.instance,
        "src_address": str(tunnel.src),
        "dst_address": str(tunnel.dst),
        "mcast_sw_if_index": ALL,
        "encap_vrf_id": tunnel.table_id,
        "decap_next_index": vpp.graph.by_name[INPUT].next_names.index(tunnel.decap_next),
        "vni": tunnel.vni,
    }


@messages.message("vxlan_tunnel_dump")
def vxlan_tunnel_dump(vpp: Any, sw_if_index: int = ALL) -> Iterator[dict[str, Any]]:
    """Tunnels, all or that of an interface."""
    for _, tunnel in sorted(vpp.vxlan.tunnels.items()):
        if sw_if_index in (ALL, tunnel.interface.sw_if_index):
            yield details(vpp, tunnel)


@messages.message("vxlan_tunnel_v2_dump")
def vxlan_tunnel_v2_dump(vpp: Any, sw_if_index: int = ALL) -> Iterator[dict[str, Any]]:
    """As vxlan_tunnel_dump, with the ports."""
    for each in vxlan_tunnel_dump(vpp, sw_if_index):
        yield {**each, "src_port": PORT, "dst_port": PORT}
