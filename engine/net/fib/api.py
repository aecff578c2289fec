"""Binary API messages of tables, routes and addresses of interfaces."""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_interface
from typing import Any

from engine.messages import MessageTable
from engine.net.interface.api import ALL, MessageRefused, interface_of

from .entry import MASKS, Entry, Table
from .fib import FLOW_HASH_NAMES
from .path import PRIORITY
from .path_api import NO_SUCH_FIB, UNIMPLEMENTED, path_fields, path_from
from .tables import RouteError

messages = MessageTable()

# retvals (vnet/error.h)
NO_SUCH_ENTRY, INVALID_VALUE, NO_PATHS_IN_ROUTE = -6, -7, -52
ADDRESS_NOT_FOUND, ADDRESS_IN_USE, ADDRESS_FOUND, DUPLICATE_ADDRESS = -60, -105, -114, -127
INVALID_ADDRESS_FAMILY = -97
SOURCE = "API"
ANY_TABLE = 0xFFFFFFFF
# ip_flow_hash_config
FLOW_HASH_BITS = {"src": 1, "dst": 2, "sport": 4, "dport": 8, "proto": 16, "reverse": 32}


def prefix_of(value: Any) -> tuple[int, int]:
    """(address with its host bits, length) of an IPv4 prefix: text, ipaddress object, or {"address":, "len":}.

    Raises MessageRefused.
    """
    if isinstance(value, Mapping):
        value = f"{value.get('address')}/{value.get('len')}"
    try:
        prefix = ip_interface(value)
    except ValueError as error:
        raise MessageRefused(f"not a prefix: {value!r}", INVALID_VALUE) from error
    if isinstance(prefix.ip, IPv6Address):
        raise MessageRefused("there are tables of IPv4 only", INVALID_ADDRESS_FAMILY)
    return int(prefix.ip), prefix.network.prefixlen


def table_of(vpp: Any, table_id: int) -> Table:
    """A table by its id. Raises MessageRefused."""
    table: Table | None = vpp.fib.tables.get(table_id)
    if table is None:
        raise MessageRefused(f"no such table {table_id}", NO_SUCH_FIB)
    return table


def ip4_only(is_ip6: Any) -> None:
    if is_ip6:
        raise MessageRefused("there are tables of IPv4 only", UNIMPLEMENTED)


# ---- tables


@messages.message("ip_table_add_del", also=["ip_table_add_del_v2"])
def ip_table_add_del(vpp: Any, table: Mapping[str, Any], is_add: bool = True, create_mfib: bool = True) -> None:
    """Make a table {table_id, is_ip6, name}, or give it up; it goes when nothing else needs it."""
    ip4_only(table.get("is_ip6"))
    table_id = int(table.get("table_id", 0))
    if table_id == 0 or (not is_add and table_id not in vpp.fib.tables):
        return  # as VPP: the default table stays, and what is not there is gone already
    if not is_add:
        vpp.fib.delete_table(table_id, SOURCE)
        return
    known = table_id in vpp.fib.tables
    vpp.fib.add_table(table_id, SOURCE)
    if not known and table.get("name"):
        vpp.fib.tables[table_id].name = str(table["name"])


@messages.message("ip_table_allocate")
def ip_table_allocate(vpp: Any, table: Mapping[str, Any]) -> dict[str, Any]:
    """Make a table of an id that is free (table_id ~0), or of the one given."""
    table_id = int(table.get("table_id", ANY_TABLE))
    if table_id == ANY_TABLE:
        table_id = next(each for each in range(1, ANY_TABLE) if each not in vpp.fib.tables)
    ip_table_add_del(vpp, {**table, "table_id": table_id})
    return {"table": table_fields(vpp.fib.tables[table_id])}


@messages.message("ip_table_dump")
def ip_table_dump(vpp: Any) -> Iterator[dict[str, Any]]:
    """All tables."""
    for table in sorted(vpp.fib.tables.values(), key=lambda each: int(each.fib_index)):
        yield {"table": table_fields(table)}


def table_fields(table: Table) -> dict[str, Any]:
    return {"table_id": table.table_id, "is_ip6": False, "name": table.name}


@messages.message("ip_table_flush")
def ip_table_flush(vpp: Any, table: Mapping[str, Any]) -> None:
    """Delete the routes of a table that came by the API."""
    ip4_only(table.get("is_ip6"))
    found = table_of(vpp, int(table.get("table_id", 0)))
    for entry in list(found.entries.values()):
        vpp.fib.route_delete((entry.address, entry.length), None, found.table_id, SOURCE)


@messages.message("set_ip_flow_hash")
def set_ip_flow_hash(
    vpp: Any, vrf_id: int = 0, is_ipv6: bool = False, src: bool = False, dst: bool = False, sport: bool = False,
    dport: bool = False, proto: bool = False, reverse: bool = False, symmetric: bool = False,
) -> None:  # fmt: skip
    """What a table's flow hash is made of."""
    ip4_only(is_ipv6)
    table_of(vpp, vrf_id)
    chosen = {"src": src, "dst": dst, "sport": sport, "dport": dport, "proto": proto, "reverse": reverse}
    vpp.fib.set_flow_hash(vrf_id, [name for name, on in chosen.items() if on and name in FLOW_HASH_NAMES])


@messages.message("set_ip_flow_hash_v2", also=["set_ip_flow_hash_v3"])
def set_ip_flow_hash_v2(vpp: Any, flow_hash_config: int, table_id: int = 0, af: int = 0) -> None:
    """As set_ip_flow_hash, from bits."""
    set_ip_flow_hash(
        vpp, table_id, bool(af), **{name: bool(flow_hash_config & bit) for name, bit in FLOW_HASH_BITS.items()}
    )


# ---- routes


@messages.message("ip_route_add_del", also=["ip_route_add_del_v2"])
def ip_route_add_del(
    vpp: Any, route: Mapping[str, Any], is_add: bool = True, is_multipath: bool = False
) -> dict[str, Any]:
    """Let paths be all that a route {table_id, prefix, n_paths, paths} has, or with is_multipath add or remove them."""
    table = table_of(vpp, int(route.get("table_id", 0)))
    address, length = prefix_of(route["prefix"])
    paths = [path_from(vpp.fib, fields) for fields in route.get("paths", ())]
    if route.get("n_paths", len(paths)) != len(paths):
        raise MessageRefused(f"n_paths is {route['n_paths']}, but there are {len(paths)} paths", INVALID_VALUE)
    if not paths and (is_add or is_multipath):
        raise MessageRefused("expected paths.", NO_PATHS_IN_ROUTE)
    if is_add:
        vpp.fib.route_add((address, length), paths, table.table_id, SOURCE, replace=not is_multipath)
    else:
        vpp.fib.route_delete((address, length), paths if is_multipath else None, table.table_id, SOURCE)
    entry = table.find(address & MASKS[length], length)
    return {"stats_index": entry.load_balance if entry is not None and is_add else 0}


def route_fields(vpp: Any, entry: Entry, source: str | None = None) -> dict[str, Any]:
    """An entry as ip_route_v2: the paths of the source that forwards, or of the one named."""
    chosen = entry.sources[0] if source is None else entry.source(source)
    path_list = chosen.chosen(entry) if chosen is not None else None
    paths = [path_fields(vpp.fib, path) for path in path_list.paths] if path_list is not None else []
    return {
        "table_id": entry.table.table_id,
        "stats_index": entry.load_balance,
        "prefix": f"{IPv4Address(entry.address)}/{entry.length}",
        "n_paths": len(paths),
        "src": PRIORITY[chosen.name] if chosen is not None else 0,
        "paths": paths,
    }


def without_source(route: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in route.items() if name != "src"}


def shown_entries(vpp: Any, table: Mapping[str, Any]) -> Iterable[Entry]:
    """The entries of the table that a dump names, in the order in which VPP lists them."""
    ip4_only(table.get("is_ip6"))
    vpp.arp.take_over()
    return [entry for entry in table_of(vpp, int(table.get("table_id", 0))).ordered() if entry.sources]


@messages.message("ip_route_dump")
def ip_route_dump(vpp: Any, table: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All routes of a table {table_id, is_ip6}."""
    for entry in shown_entries(vpp, table):
        yield {"route": without_source(route_fields(vpp, entry))}


@messages.message("ip_route_v2_dump")
def ip_route_v2_dump(vpp: Any, table: Mapping[str, Any], src: int = 0) -> Iterator[dict[str, Any]]:
    """The routes of a table that come from a source, by the number that fib_source_dump gives it; 0: all."""
    names = {number: name for name, number in PRIORITY.items()}
    for entry in shown_entries(vpp, table):
        if not src or entry.source(names.get(src, "")) is not None:
            yield {"route": route_fields(vpp, entry, names[src] if src else None)}


@messages.message("fib_source_dump")
def fib_source_dump(vpp: Any) -> Iterator[dict[str, Any]]:
    """Who may say something of a prefix, best first."""
    for name, number in PRIORITY.items():
        yield {"src": {"priority": number, "id": number, "name": name}}


@messages.message("ip_route_lookup")
def ip_route_lookup(vpp: Any, prefix: Any, table_id: int = 0, exact: int = 0) -> dict[str, Any]:
    """The route of very that prefix (exact), or the longest that covers it."""
    return {"route": without_source(looked_up(vpp, prefix, table_id, exact))}


@messages.message("ip_route_lookup_v2")
def ip_route_lookup_v2(vpp: Any, prefix: Any, table_id: int = 0, exact: int = 0) -> dict[str, Any]:
    """As ip_route_lookup, with the route's source."""
    return {"route": looked_up(vpp, prefix, table_id, exact)}


def looked_up(vpp: Any, prefix: Any, table_id: int, exact: int) -> dict[str, Any]:
    vpp.arp.take_over()
    table = table_of(vpp, table_id)
    address, length = prefix_of(prefix)
    entry = table.find(address & MASKS[length], length)
    if (entry is None or not entry.sources) and not exact:
        entry = table.cover(address, length)
    if entry is None or not entry.sources:
        raise MessageRefused(f"no route to {prefix}", NO_SUCH_ENTRY)
    return route_fields(vpp, entry)


# ---- addresses of interfaces


@messages.message("sw_interface_add_del_address")
def sw_interface_add_del_address(
    vpp: Any, sw_if_index: int, prefix: Any = None, is_add: bool = True, del_all: bool = False
) -> None:
    """Give an interface an address, or take one, or all, from it."""
    interface = interface_of(vpp, sw_if_index)
    if del_all:
        for address, length in list(interface.addresses):
            vpp.fib.address_delete(sw_if_index, f"{address}/{length}")
        return
    address, length = prefix_of(prefix)
    known = (str(IPv4Address(address)), length) in interface.addresses
    if not is_add and not known:
        raise MessageRefused(f"{prefix} is no address of {interface.name}", ADDRESS_NOT_FOUND)
    if is_add and known:
        raise MessageRefused(f"{prefix} is an address of {interface.name} already", DUPLICATE_ADDRESS)
    try:
        (vpp.fib.address_add if is_add else vpp.fib.address_delete)(sw_if_index, (address, length))
    except RouteError as error:
        raise MessageRefused(str(error), ADDRESS_IN_USE) from error


@messages.message("ip_address_dump")
def ip_address_dump(vpp: Any, sw_if_index: int, is_ipv6: bool = False) -> Iterator[dict[str, Any]]:
    """The addresses of an interface."""
    interface = interface_of(vpp, sw_if_index)
    for address, length in [] if is_ipv6 else interface.addresses:
        yield {"sw_if_index": sw_if_index, "prefix": f"{address}/{length}"}


@messages.message("ip_unnumbered_dump")
def ip_unnumbered_dump(vpp: Any, sw_if_index: int = ALL) -> Iterator[dict[str, Any]]:
    """Interfaces (one, or all) that borrow the addresses of another, ip_sw_if_index."""
    for interface in vpp.interfaces:
        if interface.borrows is not None and sw_if_index in (ALL, interface.sw_if_index):
            yield {"sw_if_index": interface.sw_if_index, "ip_sw_if_index": interface.borrows.sw_if_index}


@messages.message("ip_dump")
def ip_dump(vpp: Any, is_ipv6: bool = False) -> Iterator[dict[str, Any]]:
    """Interfaces that have addresses."""
    for interface in vpp.interfaces:
        if interface.addresses and not is_ipv6:
            yield {"sw_if_index": interface.sw_if_index, "is_ipv6": False}


@messages.message("sw_interface_set_table")
def sw_interface_set_table(vpp: Any, sw_if_index: int, vrf_id: int, is_ipv6: bool = False) -> None:
    """Bind an interface, which must have no addresses, to a table."""
    interface = interface_of(vpp, sw_if_index)
    ip4_only(is_ipv6)
    table_of(vpp, vrf_id)
    if interface.addresses:
        raise MessageRefused(f"IP addresses are still present on {interface.name}", ADDRESS_FOUND)
    vpp.fib.bind_interface(sw_if_index, vrf_id)


@messages.message("sw_interface_get_table")
def sw_interface_get_table(vpp: Any, sw_if_index: int, is_ipv6: bool = False) -> dict[str, Any]:
    """The table an interface is bound to."""
    interface = interface_of(vpp, sw_if_index)
    return {"vrf_id": 0 if is_ipv6 else vpp.fib.table_id(interface.fib_index)}
