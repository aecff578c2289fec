"""Trace entry of abf-input-ip4, as VPP prints it."""

from struct import unpack_from
from typing import Any

from engine.core.trace import TraceFormat


def decode(data: bytes, vpp: Any) -> dict[str, Any]:
    next_index, index = unpack_from("<2I", data)
    return {"next_index": next_index, "index": index}


FORMAT = TraceFormat(decode, lambda entry: f" next {entry['next_index']} index {entry['index']}")
