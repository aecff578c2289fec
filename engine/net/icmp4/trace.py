"""How ip4-icmp-echo-reply's trace entry prints; the other nodes print the packet."""

from struct import unpack_from

from engine.core.trace import TraceFormat

REPLY_FORMAT = TraceFormat(
    lambda data, vpp: dict(zip(("id", "sequence"), unpack_from(">HH", data), strict=True)),
    lambda entry: f"ICMP echo id {entry['id']} seq {entry['sequence']} (unknown)",
)
