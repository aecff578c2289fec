"""How the trace entries of the IPv4 nodes print."""

from ipaddress import IPv4Address
from struct import unpack_from
from typing import Any

from engine.cli.format import format_hex_bytes
from engine.core.trace import TraceFormat
from engine.net.fib.text import adjacency_fields, adjacency_text
from engine.wire.text import indented, ip4_decode, ip4_text

FORWARD_PREFIX = 12  # fib index, dpo index, flow hash
FORWARD_BYTES = 60


def decode_headers(data: bytes, vpp: Any) -> dict[str, Any]:
    """An entry that is the packet's first 64 bytes."""
    return {"ip4": ip4_decode(data)}


def decode_forward(data: bytes, vpp: Any) -> dict[str, Any]:
    """An entry of a node that forwards: where to, and the packet's first 60 bytes."""
    fib_index, dpo_index, flow_hash = unpack_from("<iiI", data)
    return {
        "fib": fib_index,
        "dpo": dpo_index,
        "flow_hash": flow_hash,
        "ip4": ip4_decode(data[FORWARD_PREFIX : FORWARD_PREFIX + FORWARD_BYTES]),
    }


def decode_rewrite(data: bytes, vpp: Any) -> dict[str, Any]:
    """An entry of ip4-rewrite: the adjacency as it is when the trace is shown, as in VPP."""
    tx, dpo_index, flow_hash = unpack_from("<iiI", data)
    dump = data[FORWARD_PREFIX : FORWARD_PREFIX + FORWARD_BYTES]
    adjacency = adjacency_fields(vpp.fib, dpo_index)
    return {"sw_if_index": tx, "dpo": dpo_index, "flow_hash": flow_hash, "adjacency": adjacency, "data": dump.hex()}


def _place(entry: dict[str, Any]) -> str:
    return f"fib {entry['fib']} dpo-idx {entry['dpo']} flow hash: 0x{entry['flow_hash']:08x}"


def _rewrite_text(entry: dict[str, Any]) -> str:
    return (
        f"tx_sw_if_index {entry['sw_if_index']} dpo-idx {entry['dpo']} : {adjacency_text(entry['adjacency'])} "
        f"flow hash: 0x{entry['flow_hash']:08x}\n{format_hex_bytes(bytes.fromhex(entry['data']))}"
    )


HEADERS_FORMAT = TraceFormat(decode_headers, lambda entry: ip4_text(entry["ip4"]))
LOOKUP_FORMAT = TraceFormat(decode_forward, lambda entry: f"{_place(entry)}\n{ip4_text(entry['ip4'])}")
AGAIN_FORMAT = TraceFormat(
    lambda data, vpp: {
        "fib": unpack_from("<i", data)[0],
        "address": str(IPv4Address(data[4:8])),
        "load_balance": unpack_from("<i", data, 8)[0],
    },
    lambda entry: f"   fib-index:{entry['fib']} addr:{entry['address']} load-balance:{entry['load_balance']}",
)
INDENTED_FORMAT = TraceFormat(decode_forward, lambda entry: indented(ip4_text(entry["ip4"]), 2))
REWRITE_FORMAT = TraceFormat(decode_rewrite, _rewrite_text)
OPTIONS_FORMAT = TraceFormat(
    lambda data, vpp: {"option": list(data[:4])},
    lambda entry: f"  option:[{','.join(f'0x{byte:x}' for byte in entry['option'])}]",
)
MFIB_LOOKUP_FORMAT = TraceFormat(
    lambda data, vpp: dict(zip(("fib", "entry"), unpack_from("<ii", data), strict=True)),
    lambda entry: f"fib {entry['fib']} entry {entry['entry']}",
)
MFIB_RPF_FORMAT = TraceFormat(
    lambda data, vpp: dict(zip(("entry", "interface"), unpack_from("<ii", data), strict=True)),
    lambda entry: f"entry {entry['entry']} itf {entry['interface']} flags ",
)
FRAG_FORMAT = TraceFormat(
    lambda data, vpp: dict(zip(("mtu", "fragments"), unpack_from("<II", data), strict=True)),
    lambda entry: f"IPv4 mtu: {entry['mtu']} fragments: {entry['fragments']}",
)

GRE_FORMAT = TraceFormat(
    lambda data, vpp: {
        "tunnel": -1,
        "length": unpack_from("<I", data)[0],
        "src": str(IPv4Address(data[4:8])),
        "dst": str(IPv4Address(data[8:12])),
    },
    lambda entry: f"GRE: tunnel {entry['tunnel']} len {entry['length']} src {entry['src']} dst {entry['dst']}",
)


ACTIONS = ("new", "overlapping/ignored", "finalize", "shrink", "discard")
FINALIZE, SHRINK = 2, 3


def decode_reassembly(data: bytes, vpp: Any) -> dict[str, Any]:
    """What became of a fragment, and how far its packet is; by: bytes that a range lost to another fragment."""
    names = ("id", "operation", "first_buffer", "data_length", "first", "last", "action", "buffer")
    return dict(zip((*names, "range_first", "range_last", "by"), unpack_from("<11I", data), strict=True))


def reassembly_text(entry: dict[str, Any]) -> str:
    """Two lines; the second begins below the counters of the first."""
    start = f"reass id: {entry['id']}, op id: {entry['operation']} "
    text = f"{start}first bi: {entry['first_buffer']}, data len: {entry['data_length']}, "
    text += f"ip/fragment[{entry['first']}, {entry['last']}]\n{' ' * len(start)}"
    if entry["action"] == FINALIZE:
        return text + "finalize reassembly"
    first, last = entry["range_first"], entry["range_last"]
    text += f"{ACTIONS[entry['action']]} range: [{first}, {last}], off {first - entry['first']}, "
    text += f"len {last - first + 1}, bi {entry['buffer']}"
    return text + f" by {entry['by']}" if entry["action"] == SHRINK else text


REASSEMBLY_FORMAT = TraceFormat(decode_reassembly, reassembly_text)
