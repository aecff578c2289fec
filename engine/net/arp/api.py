"""Binary API messages of neighbours."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address
from typing import Any

from engine.messages import MessageTable
from engine.net.arp.config import ProxyRange
from engine.net.fib.path_api import INVALID_VALUE, NO_SUCH_FIB, address_of
from engine.net.interface.api import ALL, MessageRefused, interface_of, mac_of

messages = MessageTable()

NO_SUCH_ENTRY = -6
STATIC, NO_FIB_ENTRY = 1, 2  # ip_neighbor_flags
IP4, IP6 = 0, 1  # address_family


@messages.message("ip_neighbor_add_del")
def ip_neighbor_add_del(vpp: Any, neighbor: Mapping[str, Any], is_add: bool = True) -> dict[str, Any]:
    """Add a neighbour {sw_if_index, flags, mac_address, ip_address}, change its MAC address, or forget it."""
    sw_if_index = interface_of(vpp, int(neighbor.get("sw_if_index", ALL))).sw_if_index
    if ":" in str(neighbor["ip_address"]):
        raise MessageRefused("neighbours of IPv4 only", INVALID_VALUE)
    address, flags = address_of(neighbor["ip_address"]), int(neighbor.get("flags", 0))
    if is_add:
        mac = mac_of(neighbor["mac_address"])
        vpp.arp.add(sw_if_index, address, mac, bool(flags & STATIC), bool(flags & NO_FIB_ENTRY))
    else:
        vpp.arp.delete(sw_if_index, address)
    adjacency = vpp.fib.adjacencies.by_key.get((sw_if_index, address))
    return {"stats_index": adjacency.index if adjacency is not None else 0}


@messages.message("ip_neighbor_dump")
def ip_neighbor_dump(vpp: Any, sw_if_index: int = ALL, af: int = IP4) -> Iterator[dict[str, Any]]:
    """The neighbours of one interface, or of all (~0). age: seconds since they were made or changed."""
    for entry in [] if af == IP6 else vpp.arp.neighbours():
        if sw_if_index not in (ALL, entry.sw_if_index):
            continue
        flags = (STATIC if entry.static else 0) | (NO_FIB_ENTRY if entry.no_fib_entry else 0)
        yield {
            "age": vpp.now() - entry.added_ns / 1e9,
            "neighbor": {
                "sw_if_index": entry.sw_if_index,
                "flags": flags,
                "mac_address": entry.mac.hex(":"),
                "ip_address": str(IPv4Address(entry.address)),
            },
        }


@messages.message("ip_neighbor_flush")
def ip_neighbor_flush(vpp: Any, af: int = IP4, sw_if_index: int = ALL) -> None:
    """Forget the neighbours of one interface, or of all (~0), but static ones."""
    for entry in [] if af == IP6 else vpp.arp.neighbours():
        if not entry.static and sw_if_index in (ALL, entry.sw_if_index):
            vpp.arp.delete(entry.sw_if_index, entry.address)


@messages.message("proxy_arp_add_del")
def proxy_arp_add_del(vpp: Any, proxy: Mapping[str, Any], is_add: bool = True) -> None:
    """Answer for the addresses of a range {table_id, low, hi} on the interfaces that proxy, or no more."""
    table_id = int(proxy.get("table_id", 0))
    if table_id not in vpp.fib.tables:
        raise MessageRefused(f"no such table {table_id}", NO_SUCH_FIB)
    low, high = int(address_of(proxy["low"])), int(address_of(proxy["hi"]))
    fib_index = vpp.fib.table(table_id).fib_index
    if is_add:
        vpp.arp.add_proxy(low, high, fib_index)
    elif ProxyRange(low, high, fib_index) in vpp.arp.proxies:
        vpp.arp.delete_proxy(low, high, fib_index)
    else:
        raise MessageRefused("No such entry", NO_SUCH_ENTRY)


@messages.message("proxy_arp_dump")
def proxy_arp_dump(vpp: Any) -> Iterator[dict[str, Any]]:
    """The ranges that are answered for, but those of tables that are gone."""
    for each in [each for each in vpp.arp.proxies if vpp.fib.by_index[each.fib_index] is not None]:
        low, high = str(IPv4Address(each.low)), str(IPv4Address(each.high))
        yield {"proxy": {"table_id": vpp.fib.table_id(each.fib_index), "low": low, "hi": high}}


@messages.message("proxy_arp_intfc_enable_disable")
def proxy_arp_intfc_enable_disable(vpp: Any, sw_if_index: int, enable: bool = True) -> None:
    """Whether an interface answers for those ranges."""
    vpp.interfaces.set_proxy_arp(interface_of(vpp, sw_if_index), bool(enable))


@messages.message("proxy_arp_intfc_dump")
def proxy_arp_intfc_dump(vpp: Any) -> Iterator[dict[str, Any]]:
    """The interfaces that do."""
    for interface in list(vpp.interfaces):
        if interface.proxy_arp:
            yield {"sw_if_index": interface.sw_if_index}
