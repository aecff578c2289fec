"""How virtio-input's trace entry prints."""

import struct
from typing import Any

from engine.core.trace import TraceFormat

RECORD = struct.Struct("<IIIIBBHHHHH")  # virtio_trace_t
HEADER = ("flags", "gso_type", "hdr_len", "gso_size", "csum_start", "csum_offset", "num_buffers")  # virtio-net's


def decode_input(data: bytes, vpp: Any) -> dict[str, Any]:
    values = RECORD.unpack_from(data)
    entry: dict[str, Any] = dict(zip(("hw_if_index", "next_index", "queue", "length"), values[:4], strict=True))
    return entry | {"header": dict(zip(HEADER, values[4:], strict=True))}


def input_text(entry: dict[str, Any]) -> str:
    """The second line is the virtio-net header."""
    header = entry["header"]
    numbers = " ".join(f"{name} {header[name]}" for name in HEADER[2:])
    return (
        f"virtio: hw_if_index {entry['hw_if_index']} next-index {entry['next_index']} vring {entry['queue']} "
        f"len {entry['length']}\n"
        f"  hdr: flags 0x{header['flags']:02x} gso_type 0x{header['gso_type']:02x} {numbers}"
    )


INPUT_FORMAT = TraceFormat(decode_input, input_text)
