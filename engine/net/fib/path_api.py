"""Paths of routes as the binary API has them (fib_path), and ours."""

from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import Any

from engine.net.interface.api import MessageRefused

from .config import Routing
from .path import NO_INTERFACE, Path

# retvals (vnet/error.h)
NO_SUCH_FIB, INVALID_VALUE, UNIMPLEMENTED = -3, -7, -9
NEXT_HOP_PROTOCOL_UNSUPPORTED = -157

NORMAL, LOCAL, DROP = 0, 1, 2  # fib_path_type
IP4 = 0  # fib_path_nh_proto
NO_INDEX = 0xFFFFFFFF


def address_of(value: Any) -> int:
    """An IPv4 address: text, bytes, an ipaddress object, or the union {"ip4": ...}. Raises MessageRefused."""
    if isinstance(value, Mapping):
        if "un" in value:
            value = value["un"]
        value = value.get("ip4", 0)
    try:
        return int(IPv4Address(value))
    except ValueError as error:
        raise MessageRefused(f"not an IPv4 address: {value!r}", INVALID_VALUE) from error


def path_from(fib: Routing, fields: Mapping[str, Any]) -> Path:
    """A fib_path; fields that are missing are as vpp_papi sends them. Raises MessageRefused."""
    if fields.get("proto", IP4) != IP4:
        raise MessageRefused("paths of IPv4 only", NEXT_HOP_PROTOCOL_UNSUPPORTED)
    kind = fields.get("type", NORMAL)
    sw_if_index = int(fields.get("sw_if_index", NO_INTERFACE))
    next_hop = address_of(dict(fields.get("nh") or {}).get("address", 0))
    weight, preference = int(fields.get("weight", 1)) or 1, int(fields.get("preference", 0))
    if kind == DROP:
        return Path("special")
    if kind == LOCAL:
        return Path("receive", next_hop, sw_if_index)
    if kind != NORMAL:
        raise MessageRefused(f"no paths of type {kind}", UNIMPLEMENTED)
    if sw_if_index != NO_INTERFACE:
        return Path("attached-nexthop" if next_hop else "attached", next_hop, sw_if_index, 0, weight, preference)
    table_id = int(fields.get("table_id", 0))
    if table_id not in fib.tables:
        raise MessageRefused(f"no such table {table_id}", NO_SUCH_FIB)
    fib_index = fib.tables[table_id].fib_index
    return Path("recursive" if next_hop else "deag", next_hop, NO_INTERFACE, fib_index, weight, preference)


def path_fields(fib: Routing, path: Path) -> dict[str, Any]:
    """A path as fib_path."""
    through_table = path.kind in ("recursive", "deag")
    return {
        "sw_if_index": path.sw_if_index,
        "table_id": fib.table_id(path.fib_index) if through_table else 0,
        "rpf_id": NO_INDEX,
        "weight": path.weight,
        "preference": path.preference,
        "type": {"special": DROP, "exclusive": DROP, "receive": LOCAL}.get(path.kind, NORMAL),
        "flags": 0,
        "proto": IP4,
        "nh": {
            "address": {"ip4": str(IPv4Address(path.next_hop))},
            "via_label": 0,
            "obj_id": NO_INDEX,
            "classify_table_index": NO_INDEX,
        },
        "n_labels": 0,
        "label_stack": [],
    }
