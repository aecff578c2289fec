"""Headers as VPP prints them in traces: bytes to a dict of plain values, and the dict to text.

Each `x_decode(data)` takes a header with what follows it, of any length and content; each `x_text(fields)` gives lines
that begin in column 0. What is too short prints as truncated, as in VPP.
"""

from ipaddress import IPv4Address, IPv6Address
from struct import unpack_from
from typing import Any

from engine.wire.names import (
    ARP_HARDWARE_TYPES,
    ARP_OPCODES,
    ETHERTYPES,
    GRE_PROTOCOLS,
    ICMP4_CODES,
    ICMP4_TYPES,
    IP_PROTOCOLS,
)

Fields = dict[str, Any]

VLAN_TYPES = (0x8100, 0x88A8, 0x9100, 0x9200)
TCP_FLAGS = ("FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR")
FRAGMENT_FLAGS = ((0x2000, "MORE_FRAGMENTS"), (0x4000, "DONT_FRAGMENT"), (0x8000, "CONGESTION"))
OFFSET_MASK = 0x1FFF


# ---- Ethernet


def ethernet_decode(data: bytes) -> Fields:
    """The header with up to two tags; `length` is where the payload begins, 0 if the header is cut short."""
    if len(data) < 14:
        return {"length": 0}
    fields: Fields = {"dst": data[:6].hex(":"), "src": data[6:12].hex(":"), "tags": []}
    position = 12
    (ethertype,) = unpack_from(">H", data, position)
    while ethertype in VLAN_TYPES and len(data) >= position + 6 and len(fields["tags"]) < 2:
        tag_type = ethertype
        tag, ethertype = unpack_from(">HH", data, position + 2)
        fields["tags"].append({"type": tag_type, "vlan": tag & 0xFFF, "priority": tag >> 13, "cfi": bool(tag & 0x1000)})
        position += 4
    return fields | {"type": ethertype, "length": position + 2}


def ethernet_text(fields: Fields) -> str:
    """`TYPE: source -> destination`, and the tags."""
    if not fields["length"]:
        return "ethernet header truncated"
    name = ETHERTYPES.get(fields["type"], f"0x{fields['type']:04x}")
    return f"{name}: {fields['src']} -> {fields['dst']}" + "".join(_tag_text(tag) for tag in fields["tags"])


def _tag_text(tag: Fields) -> str:
    text = f" {'802.1ad' if tag['type'] == 0x88A8 else '802.1q'} vlan {tag['vlan']}"
    if tag["priority"]:
        text += f" priority {tag['priority']}"
    return text + (" cfi" if tag["cfi"] else "")


def frame_decode(data: bytes) -> Fields:
    """A whole frame: Ethernet, and IPv4, IPv6 or ARP in it."""
    ethernet = ethernet_decode(data)
    payload = data[ethernet["length"] :]
    decode = _PAYLOADS.get(ethernet.get("type", 0), (None, None))[0]
    return {"ethernet": ethernet, "payload": decode(payload) if decode is not None and payload else None}


def frame_text(fields: Fields) -> str:
    """The Ethernet line and the lines of what it carries."""
    text = ethernet_text(fields["ethernet"])
    if fields["payload"] is not None:
        text += "\n" + _PAYLOADS[fields["ethernet"]["type"]][1](fields["payload"])
    return text


# ---- ARP


def arp_decode(data: bytes) -> Fields:
    """ARP of any hardware and protocol type, read as Ethernet and IPv4."""
    if len(data) < 28:
        return {"truncated": True}
    hardware, protocol, hardware_length, protocol_length, opcode = unpack_from(">HHBBH", data)
    return {
        "opcode": opcode,
        "hardware_type": hardware,
        "protocol_type": protocol,
        "hardware_length": hardware_length,
        "protocol_length": protocol_length,
        "sender_mac": data[8:14].hex(":"),
        "sender": str(IPv4Address(data[14:18])),
        "target_mac": data[18:24].hex(":"),
        "target": str(IPv4Address(data[24:28])),
        "truncated": False,
    }


def arp_text(fields: Fields) -> str:
    """Two lines: what it is, and sender -> target."""
    if fields["truncated"]:
        return "ARP header truncated"
    hardware, protocol, opcode = fields["hardware_type"], fields["protocol_type"], fields["opcode"]
    text = (
        f"{ARP_OPCODES.get(opcode) or f'unknown 0x{opcode:x}'}, "
        f"type {ARP_HARDWARE_TYPES.get(hardware) or f'unknown 0x{hardware:x}'}/"
        f"{ETHERTYPES.get(protocol) or f'0x{protocol:04x}'}, "
        f"address size {fields['hardware_length']}/{fields['protocol_length']}\n"
    )
    ends = [(fields["sender_mac"], fields["sender"]), (fields["target_mac"], fields["target"])]
    if hardware != 1 or protocol != 0x0800:
        ends = [(mac.replace(":", ""), IPv4Address(address).packed.hex()) for mac, address in ends]
    return text + " -> ".join(f"{mac}/{address}" for mac, address in ends)


# ---- IPv4


def ip4_decode(data: bytes) -> Fields:
    """The header, and the TCP, UDP, ICMP or GRE header that stands behind it (or seems to, in later fragments)."""
    if len(data) < 20:
        return {"truncated": True}
    first, tos, length, fragment_id, fragment, ttl, protocol, checksum = unpack_from(">BBHHHBBH", data)
    header_length = (first & 0xF) * 4
    decode = _L4.get(protocol, (None, None))[0]
    l4 = data[header_length:]
    return {
        "version": first >> 4,
        "header_length": header_length,
        "tos": tos,
        "length": length,
        "id": fragment_id,
        "fragment": fragment,
        "ttl": ttl,
        "protocol": protocol,
        "checksum": checksum,
        "right_checksum": _header_checksum(data[: max(header_length, 20)]),
        "src": str(IPv4Address(data[12:16])),
        "dst": str(IPv4Address(data[16:20])),
        "l4": decode(l4) if decode is not None and l4 else None,
        "truncated": False,
    }


def _header_checksum(header: bytes) -> int:
    """The checksum the header should have."""
    header = header[:10] + b"\0\0" + header[12:] + b"\0" * (len(header) & 1)
    total: int = sum(unpack_from(f">{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def ip4_text(fields: Fields) -> str:
    """The header with that of the protocol behind it."""
    if fields["truncated"]:
        return "IP header truncated"
    protocol = fields["protocol"]
    lines = [f"{IP_PROTOCOLS.get(protocol, f'unknown {protocol}')}: {fields['src']} -> {fields['dst']}"]
    if fields["version"] != 4 or fields["header_length"] != 20:
        lines.append(f"  version {fields['version']}, header length {fields['header_length']}")
    line = f"  tos 0x{fields['tos']:02x}, ttl {fields['ttl']}, length {fields['length']}, "
    line += f"checksum 0x{fields['checksum']:04x}"
    if fields["checksum"] != fields["right_checksum"]:
        line += f" (should be 0x{fields['right_checksum']:04x})"
    lines += [line, f"  fragment id 0x{fields['id']:04x}" + _fragment_text(fields["fragment"])]
    if fields["l4"] is not None:
        lines.append(_L4[protocol][1](fields["l4"]))
    return "\n".join(lines)


def _fragment_text(word: int) -> str:
    """Offset and flags. VPP takes the offset out of the word in bytes, not in units of 8: so odd flags may show."""
    offset = 8 * (word & OFFSET_MASK)
    flags = word ^ offset
    text = f" offset {offset}" if offset else ""
    if flags:
        text += ", flags " + "".join(name for bit, name in FRAGMENT_FLAGS if flags & bit)
    return text


# ---- IPv6


def ip6_decode(data: bytes) -> Fields:
    """The fixed header, and TCP or UDP directly behind it."""
    if len(data) < 40:
        return {"truncated": True}
    word, length, protocol, hop_limit = unpack_from(">IHBB", data)
    return {
        "version": word >> 28,
        "traffic_class": word >> 20 & 0xFF,
        "flow_label": word & 0xFFFFF,
        "hop_limit": hop_limit,
        "length": length,
        "protocol": protocol,
        "src": str(IPv6Address(data[8:24])),
        "dst": str(IPv6Address(data[24:40])),
        "l4": _L4[protocol][0](data[40:]) if protocol in (6, 17) and len(data) > 40 else None,
        "truncated": False,
    }


def ip6_text(fields: Fields) -> str:
    """As ip4_text."""
    if fields["truncated"]:
        return "IP header truncated"
    protocol = fields["protocol"]
    text = f"{IP_PROTOCOLS.get(protocol, f'unknown {protocol}')}: {fields['src']} -> {fields['dst']}\n"
    if fields["version"] != 6:
        text += f"  version {fields['version']}\n"
    text += f"  tos 0x{fields['traffic_class']:02x}, flow label 0x{fields['flow_label']:x}, "
    text += f"hop limit {fields['hop_limit']}, payload length {fields['length']}"
    return text + ("\n" + _L4[protocol][1](fields["l4"]) if fields["l4"] is not None else "")


# ---- what stands behind IP


def tcp_decode(data: bytes) -> Fields:
    """The header without options."""
    if len(data) < 20:
        return {"truncated": True}
    src, dst, sequence, acknowledgement, offset, flags, window, checksum = unpack_from(">HHIIBBHH", data)
    return {
        "src_port": src,
        "dst_port": dst,
        "sequence": sequence,
        "acknowledgement": acknowledgement,
        "header_length": (offset >> 4) * 4,
        "flags": flags,
        "window": window,
        "checksum": checksum,
        "truncated": False,
    }


def tcp_text(fields: Fields) -> str:
    """Four lines; options do not print."""
    if fields["truncated"]:
        return "TCP header truncated"
    flags = "".join(f" {name}" for bit, name in enumerate(TCP_FLAGS) if fields["flags"] >> bit & 1)
    return (
        f"TCP: {fields['src_port']} -> {fields['dst_port']}\n"
        f"  seq. 0x{fields['sequence']:08x} ack 0x{fields['acknowledgement']:08x}\n"
        f"  flags 0x{fields['flags']:02x}{flags}, tcp header: {fields['header_length']} bytes\n"
        f"  window {fields['window']}, checksum 0x{fields['checksum']:04x}"
    )


def udp_decode(data: bytes) -> Fields:
    """The header."""
    if len(data) < 8:
        return {"truncated": True}
    src, dst, length, checksum = unpack_from(">HHHH", data)
    return {"src_port": src, "dst_port": dst, "length": length, "checksum": checksum, "truncated": False}


def udp_text(fields: Fields) -> str:
    """Two lines."""
    if fields["truncated"]:
        return "UDP header truncated"
    return (
        f"UDP: {fields['src_port']} -> {fields['dst_port']}\n"
        f"  length {fields['length']}, checksum 0x{fields['checksum']:04x}"
    )


def icmp4_decode(data: bytes) -> Fields:
    """Type, code and checksum."""
    if len(data) < 4:
        return {"truncated": True}
    kind, code, checksum = unpack_from(">BBH", data)
    return {"type": kind, "code": code, "checksum": checksum, "truncated": False}


def icmp4_text(fields: Fields) -> str:
    """One line; the checksum without leading zeros."""
    if fields["truncated"]:
        return "ICMP header truncated"
    return f"ICMP {icmp4_type_text(fields['type'], fields['code'])} checksum 0x{fields['checksum']:x}"


def icmp4_type_text(kind: int, code: int) -> str:
    """Type, and the code of types that have codes."""
    if kind not in ICMP4_TYPES:
        return f"unknown 0x{kind:x}"
    codes = ICMP4_CODES.get(kind)
    if codes is None:
        return ICMP4_TYPES[kind]
    return f"{ICMP4_TYPES[kind]} {codes[code] if code < len(codes) else f'unknown 0x{code:x}'}"


def gre_decode(data: bytes) -> Fields:
    """The protocol it carries."""
    if len(data) < 4:
        return {"truncated": True}
    return {"protocol": unpack_from(">H", data, 2)[0], "truncated": False}


def gre_text(fields: Fields) -> str:
    """One line."""
    if fields["truncated"]:
        return "gre header truncated"
    protocol = fields["protocol"]
    return f"GRE {GRE_PROTOCOLS.get(protocol) or f'0x{protocol:04x}'}"


_L4: dict[int, Any] = {
    1: (icmp4_decode, icmp4_text),
    6: (tcp_decode, tcp_text),
    17: (udp_decode, udp_text),
    47: (gre_decode, gre_text),
}
_PAYLOADS: dict[int, Any] = {
    0x0800: (ip4_decode, ip4_text),
    0x0806: (arp_decode, arp_text),
    0x86DD: (ip6_decode, ip6_text),
}


# ---- buffers


def indented(text: str, columns: int) -> str:
    """Move every line of a text moved to the right by so many columns."""
    blanks = " " * columns
    return blanks + text.replace("\n", "\n" + blanks)
