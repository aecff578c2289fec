"""What exists now of addresses, routes and tables, for completion."""

from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import Any

from engine.cli import IP4, PREFIX4, U32, Live


def prefixes(vpp: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """Routes of all tables."""
    for table in vpp.fib.tables.values():
        for entry in table.entries.values():
            yield f"{IPv4Address(entry.address)}/{entry.length}", f"route of table {table.table_id}"


def interface_addresses(vpp: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """Addresses of all interfaces, with their lengths."""
    for interface in vpp.interfaces:
        for address, length in interface.addresses:
            yield f"{address}/{length}", f"address of {interface.name}"


def tables(vpp: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """Numbers of tables."""
    return ((str(table_id), "table") for table_id in vpp.fib.tables)


def neighbours(vpp: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """Addresses of neighbours."""
    for entry in vpp.arp.neighbours():
        interface = vpp.interfaces.by_index[entry.sw_if_index]
        yield str(IPv4Address(entry.address)), f"neighbour on {interface.name}, {entry.mac.hex(':')}"


ROUTE = Live(PREFIX4, prefixes)
INTERFACE_ADDRESS = Live(PREFIX4, interface_addresses)
TABLE = Live(U32, tables)
NEIGHBOUR = Live(IP4, neighbours)
