"""How virtio-input's trace entry prints."""

import struct
from typing import Any

from engine.core.trace import TraceFormat

RECORD = struct.Struct("<III")  # virtio_trace_t


def decode_input(data: bytes, vpp: Any) -> dict[str, Any]:
    return dict(zip(("hw_if_index", "next_index", "length"), RECORD.unpack_from(data), strict=True))


def input_text(entry: dict[str, Any]) -> str:
    """The second line is the virtio-net header; without offloads all of it is 0 but the number of buffers."""
    return (
        f"virtio: hw_if_index {entry['hw_if_index']} next-index {entry['next_index']} vring 0 len {entry['length']}\n"
        "  hdr: flags 0x00 gso_type 0x00 hdr_len 0 gso_size 0 csum_start 0 csum_offset 0 num_buffers 1"
    )


INPUT_FORMAT = TraceFormat(decode_input, input_text)
