"""Trace entries of tunnels' nodes, as VPP prints them."""

from struct import unpack_from
from typing import Any

from engine.core.trace import TraceFormat

NO_TUNNEL = 0xFFFFFFFF


def decode_input(data: bytes, vpp: Any) -> dict[str, Any]:
    tunnel, vni, next_index, error = unpack_from("<4I", data)
    return {"tunnel": None if tunnel == NO_TUNNEL else tunnel, "vni": vni, "next_index": next_index, "error": error}


def decode_encap(data: bytes, vpp: Any) -> dict[str, Any]:
    tunnel, vni = unpack_from("<2I", data)
    return {"tunnel": tunnel, "vni": vni}


def formats(protocol: str) -> tuple[TraceFormat, TraceFormat]:
    """Of the input and of the encapsulating node of a protocol, by its name in capitals."""
    name = f"{protocol.lower()}_tunnel"

    def input_text(entry: dict[str, Any]) -> str:
        if entry["tunnel"] is None:
            return f"{protocol} decap error - tunnel for vni {entry['vni']} does not exist"
        return (
            f"{protocol} decap from {name}{entry['tunnel']} vni {entry['vni']} next {entry['next_index']} "
            f"error {entry['error']}"
        )

    def encap_text(entry: dict[str, Any]) -> str:
        return f"{protocol} encap to {name}{entry['tunnel']} vni {entry['vni']}"

    return TraceFormat(decode_input, input_text), TraceFormat(decode_encap, encap_text)
