"""How dpdk-input and NAME-tx print: the buffer, the driver's mbuf, the frame."""

from typing import Any

from engine.core.trace import TraceFormat
from engine.wire.text import frame_text

from ..trace import buffer_decode, buffer_line, indented

HEADROOM = 128
PORT_NONE = 65535


def mbuf_lines(entry: dict[str, Any], port: int) -> str:
    """What DPDK would say of the packet; lengths are of the whole frame, from its Ethernet header on."""
    whole = entry["total_length"] + entry["current_data"]
    first = entry["current_length"] + entry["current_data"]
    address = 0x40000000 + 0x940 * entry["buffer"]
    return (
        f"PKT MBUF: port {port}, nb_segs 1, pkt_len {whole}\n"
        f"  buf_len 2176, data_len {first}, ol_flags 0x0, data_off {HEADROOM}, phys_addr 0x{address:x}\n"
        "  packet_type 0x0 l2_len 0 l3_len 0 outer_l2_len 0 outer_l3_len 0"
    )


def text(entry: dict[str, Any], direction: str, port: int) -> str:
    buffer = indented(f"buffer 0x{entry['buffer']:x}: ", buffer_line(entry, totlen=True))
    head = f"{entry['interface']} {direction} queue 0"
    return "\n".join((head, buffer, mbuf_lines(entry, port), frame_text(entry["frame"])))


def decode(data: bytes, vpp: Any) -> dict[str, Any]:
    """The entry shows the frame from its Ethernet header on, also where the packet's start has moved on."""
    return buffer_decode(data, vpp)


INPUT_FORMAT = TraceFormat(decode, lambda entry: text(entry, "rx", 0))
TX_FORMAT = TraceFormat(decode, lambda entry: text(entry, "tx", PORT_NONE))
