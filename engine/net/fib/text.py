"""Forwarding objects as VPP prints them: the text of adjacencies, load-balances and what they lead to."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

from engine.net.fib.fib import ADJACENCY, COMPLETE, DROP, GLEAN, LOAD_BALANCE, LOOKUP, PUNT
from engine.net.fib.path import NO_INTERFACE

if TYPE_CHECKING:
    from engine.net.fib.config import Routing

Fields = dict[str, Any]

NO_URPF_LIST = 0xFFFFFFFF
DEEPER = 6  # columns by which a load-balance inside another is moved


def interface_name(fib: Routing, sw_if_index: int) -> str:
    """Name of an interface, also of one that is gone."""
    by_index = fib.interfaces.by_index
    interface = by_index[sw_if_index] if sw_if_index < len(by_index) else None
    return interface.name if interface is not None else f"DELETED (sw_if_index {sw_if_index})"


def adjacency_fields(fib: Routing, index: int) -> Fields:
    """An adjacency as plain data; `mtu` is None where the release does not print it."""
    adjacency = fib.adjacencies.by_index.get(index)
    if adjacency is None:
        return {"index": index, "kind": "invalid"}
    kind = {GLEAN: "glean", COMPLETE: "complete"}.get(adjacency.kind, "incomplete")
    return {
        "index": index,
        "kind": kind,
        "next_hop": str(IPv4Address(adjacency.next_hop)),
        "interface": interface_name(fib, adjacency.sw_if_index),
        "mtu": adjacency.mtu if fib.profile.adjacency_mtu else None,
        "rewrite": adjacency.rewrite.hex(),
    }


def adjacency_text(fields: Fields) -> str:
    """One line."""
    if fields["kind"] == "invalid":
        return f"adjacency {fields['index']} invalid"
    if fields["kind"] == "incomplete":
        return f"arp-ipv4: via {fields['next_hop']} {fields['interface']}"
    mtu = "" if fields["mtu"] is None else f"mtu:{fields['mtu']} "
    if fields["kind"] == "glean":
        return f"ipv4-glean: {fields['interface']}: {mtu}{fields['rewrite']}"
    return f"ipv4 via {fields['next_hop']} {fields['interface']}: {mtu}{fields['rewrite']}"


def load_balance_fields(fib: Routing, index: int) -> Fields:
    """A load-balance with its counters and what its buckets lead to."""
    to, via = fib.load_balance_counters(index)
    buckets = [
        {"slot": slot, "object": object_fields(fib, kind, number)} for kind, slot, number in fib.buckets_of(index)
    ]
    urpf = fib.urpf_of(index)
    return {"index": index, "buckets": buckets, "urpf": -1 if urpf == NO_URPF_LIST else urpf, "to": to, "via": via}


def object_fields(fib: Routing, kind: int, index: int) -> Fields:
    """What a bucket leads to."""
    if kind == ADJACENCY:
        return {"type": "adjacency", "adjacency": adjacency_fields(fib, index)}
    if kind == LOAD_BALANCE:
        return {"type": "load-balance", "load_balance": load_balance_fields(fib, index)}
    if kind == DROP:
        return {"type": "drop"}
    if kind == PUNT:
        return {"type": "punt"}
    if kind == LOOKUP:
        return {"type": "lookup", "table": fib.by_index[index].name}
    sw_if_index, address = fib.receive_of(index)
    if sw_if_index == NO_INTERFACE:
        return {"type": "receive"}
    return {"type": "receive", "address": str(IPv4Address(address)), "interface": interface_name(fib, sw_if_index)}


def object_text(fields: Fields, column: int) -> str:
    """What a bucket leads to; column: where the bucket's line begins, for load-balances with lines of their own."""
    kind = fields["type"]
    if kind == "adjacency":
        return adjacency_text(fields["adjacency"])
    if kind == "load-balance":
        return load_balance_text(fields["load_balance"], column + DEEPER)
    if kind == "drop":
        return "dpo-drop ip4"
    if kind == "punt":
        return "dpo-punt"
    if kind == "lookup":
        return f"dst-address,unicast lookup in {fields['table']}"
    return f"dpo-receive: {fields['address']} on {fields['interface']}" if "address" in fields else "dpo-receive"


def load_balance_text(fields: Fields, column: int) -> str:
    """Its line and one for each bucket, these moved to a column."""
    counters = f"to:[{fields['to'][0]}:{fields['to'][1]}]"
    if fields["via"][0]:
        counters += f" via:[{fields['via'][0]}:{fields['via'][1]}]"
    lines = [
        f"dpo-load-balance: [proto:ip4 index:{fields['index']} buckets:{len(fields['buckets'])} "
        f"uRPF:{fields['urpf']} {counters}]"
    ]
    for number, bucket in enumerate(fields["buckets"]):
        text = object_text(bucket["object"], column)
        lines.append(f"{' ' * column}[{number}] [@{bucket['slot']}]: {text}")
    return "\n".join(lines)
