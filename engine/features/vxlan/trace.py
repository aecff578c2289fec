"""Trace entries of the VXLAN nodes, as VPP prints them."""

from struct import unpack_from
from typing import Any

from engine.core.trace import TraceFormat

NO_TUNNEL = 0xFFFFFFFF


def decode_input(data: bytes, vpp: Any) -> dict[str, Any]:
    tunnel, vni, next_index, error = unpack_from("<4I", data)
    return {"tunnel": None if tunnel == NO_TUNNEL else tunnel, "vni": vni, "next_index": next_index, "error": error}


def input_text(entry: dict[str, Any]) -> str:
    if entry["tunnel"] is None:
        return f"VXLAN decap error - tunnel for vni {entry['vni']} does not exist"
    return "VXLAN decap from vxlan_tunnel{tunnel} vni {vni} next {next_index} error {error}".format(**entry)


def decode_encap(data: bytes, vpp: Any) -> dict[str, Any]:
    tunnel, vni = unpack_from("<2I", data)
    return {"tunnel": tunnel, "vni": vni}


INPUT_FORMAT = TraceFormat(decode_input, input_text)
ENCAP_FORMAT = TraceFormat(
    decode_encap, lambda entry: f"VXLAN encap to vxlan_tunnel{entry['tunnel']} vni {entry['vni']}"
)
