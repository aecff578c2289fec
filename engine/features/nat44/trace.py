"""What the NAT nodes print in a trace."""

import struct
from collections.abc import Callable
from typing import Any

from ...core.trace import TraceFormat

RECORD = struct.Struct("=IIiI")


def decode(data: bytes, vpp: Any) -> dict[str, Any]:
    sw_if_index, next_index, session, is_slow_path = RECORD.unpack_from(data)
    return {
        "sw_if_index": sw_if_index,
        "next_index": next_index,
        "session": session,
        "path": "slow" if is_slow_path else "fast",
    }


def _text(direction: str, label: str) -> Callable[[dict[str, Any]], str]:
    def text(record: dict[str, Any]) -> str:
        path = f"_{record['path'].upper()}_PATH" if label == "session" else ""
        return (
            f"NAT44_{direction}{path}: sw_if_index {record['sw_if_index']}, "
            f"next index {record['next_index']}, {label} {record['session']}"
        )

    return text


IN2OUT = TraceFormat(decode, _text("IN2OUT", "session"))
OUT2IN = TraceFormat(decode, _text("OUT2IN", "session index"))
ED_IN2OUT = TraceFormat(decode, _text("IN2OUT_ED", "session"))
ED_OUT2IN = TraceFormat(decode, _text("OUT2IN_ED", "session"))


def _decode_classify(data: bytes, vpp: Any) -> dict[str, Any]:
    next_index, cached = struct.unpack_from("=II", data)
    return {"next": ("nat44-in2out", "nat44-out2in", "drop")[next_index], "cached": bool(cached)}


def _classify_text(record: dict[str, Any]) -> str:
    return "nat44-classify: fragment cached" if record["cached"] else f"nat44-classify: next {record['next']}"


CLASSIFY = TraceFormat(_decode_classify, _classify_text)


def _decode_reassembly(data: bytes, vpp: Any) -> dict[str, Any]:
    sw_if_index, next_index, _, cached = RECORD.unpack_from(data)
    return {"sw_if_index": sw_if_index, "next_index": next_index, "status": "cached" if cached else "translated"}


def _reassembly_text(record: dict[str, Any]) -> str:
    return (
        f"NAT44_REASS: sw_if_index {record['sw_if_index']}, next index {record['next_index']}, "
        f"status {record['status']}"
    )


REASSEMBLY = TraceFormat(_decode_reassembly, _reassembly_text)
