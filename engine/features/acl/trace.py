"""Trace entries of the ACL nodes, as VPP 18.01 and 18.10 print them."""

import struct
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from engine.core.trace import TraceFormat

ENTRY = struct.Struct("<6Q8I")
NONE = 0xFFFFFFFF
INPUT = 1


def signed(index: int) -> int:
    """An index as VPP's %d prints it: ~0 is -1."""
    return -1 if index == NONE else index


def octets(word: int) -> str:
    """An address of which the first octet is the lowest byte."""
    return str(IPv4Address(word.to_bytes(4, "little")))


def describe_words(words: tuple[int, ...], has_lc_index: bool) -> dict[str, Any]:
    """What the six words of `pkt info` say."""
    info = words[5]
    bits = info >> 56
    ports = {"sport": words[4] & 0xFFFF, "dport": words[4] >> 16 & 0xFFFF, "lsb16": words[4] >> 48}
    flags = {"tcp_flags_valid": bits & 1, "tcp_flags": info >> 48 & 0xFF}
    proto, bits = (words[4] >> 32 & 0xFF, bits >> 1) if has_lc_index else (words[4] >> 32 & 0xFFFF, bits >> 2)
    if bits >> 2 & 1:
        src, dst = (str(IPv6Address(struct.pack("<2Q", *words[at : at + 2]))) for at in (0, 2))
    elif has_lc_index:
        src, dst = octets(words[3] & NONE), octets(words[3] >> 32)
    else:
        src, dst = octets(words[1] >> 32), octets(words[3] >> 32)
    more = {"l4_valid": bits & 1, "later_fragment": bits >> 1 & 1, "is_ip6": bits >> 2 & 1, "reserved": bits >> 3}
    index = {"key_index": info & NONE}
    return {"src": src, "dst": dst, "proto": proto} | ports | flags | more | index


def decode(data: bytes, vpp: Any) -> dict[str, Any]:
    *words, lc_index, sw_if_index, next_index, action, acl, rule, trace_bits, direction = ENTRY.unpack(
        data[: ENTRY.size]
    )
    has_lc_index = vpp.acl.profile.has_lc_index
    head = {"sw_if_index": sw_if_index, "next_index": next_index, "action": action, "acl": signed(acl)}
    tail = {"rule": signed(rule), "trace_bits": trace_bits, "is_input": direction == INPUT, "words": words}
    context = {"lc_index": lc_index} if has_lc_index else {}
    return context | head | tail | describe_words(tuple(words), has_lc_index)


def text(entry: dict[str, Any]) -> str:
    context = "lc_index: {lc_index}, " if "lc_index" in entry else ""
    if "lc_index" in entry:
        place = "lc_index {key_index} (lsb16 of sw_if_index {lsb16})"
    else:
        place = ("input" if entry["is_input"] else "output") + " sw_if_index {key_index} (lsb16 {lsb16})"
    family = ("ip6" if entry["is_ip6"] else "ip4") + (" non-initial fragment" if entry["later_fragment"] else "")
    valid = "valid" if entry["tcp_flags_valid"] else "invalid"
    layout = (
        "acl-plugin: " + context + "sw_if_index {sw_if_index}, next index {next_index}, action: {action}, "
        "match: acl {acl} rule {rule} trace_bits {trace_bits:08x}\n"
        "pkt info " + " ".join(f"{word:016x}" for word in entry["words"]) + "\n"
        " " + place + f" l3 {family} {{src}} -> {{dst}} l4 proto {{proto}} l4_valid {{l4_valid}} "
        f"port {{sport}} -> {{dport}} tcp flags ({valid}) {{tcp_flags:02x}} rsvd {{reserved:x}}"
    )
    return layout.format(**entry)


FORMAT = TraceFormat(decode, text)
