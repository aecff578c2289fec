"""How the output nodes' trace entries print."""

from typing import Any

from engine.core.trace import TraceFormat
from engine.wire.text import frame_decode, frame_text


def decode_output(data: bytes, vpp: Any) -> dict[str, Any]:
    sw_if_index = int.from_bytes(data[:4], "little")
    return {"interface": vpp.interfaces.by_index[sw_if_index].name, "frame": frame_decode(data[4:])}


OUTPUT_FORMAT = TraceFormat(decode_output, lambda entry: f"{entry['interface']}\n{frame_text(entry['frame'])}")
