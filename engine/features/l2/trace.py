"""Trace entries of the L2 nodes, as VPP prints them."""

from struct import unpack_from
from typing import Any

from engine.core.trace import TraceFormat
from engine.wire.text import arp_decode, arp_text


def decode(data: bytes, vpp: Any) -> dict[str, Any]:
    """Interface, bridge domain and the head of a frame."""
    sw_if_index, bd_index = unpack_from("<IH", data)
    return {
        "sw_if_index": sw_if_index,
        "bd_index": bd_index,
        "dst": data[6:12].hex(":"),
        "src": data[12:18].hex(":"),
        "data": data[18:30].hex(" "),
    }


def layout(text: str) -> TraceFormat:
    """An entry of which the text names the fields."""
    return TraceFormat(decode, lambda entry: text.format(**entry))


INPUT_FORMAT = layout("l2-input: sw_if_index {sw_if_index} dst {dst} src {src}")
LEARN_FORMAT = layout("l2-learn: sw_if_index {sw_if_index} dst {dst} src {src} bd_index {bd_index}")
FORWARD_FORMAT = layout("l2-fwd:   sw_if_index {sw_if_index} dst {dst} src {src} bd_index {bd_index}")
FLOOD_FORMAT = layout("l2-flood: sw_if_index {sw_if_index} dst {dst} src {src} bd_index {bd_index}")
OUTPUT_FORMAT = layout("l2-output: sw_if_index {sw_if_index} dst {dst} src {src} data {data}")
INPUT_REWRITE_FORMAT = layout("l2-input-vtr: sw_if_index {sw_if_index} dst {dst} src {src} data {data}")
OUTPUT_REWRITE_FORMAT = layout("l2-output-vtr: sw_if_index {sw_if_index} dst {dst} src {src} data {data}")


def decode_drop(data: bytes, vpp: Any) -> dict[str, Any]:
    return {"features": unpack_from("<I", data)[0]}


def decode_classify(data: bytes, vpp: Any) -> dict[str, Any]:
    sw_if_index, table, next_index = unpack_from("<III", data)
    return {"sw_if_index": sw_if_index, "table": table, "next_index": next_index}


def decode_arp(data: bytes, vpp: Any) -> dict[str, Any]:
    return arp_decode(data)


DROP_FORMAT = TraceFormat(decode_drop, lambda entry: f"feat_bitmap_drop: feature bitmap 0x{entry['features']:08x}")
CLASSIFY_FORMAT = TraceFormat(
    decode_classify,
    lambda entry: "l2-classify: sw_if_index {sw_if_index}, table {table}, offset 0, next {next_index}".format(**entry),
)
ARP_FORMAT = TraceFormat(decode_arp, arp_text)
