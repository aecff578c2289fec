"""Binary API messages of VXLAN."""

from collections.abc import Iterator
from typing import Any

from engine.messages import MessageTable
from engine.net.interface.api import ALL, MessageRefused
from engine.net.tunnel.api import add_del, address_of, decap_node, next_index_of
from engine.net.tunnel.config import Tunnel, Wanted

from .config import Vxlan

messages = MessageTable()

UNIMPLEMENTED = -9
PORT = Vxlan.port


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
    number = None if instance == ALL else instance
    node = decap_node(vpp.vxlan, decap_next_index)
    wanted = Wanted(address_of(src_address), address_of(dst_address), vni, encap_vrf_id, number, node)
    return add_del(vpp.vxlan, wanted, is_add)


def details(vpp: Any, tunnel: Tunnel) -> dict[str, Any]:
    return {
        "sw_if_index": tunnel.interface.sw_if_index,
        "instance": tunnel.instance,
        "src_address": str(tunnel.wanted.local),
        "dst_address": str(tunnel.wanted.remote),
        "mcast_sw_if_index": ALL,
        "encap_vrf_id": tunnel.wanted.table_id,
        "decap_next_index": next_index_of(vpp.vxlan, tunnel.wanted.decap_next),
        "vni": tunnel.wanted.vni,
    }


@messages.message("vxlan_tunnel_dump")
def vxlan_tunnel_dump(vpp: Any, sw_if_index: int = ALL) -> Iterator[dict[str, Any]]:
    """Tunnels, all or that of an interface."""
    for tunnel in vpp.vxlan.ordered():
        if sw_if_index in (ALL, tunnel.interface.sw_if_index):
            yield details(vpp, tunnel)


@messages.message("vxlan_tunnel_v2_dump")
def vxlan_tunnel_v2_dump(vpp: Any, sw_if_index: int = ALL) -> Iterator[dict[str, Any]]:
    """As vxlan_tunnel_dump, with the ports."""
    for each in vxlan_tunnel_dump(vpp, sw_if_index):
        yield {**each, "src_port": PORT, "dst_port": PORT}
