"""How drivers' trace entries print the buffer: VPP's buffer line, its flags, the frame."""

import struct
from typing import Any

from engine.wire.text import frame_decode, frame_text

BUFFER = struct.Struct("<IIII hHIIIIHBB II hhh")  # buffer_trace_t up to the header offsets
HEADER_AT, DATA_AT, NAME_AT, END = 16, 80, 208, 272

NEXT_PRESENT = 1 << 2  # of a chain

FLAGS = (
    (1 << 31, "l4-cksum-computed"),
    (1 << 30, "l4-cksum-correct"),
    (1 << 28, "vlan-1-deep"),
    (1 << 29, "vlan-2-deep"),
    (1 << 27, "span-clone"),
    (1 << 25, "local"),
    (1 << 24, "ip4"),
    (1 << 23, "ip6"),
    (1 << 22, "offload-ip-cksum"),
    (1 << 21, "offload-tcp-cksum"),
    (1 << 20, "offload-udp-cksum"),
    (1 << 19, "nated"),
)
OFFSETS = ((1 << 18, "l2-hdr-offset", 0), (1 << 17, "l3-hdr-offset", 1), (1 << 16, "l4-hdr-offset", 2))


def buffer_decode(data: bytes, vpp: Any) -> dict[str, Any]:
    """The common part: interface, buffer line, frame."""
    fields = BUFFER.unpack_from(data)
    sw_if_index, index, trace, total = fields[:4]
    current_data, current_length, flags = fields[4:7]
    return {
        "interface": vpp.interfaces.by_index[sw_if_index].name,
        "sw_if_index": sw_if_index,
        "buffer": index,
        "current_data": current_data,
        "current_length": current_length,
        "next_buffer": fields[8] if flags & NEXT_PRESENT else None,
        "total_length": total,
        "clone_count": fields[11],
        "trace": trace,
        "flags": [name for bit, name in FLAGS if flags & bit],
        "offsets": {name: fields[15 + place] for bit, name, place in OFFSETS if flags & bit},
        "frame": frame_decode(data[DATA_AT:NAME_AT]),
        "name": data[NAME_AT:END].rstrip(b"\0").decode(errors="replace"),
    }


def buffer_line(entry: dict[str, Any], totlen: bool = False) -> str:
    """VPP's line of a buffer, one of the next in its chain and one of flags where there are any, all from column 0.

    VPP looks at the next buffer when it shows the trace: the packet has gone by then, and the buffer is empty.
    """
    is_chain = entry["next_buffer"] is not None
    total = f", totlen-nifb {entry['total_length'] - entry['current_length']}" if totlen or is_chain else ""
    line = (
        f"current data {entry['current_data']}, length {entry['current_length']}, free-list 0, "
        f"clone-count {entry['clone_count']}{total}, trace 0x{entry['trace']:x}"
    )
    if is_chain:
        line += f"\nnext-buffer 0x{entry['next_buffer']:x}, segment length 0, clone-count 0"
    flags = [f"{name} " for name in entry["flags"]]
    flags += [f"{name} {value} " for name, value in entry["offsets"].items()]
    return line + "\n" + "".join(flags) if flags else line


def indented(prefix: str, text: str) -> str:
    """prefix, then text whose further lines begin in the column where its first did."""
    return prefix + text.replace("\n", "\n" + " " * len(prefix))


def rx_text(entry: dict[str, Any]) -> str:
    """pg-input."""
    head = f"stream {entry['name']}, {entry['total_length']} bytes, {entry['sw_if_index']} sw_if_index"
    return f"{head}\n{buffer_line(entry)}\n{frame_text(entry['frame'])}"


def tx_text(entry: dict[str, Any]) -> str:
    """pgN-tx."""
    return indented(f"  buffer 0x{entry['buffer']:x}: ", buffer_line(entry)) + "\n" + frame_text(entry["frame"])
