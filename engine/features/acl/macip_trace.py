"""Trace entries of the nodes that look frames up in classifier tables of an interface."""

import struct
from typing import Any

from engine.core.trace import TraceFormat

from .trace import signed

ENTRY = struct.Struct("<4I")


def decode(data: bytes, vpp: Any) -> dict[str, Any]:
    sw_if_index, next_index, table, offset = ENTRY.unpack(data[: ENTRY.size])
    return {"sw_if_index": sw_if_index, "next_index": next_index, "table": signed(table), "offset": signed(offset)}


def text_of(name: str) -> Any:
    layout = name + ": sw_if_index {sw_if_index}, next_index {next_index}, table {table}, offset {offset}"
    return lambda entry: layout.format(**entry)


INPUT_FORMAT = TraceFormat(decode, text_of("INACL"))
OUTPUT_FORMAT = TraceFormat(decode, text_of("OUTACL"))
