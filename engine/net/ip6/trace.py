"""How the entries of the nodes for other protocols print."""

from struct import unpack_from
from typing import Any

from engine.core.trace import TraceFormat
from engine.wire.text import ip6_decode, ip6_text


def decode_mpls(data: bytes, vpp: Any) -> dict[str, Any]:
    """The outermost label (RFC 3032)."""
    (word,) = unpack_from(">I", data)
    return {"label": word >> 12, "exp": word >> 9 & 7, "bottom": word >> 8 & 1, "ttl": word & 0xFF}


def mpls_text(entry: dict[str, Any]) -> str:
    """One line."""
    return f"MPLS: label {entry['label']} exp {entry['exp']} ttl {entry['ttl']} eos {entry['bottom']}"


IP6_FORMAT = TraceFormat(lambda data, vpp: ip6_decode(data), ip6_text)
MPLS_FORMAT = TraceFormat(decode_mpls, mpls_text)
LLC_FORMAT = TraceFormat(
    lambda data, vpp: {"dsap": data[0], "ssap": data[1], "control": data[2]},
    lambda entry: f"LLC 0x{entry['ssap']:02x} -> 0x{entry['dsap']:02x} control 0x{entry['control']:02x}",
)
