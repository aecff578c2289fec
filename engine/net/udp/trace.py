"""How ip4-udp-lookup's trace entry prints."""

from struct import unpack_from
from typing import Any

from engine.core.trace import TraceFormat


def decode_lookup(data: bytes, vpp: Any) -> dict[str, Any]:
    """Ports, and whether a node has registered the destination port."""
    src_port, dst_port = unpack_from(">HH", data)
    return {"src_port": src_port, "dst_port": dst_port, "listener": bool(unpack_from("<I", data, 4)[0])}


def lookup_text(entry: dict[str, Any]) -> str:
    """One line."""
    text = f"UDP: src-port {entry['src_port']} dst-port {entry['dst_port']}"
    return text if entry["listener"] else text + " (no listener)"


LOOKUP_FORMAT = TraceFormat(decode_lookup, lookup_text)
