"""What a trace entry shows of its packet: some header fields, whichever node it is of."""

import struct
from typing import Any

Fields = dict[str, Any]

PROTOCOLS = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 47: "gre", 50: "esp", 58: "icmp6"}
ICMP_TYPES = {0: "echo reply", 3: "unreachable", 5: "redirect", 8: "echo request", 11: "time exceeded"}
IP4, ARP, IP6 = 0x0800, 0x0806, 0x86DD
TCP_OR_UDP = (6, 17)
ARP_OPCODES = {1: "request", 2: "reply"}


def seen(entry: Fields) -> Fields:
    """What an entry shows of mac_src, mac_dst, src, dst, sport, dport, protocol, ttl, id, icmp and arp."""
    data = entry.get("data") or {}
    if "words" in data or ("proto" in data and "sport" in data):  # of an ACL node
        return _acl_fields(data)
    if "ip4" in data or "ip6" in data:
        return _ip_fields(data.get("ip4") or data.get("ip6"))
    if isinstance(data.get("frame"), dict):
        return _frame_fields(data["frame"])
    if "adjacency" in data and data.get("data"):
        return _raw_fields(data["data"])
    if "hop_limit" in data:
        return _ip_fields(data)
    if _is_mac(data.get("dst")):
        return {"mac_dst": data["dst"], "mac_src": data["src"]}
    return {"arp": arp_text(data)} if "opcode" in data else {}


def _is_mac(value: Any) -> bool:
    return isinstance(value, str) and value.count(":") == 5 and len(value) == 17


def _acl_fields(data: Fields) -> Fields:
    fields = {"src": data["src"], "dst": data["dst"], "protocol": data["proto"]}
    if data["proto"] in TCP_OR_UDP and data.get("l4_valid", 1):
        fields |= {"sport": data["sport"], "dport": data["dport"]}
    return fields


def _ip_fields(header: Fields | None) -> Fields:
    if not header or header.get("truncated") or "src" not in header:
        return {}
    fields = {name: header[name] for name in ("src", "dst", "protocol", "ttl", "id") if header.get(name) is not None}
    if "hop_limit" in header:
        fields["ttl"] = header["hop_limit"]
    l4 = header.get("l4") or {}
    if "src_port" in l4:
        fields |= {"sport": l4["src_port"], "dport": l4["dst_port"]}
    elif "type" in l4:
        fields["icmp"] = ICMP_TYPES.get(l4["type"], f"type {l4['type']}")
    return fields


def _frame_fields(frame: Fields) -> Fields:
    ethernet = frame.get("ethernet") or {}
    fields: Fields = {}
    if "dst" in ethernet:
        fields = {"mac_dst": ethernet["dst"], "mac_src": ethernet["src"]}
    payload = frame.get("payload") or {}
    if ethernet.get("type") == ARP:
        return fields | {"arp": arp_text(payload)}
    return fields | _ip_fields(payload)


def arp_text(header: Fields) -> str:
    """`ARP request, 10.0.0.1 asks for 10.0.0.2`."""
    if header.get("truncated") or "opcode" not in header:
        return "ARP"
    kind = ARP_OPCODES.get(header["opcode"], f"opcode {header['opcode']}")
    verb = "asks for" if header["opcode"] == 1 else "tells"
    return f"ARP {kind}, {header.get('sender')} {verb} {header.get('target')}"


def _raw_fields(dump: str) -> Fields:
    """The Ethernet and IPv4 headers of a packet shown in hexadecimal, as ip4-rewrite does."""
    raw = bytes.fromhex(dump)
    if len(raw) < 34 or raw[12:14] != b"\x08\x00":
        return {}
    ihl = (raw[14] & 0xF) * 4
    fields: Fields = {"mac_dst": raw[:6].hex(":"), "mac_src": raw[6:12].hex(":")}
    fields |= {"ttl": raw[22], "protocol": raw[23], "id": struct.unpack_from(">H", raw, 18)[0]}
    fields |= {"src": _dotted(raw[26:30]), "dst": _dotted(raw[30:34])}
    if raw[23] in TCP_OR_UDP and len(raw) >= 18 + ihl:
        fields["sport"], fields["dport"] = struct.unpack_from(">HH", raw, 14 + ihl)
    return fields


def _dotted(octets: bytes) -> str:
    return ".".join(map(str, octets))


def end(fields: Fields, side: str) -> str:
    """Address and port of a side, `src` or `dst`."""
    port = fields.get("sport" if side == "src" else "dport")
    address = str(fields.get(side, "?"))
    if port is None:
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def flow(fields: Fields) -> str:
    """`tcp 10.1.1.3:51082 > 10.1.1.5:8080`, with an arrow; what ARP says; or nothing."""
    if "src" not in fields:
        return str(fields.get("arp", ""))
    name = PROTOCOLS.get(fields.get("protocol", -1), f"ip {fields.get('protocol', '')}".strip())
    text = f"{name} {end(fields, 'src')} \N{RIGHTWARDS ARROW} {end(fields, 'dst')}"
    return f"{text} {fields['icmp']}" if "icmp" in fields else text
