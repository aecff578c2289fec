"""Headers as VPP's traces print them: bytes to plain data, data to text that begins in column 0.

Traces keep a fixed number of bytes and print what lies there, also beyond the end of a short packet; so nothing here
asks for the packet's length, and headers that the bytes cut off are left out.
"""

import struct
from ipaddress import IPv4Address
from typing import Any

Header = dict[str, Any]

ETHERTYPES = {0x0800: "IP4", 0x0806: "ARP", 0x86DD: "IP6", 0x8100: "VLAN", 0x8847: "MPLS", 0x88A8: "DOT1AD"}
TAG_TYPES = {0x8100: "802.1q", 0x88A8: "802.1ad", 0x9100: "802.1q", 0x9200: "802.1q"}
PROTOCOLS = {1: "ICMP", 2: "IGMP", 6: "TCP", 17: "UDP", 47: "GRE", 50: "IPSEC_ESP", 51: "IPSEC_AH", 58: "ICMP6"}
TCP_FLAGS = ("FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR")
FRAGMENT_FLAGS = ((0x2000, "MORE_FRAGMENTS"), (0x4000, "DONT_FRAGMENT"), (0x8000, "CONGESTION"))
ICMP_TYPES = {
    0: "echo_reply",
    3: "destination_unreachable",
    4: "source_quench",
    5: "redirect",
    6: "alternate_host_address",
    8: "echo_request",
    9: "router_advertisement",
    10: "router_solicitation",
    11: "time_exceeded",
    12: "parameter_problem",
    13: "timestamp_request",
    14: "timestamp_reply",
    15: "information_request",
    16: "information_reply",
    17: "address_mask_request",
    18: "address_mask_reply",
}
ICMP_CODES = {
    3: (
        "destination_unreachable_net",
        "destination_unreachable_host",
        "protocol_unreachable",
        "port_unreachable",
        "fragmentation_needed_and_dont_fragment_set",
        "source_route_failed",
        "destination_network_unknown",
        "destination_host_unknown",
        "source_host_isolated",
        "network_administratively_prohibited",
        "host_administratively_prohibited",
        "network_unreachable_for_type_of_service",
        "host_unreachable_for_type_of_service",
        "communication_administratively_prohibited",
        "host_precedence_violation",
        "precedence_cutoff_in_effect",
    ),
    5: ("network_redirect", "host_redirect", "type_of_service_and_network_redirect", "type_of_service_and_host_redirect"),
    11: ("ttl_exceeded_in_transit", "fragment_reassembly_time_exceeded"),
    12: ("pointer_indicates_error", "missing_required_option", "bad_length"),
}
ARP_OPCODES = {1: "request", 2: "reply", 3: "reverse_request", 4: "reverse_reply"}


def mac_text(mac: bytes) -> str:
    return mac.hex(":")


def indent(text: str, n: int = 2) -> str:
    """All lines n blanks further right."""
    return " " * n + text.replace("\n", "\n" + " " * n)


# ---- Ethernet


def ethernet_decode(data: bytes) -> Header:
    """dst, src, type (of the payload), tags [{type, id, priority, cfi}], length of the header in bytes."""
    header: Header = {"dst": mac_text(data[:6]), "src": mac_text(data[6:12]), "tags": []}
    kind, at = int.from_bytes(data[12:14], "big"), 14
    while kind in TAG_TYPES and len(header["tags"]) < 2 and len(data) >= at + 4:
        tag, inner = struct.unpack_from(">HH", data, at)
        header["tags"].append(
            {"type": TAG_TYPES[kind], "id": tag & 0xFFF, "priority": tag >> 13, "cfi": bool(tag & 0x1000)}
        )
        kind, at = inner, at + 4
    return header | {"type": kind, "header_length": at}


def ethernet_text(header: Header) -> str:
    name = ETHERTYPES.get(header["type"], f"0x{header['type']:04x}")
    text = f"{name}: {header['src']} -> {header['dst']}"
    for tag in header["tags"]:
        text += f" {tag['type']} vlan {tag['id']}"
        text += f" priority {tag['priority']}" if tag["priority"] else ""
        text += " cfi" if tag["cfi"] else ""
    return text


def frame_decode(data: bytes) -> Header:
    """The Ethernet header, and what it carries under "ip4" or "arp"."""
    header = ethernet_decode(data)
    payload = data[header["header_length"] :]
    if header["type"] == 0x0800 and len(payload) >= 20:
        header["ip4"] = ip4_decode(payload)
    elif header["type"] == 0x0806 and len(payload) >= 28:
        header["arp"] = arp_decode(payload)
    return header


def frame_text(header: Header) -> str:
    text = ethernet_text(header)
    if "ip4" in header:
        return f"{text}\n{ip4_text(header['ip4'])}"
    return f"{text}\n{arp_text(header['arp'])}" if "arp" in header else text


# ---- IPv4


def ip4_checksum(header: bytes) -> int:
    """Checksum that the header should bear."""
    words = struct.unpack(f">{len(header) // 2}H", header[: len(header) // 2 * 2])
    total = sum(words) - words[5]
    while total >> 16:
        total = (total >> 16) + (total & 0xFFFF)
    return ~total & 0xFFFF


def ip4_decode(data: bytes) -> Header:
    """Fields of the header as they stand, `expected_checksum`, and the L4 header under "tcp", "udp", ..."""
    fields = struct.unpack_from(">BBHHHBBH4s4s", data)
    version_length, tos, length, identification, fragment, ttl, protocol, checksum, src, dst = fields
    header_length = (version_length & 0xF) * 4
    header: Header = {
        "version": version_length >> 4,
        "header_length": header_length,
        "tos": tos,
        "length": length,
        "fragment_id": identification,
        "fragment_offset": (fragment & 0x1FFF) * 8,
        "fragment_flags": fragment & 0xE000,
        "ttl": ttl,
        "protocol": protocol,
        "checksum": checksum,
        "expected_checksum": ip4_checksum(data[: max(20, min(header_length, len(data)))]),
        "src": str(IPv4Address(src)),
        "dst": str(IPv4Address(dst)),
    }
    decode = L4.get(protocol)
    if decode is not None and (l4 := decode[1](data[header_length:])) is not None:
        header[decode[0]] = l4
    return header


def protocol_name(protocol: int) -> str:
    return PROTOCOLS.get(protocol, f"unknown {protocol}")


def fragment_flags(header: Header) -> str:
    """18.10 takes the offset off the flag word unscaled: a last fragment has flags left over, and no name for them."""
    flags, offset = header["fragment_flags"], header["fragment_offset"]
    names = "".join(name for bit, name in FRAGMENT_FLAGS if flags & bit)
    return f", flags {names}" if flags or offset else ""


def ip4_text(header: Header) -> str:
    lines = [f"{protocol_name(header['protocol'])}: {header['src']} -> {header['dst']}"]
    if header["version"] != 4 or header["header_length"] != 20:
        lines.append(f"  version {header['version']}, header length {header['header_length']}")
    wrong = header["checksum"] != header["expected_checksum"]
    lines.append(
        f"  tos 0x{header['tos']:02x}, ttl {header['ttl']}, length {header['length']}, "
        f"checksum 0x{header['checksum']:04x}" + (f" (should be 0x{header['expected_checksum']:04x})" if wrong else "")
    )
    offset = f" offset {header['fragment_offset']}" if header["fragment_offset"] else ""
    lines.append(f"  fragment id 0x{header['fragment_id']:04x}{offset}{fragment_flags(header)}")
    return "\n".join(lines + [text(header[name]) for name, _, text in L4.values() if name in header])


# ---- L4


def tcp_decode(data: bytes) -> Header | None:
    if len(data) < 20:
        return None
    names = ("src_port", "dst_port", "sequence", "acknowledgement", "offset", "flags", "window", "checksum")
    return dict(zip(names, struct.unpack_from(">HHIIBBHH", data), strict=True))


def tcp_text(tcp: Header) -> str:
    names = "".join(f" {name}" for bit, name in enumerate(TCP_FLAGS) if tcp["flags"] >> bit & 1)
    return (
        f"TCP: {tcp['src_port']} -> {tcp['dst_port']}\n"
        f"  seq. 0x{tcp['sequence']:08x} ack 0x{tcp['acknowledgement']:08x}\n"
        f"  flags 0x{tcp['flags']:02x}{names}, tcp header: {(tcp['offset'] >> 4) * 4} bytes\n"
        f"  window {tcp['window']}, checksum 0x{tcp['checksum']:04x}"
    )


def udp_decode(data: bytes) -> Header | None:
    if len(data) < 8:
        return None
    return dict(zip(("src_port", "dst_port", "length", "checksum"), struct.unpack_from(">HHHH", data), strict=True))


def udp_text(udp: Header) -> str:
    return (
        f"UDP: {udp['src_port']} -> {udp['dst_port']}\n  length {udp['length']}, checksum 0x{udp['checksum']:04x}"
    )


def icmp_decode(data: bytes) -> Header | None:
    if len(data) < 4:
        return None
    return dict(zip(("type", "code", "checksum"), struct.unpack_from(">BBH", data), strict=True))


def icmp_text(icmp: Header) -> str:
    kind, code = icmp["type"], icmp["code"]
    name = ICMP_TYPES.get(kind, f"unknown 0x{kind:x}")
    codes = ICMP_CODES.get(kind)
    if codes is not None:
        name += f" {codes[code]}" if code < len(codes) else f" unknown 0x{code:x}"
    return f"ICMP {name} checksum 0x{icmp['checksum']:x}"


def gre_decode(data: bytes) -> Header | None:
    return {"protocol": int.from_bytes(data[2:4], "big")} if len(data) >= 4 else None


# protocol: the name of its header in ip4_decode's data, how to read it, how to print it
L4: dict[int, tuple[str, Any, Any]] = {
    1: ("icmp", icmp_decode, icmp_text),
    6: ("tcp", tcp_decode, tcp_text),
    17: ("udp", udp_decode, udp_text),
    47: ("gre", gre_decode, lambda gre: f"GRE 0x{gre['protocol']:04x}"),
}


# ---- ARP


def arp_decode(data: bytes) -> Header:
    hardware, protocol, hardware_length, protocol_length, opcode = struct.unpack_from(">HHBBH", data)
    sender, sender_address, target, target_address = struct.unpack_from(">6s4s6s4s", data, 8)
    return {
        "hardware_type": hardware,
        "protocol_type": protocol,
        "hardware_length": hardware_length,
        "protocol_length": protocol_length,
        "opcode": opcode,
        "sender_mac": mac_text(sender),
        "sender_address": str(IPv4Address(sender_address)),
        "target_mac": mac_text(target),
        "target_address": str(IPv4Address(target_address)),
    }


def arp_text(arp: Header) -> str:
    opcode = ARP_OPCODES.get(arp["opcode"], f"unknown 0x{arp['opcode']:x}")
    hardware = "ethernet" if arp["hardware_type"] == 1 else f"unknown 0x{arp['hardware_type']:x}"
    protocol = ETHERTYPES.get(arp["protocol_type"], f"0x{arp['protocol_type']:04x}")
    return (
        f"{opcode}, type {hardware}/{protocol}, address size {arp['hardware_length']}/{arp['protocol_length']}\n"
        f"{arp['sender_mac']}/{arp['sender_address']} -> {arp['target_mac']}/{arp['target_address']}"
    )
