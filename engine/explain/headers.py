"""The addresses and ports that a trace entry shows, whichever node it is of."""

from typing import Any

from engine.wire.names import IP_PROTOCOLS
from engine.wire.text import icmp4_type_text, ip4_decode

Fields = dict[str, Any]

ICMP = 1


def header_of(entry: Fields) -> Fields | None:
    """The IPv4 header an entry shows, as ip4_decode gives it; None where it shows none."""
    data = entry["data"] or {}
    if "ip4" in data:
        header = data["ip4"]
    elif "frame" in data:
        header = data["frame"]["payload"] if data["frame"]["ethernet"].get("type") == 0x0800 else None
    elif "adjacency" in data and "data" in data:  # a rewritten packet
        header = ip4_decode(bytes.fromhex(data["data"])[len(data["adjacency"].get("rewrite", "")) // 2 :])
    else:
        header = None
    return None if header is None or header["truncated"] else header


def flow_of(header: Fields) -> Fields:
    """The five fields that tell flows apart; ports are None where the protocol has none."""
    l4 = header["l4"] if header["l4"] is not None and not header["l4"]["truncated"] else {}
    return {
        "protocol": header["protocol"],
        "src": header["src"],
        "sport": l4.get("src_port"),
        "dst": header["dst"],
        "dport": l4.get("dst_port"),
    }


def flow_text(header: Fields) -> str:
    """`tcp 10.1.1.3:51082 -> 10.1.1.5:8080`."""
    flow = flow_of(header)
    name = IP_PROTOCOLS.get(flow["protocol"], f"protocol {flow['protocol']}").lower()
    text = f"{name} {end_text(flow, 'src')} -> {end_text(flow, 'dst')}"
    if flow["protocol"] == ICMP and header["l4"] is not None and not header["l4"]["truncated"]:
        text += f" {icmp4_type_text(header['l4']['type'], header['l4']['code'])}"
    return text


def end_text(flow: Fields, side: str) -> str:
    """Address, and port where there is one."""
    port = flow["sport" if side == "src" else "dport"]
    return flow[side] if port is None else f"{flow[side]}:{port}"


def changes(before: Fields, after: Fields) -> list[str]:
    """What differs between the flows of two headers: `destination 10.104.221.85:80 -> 10.1.1.5:8080`."""
    old, new = flow_of(before), flow_of(after)
    return [
        f"{name} {end_text(old, side)} -> {end_text(new, side)}"
        for side, name in (("src", "source"), ("dst", "destination"))
        if end_text(old, side) != end_text(new, side)
    ]
