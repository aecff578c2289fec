"""Binary API messages of Geneve."""

from collections.abc import Iterator
from typing import Any

from engine.messages import MessageTable
from engine.net.interface.api import ALL
from engine.net.tunnel.api import add_del, address_of, decap_node, next_index_of
from engine.net.tunnel.config import Tunnel, Wanted

messages = MessageTable()


@messages.message("geneve_add_del_tunnel", also=["geneve_add_del_tunnel2"])
def geneve_add_del_tunnel(
    vpp: Any,
    local_address: Any,
    remote_address: Any,
    vni: int,
    is_add: bool = True,
    mcast_sw_if_index: int = ALL,
    encap_vrf_id: int = 0,
    decap_next_index: int = ALL,
    l3_mode: bool = False,
    src_port: int = 0,
) -> dict[str, Any]:
    """Make a tunnel, or delete it. decap_next_index: of geneve4-input, ~0 for l2-input.

    src_port is ours: the UDP port to send from, 0 for one of each flow's hash.
    """
    node = decap_node(vpp.geneve, decap_next_index)
    wanted = Wanted(address_of(local_address), address_of(remote_address), vni, encap_vrf_id, None, node, src_port,
                    bool(l3_mode))  # fmt: skip
    return add_del(vpp.geneve, wanted, is_add)


@messages.message("geneve_tunnel_dump")
def geneve_tunnel_dump(vpp: Any, sw_if_index: int = ALL) -> Iterator[dict[str, Any]]:
    """The tunnel of one interface, or all (~0)."""
    for tunnel in vpp.geneve.ordered():
        if sw_if_index in (ALL, tunnel.interface.sw_if_index):
            yield details(vpp, tunnel)


def details(vpp: Any, tunnel: Tunnel) -> dict[str, Any]:
    """geneve_tunnel_details."""
    return {
        "sw_if_index": tunnel.interface.sw_if_index,
        "src_address": str(tunnel.wanted.local),
        "dst_address": str(tunnel.wanted.remote),
        "mcast_sw_if_index": ALL,
        "encap_vrf_id": tunnel.wanted.table_id,
        "decap_next_index": next_index_of(vpp.geneve, tunnel.wanted.decap_next),
        "vni": tunnel.wanted.vni,
    }
