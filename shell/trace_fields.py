"""What the text of a trace entry says, as data: the fields that `show trace | json` of our engine has.

Only what the text tells is there; an entry of a node that is not known has no fields.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from .trace_names import (
    ARP_HARDWARE_TYPES,
    ARP_OPCODES,
    ETHERTYPES,
    GRE_PROTOCOLS,
    ICMP4_CODES,
    ICMP4_TYPES,
    IP_PROTOCOLS,
)

Fields = dict[str, Any]

FRAGMENT_FLAGS = {"MORE_FRAGMENTS": 0x2000, "DONT_FRAGMENT": 0x4000, "CONGESTION": 0x8000}
FRAGMENT_TOP = 0xE000
ETHERNET_HEADER, TAG = 14, 4
PATTERNS = {
    "": r"\S+",
    "d": r"-?\d+",
    "x": r"[0-9a-f]+",
    "h": r"[0-9a-f]+",  # bytes in hex, which stay text
    "m": r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}",  # a MAC address
    "a": r"[0-9a-f]+[.:][0-9a-f.:]+",  # an IPv4 or IPv6 address
    "n": r"unknown (?:0x)?[0-9a-f]+|\S+",  # the name of a number
    "*": r".*",
}
BASES = {"d": 10, "x": 16}


class Layout:
    """A line with fields in it: `{name}` is a word, `{name:d}` a number, and so on as PATTERNS says."""

    def __init__(self, layout: str) -> None:
        literals, names, kinds = (re.split(r"\{(\w+)(?::(\S))?\}", layout)[at::3] for at in range(3))
        kinds = [kind or "" for kind in kinds]
        groups = [f"(?P<{name}>{PATTERNS[kind]})" for name, kind in zip(names, kinds, strict=True)]
        self._pattern = re.compile("".join(a + b for a, b in zip(map(re.escape, literals), [*groups, ""], strict=True)))
        self._bases = {name: BASES[kind] for name, kind in zip(names, kinds, strict=True) if kind in BASES}

    def read(self, line: str) -> Fields | None:
        """The fields of a line; None when it is another one."""
        match = self._pattern.fullmatch(line)
        if match is None:
            return None
        return {name: int(text, self._bases[name]) if name in self._bases else text
                for name, text in match.groupdict().items()}  # fmt: skip


class Lines:
    """The lines of an entry, read from the first to the last."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._left = list(reversed(lines))

    def take(self, layout: Layout) -> Fields | None:
        """The fields of the next line, which is then read; None when it is another one, or there is none."""
        fields = layout.read(self._left[-1]) if self._left else None
        if fields is not None:
            self._left.pop()
        return fields

    def skip_to(self, layout: Layout) -> None:
        """Skip the lines before the first of that layout."""
        while self._left and layout.read(self._left[-1]) is None:
            self._left.pop()


def number(name: str, numbers: dict[str, int]) -> int | None:
    """The number a name stands for; VPP prints `unknown 99`, `unknown 0x63` or `0x1234` where it has none."""
    digits = name.removeprefix("unknown ")
    if name in numbers or not digits[:1].isdigit():
        return numbers.get(name)
    return int(digits, 0) if digits.startswith("0x") or digits.isdigit() else None


# ---- headers

ETHERNET = Layout("{type:n}: {src:m} -> {dst:m}{tags:*}")
TAG_TEXT = re.compile(r"802\.1(q|ad) vlan (\d+)(?: priority (\d+))?( cfi)?")
ARP = Layout("{opcode:n}, type {hardware:n}/{protocol:n}, address size {hardware_length:d}/{protocol_length:d}")
ARP_ENDS = Layout("{sender_mac:m}/{sender:a} -> {target_mac:m}/{target:a}")
IP = Layout("{protocol:n}: {src:a} -> {dst:a}")
IP4_VERSION = Layout("  version {version:d}, header length {header_length:d}")
IP4_WRONG = Layout(
    "  tos 0x{tos:x}, ttl {ttl:d}, length {length:d}, checksum 0x{checksum:x} (should be 0x{right_checksum:x})"
)
IP4 = Layout("  tos 0x{tos:x}, ttl {ttl:d}, length {length:d}, checksum 0x{checksum:x}")
IP4_FRAGMENT = Layout("  fragment id 0x{id:x}{rest:*}")
IP6 = Layout(
    "  tos 0x{traffic_class:x}, flow label 0x{flow_label:x}, hop limit {hop_limit:d}, payload length {length:d}"
)
TCP = Layout("TCP: {src_port:d} -> {dst_port:d}")
TCP_SEQUENCE = Layout("  seq. 0x{sequence:x} ack 0x{acknowledgement:x}")
TCP_FLAGS = Layout("  flags 0x{flags:x}{names:*}, tcp header: {header_length:d} bytes")
TCP_WINDOW = Layout("  window {window:d}, checksum 0x{checksum:x}")
UDP = Layout("UDP: {src_port:d} -> {dst_port:d}")
UDP_LENGTH = Layout("  length {length:d}, checksum 0x{checksum:x}")
ICMP = Layout("ICMP {type:n} checksum 0x{checksum:x}")
ICMP_CODE = Layout("ICMP {type:n} {code:n} checksum 0x{checksum:x}")
GRE = Layout("GRE {protocol:n}")


def read_frame(lines: Lines) -> Fields:
    ethernet = read_ethernet(lines)
    if ethernet is None:
        return {}
    return {"ethernet": ethernet, "payload": (read_arp if ethernet["type"] == 0x0806 else read_ip)(lines)}


def read_ethernet(lines: Lines) -> Fields | None:
    fields = lines.take(ETHERNET)
    if fields is None:
        return None
    tags = [
        {
            "type": 0x88A8 if kind == "ad" else 0x8100,
            "vlan": int(vlan),
            "priority": int(priority or 0),
            "cfi": bool(cfi),
        }
        for kind, vlan, priority, cfi in TAG_TEXT.findall(fields.pop("tags"))
    ]
    length = ETHERNET_HEADER + TAG * len(tags)
    return fields | {"tags": tags, "type": number(fields["type"], ETHERTYPES), "length": length}


def read_arp(lines: Lines) -> Fields | None:
    fields = lines.take(ARP)
    if fields is None:
        return None
    return {
        "opcode": number(fields["opcode"], ARP_OPCODES),
        "hardware_type": number(fields["hardware"], ARP_HARDWARE_TYPES),
        "protocol_type": number(fields["protocol"], ETHERTYPES),
        "hardware_length": fields["hardware_length"],
        "protocol_length": fields["protocol_length"],
        **(lines.take(ARP_ENDS) or {}),
        "truncated": False,
    }


def read_ip(lines: Lines) -> Fields | None:
    """IPv4 or IPv6, with the TCP, UDP, ICMP or GRE header behind it."""
    fields = lines.take(IP)
    if fields is None:
        return None
    fields["protocol"] = number(fields["protocol"], IP_PROTOCOLS)
    fields["truncated"] = False
    six = lines.take(IP6)
    if six is not None:
        return fields | {"version": 6} | six | {"l4": read_l4(lines)}
    fields |= lines.take(IP4_VERSION) or {"version": 4, "header_length": 20}
    wrong = lines.take(IP4_WRONG)
    right = lines.take(IP4) if wrong is None else None
    fields |= wrong or {}
    fields |= right | {"right_checksum": right["checksum"]} if right is not None else {}
    fragment = lines.take(IP4_FRAGMENT)
    if fragment is not None:
        fields |= {"id": fragment["id"], "fragment": fragment_word(fragment["rest"])}
    return fields | {"l4": read_l4(lines)}


def fragment_word(text: str) -> int:
    """Flags and offset as they are in the header. VPP takes the offset in bytes out of the word first."""
    match = re.fullmatch(r"(?: offset (\d+))?(?:, flags (\S*))?", text)
    if match is None:
        return 0
    offset = int(match[1] or 0)
    flags = sum(bit for name, bit in FRAGMENT_FLAGS.items() if name in (match[2] or ""))
    if match[2] is None:
        return offset
    return offset // 8 | (flags ^ offset) & FRAGMENT_TOP


def read_l4(lines: Lines) -> Fields | None:
    for read in (read_tcp, read_udp, read_icmp, read_gre):
        fields = read(lines)
        if fields is not None:
            return fields | {"truncated": False}
    return None


def read_tcp(lines: Lines) -> Fields | None:
    fields = lines.take(TCP)
    if fields is None:
        return None
    sequence = lines.take(TCP_SEQUENCE)
    if sequence is None:  # ports alone are UDP's; the protocol's name tells
        return fields
    flags = lines.take(TCP_FLAGS) or {}
    flags.pop("names", None)
    return fields | sequence | flags | (lines.take(TCP_WINDOW) or {})


def read_udp(lines: Lines) -> Fields | None:
    fields = lines.take(UDP)
    return None if fields is None else fields | (lines.take(UDP_LENGTH) or {})


def read_icmp(lines: Lines) -> Fields | None:
    fields = lines.take(ICMP) or lines.take(ICMP_CODE)
    if fields is None:
        return None
    code = {"code": number(fields["code"], ICMP4_CODES)} if "code" in fields else {}
    return {"type": number(fields["type"], ICMP4_TYPES), "checksum": fields["checksum"]} | code


def read_gre(lines: Lines) -> Fields | None:
    fields = lines.take(GRE)
    return None if fields is None else {"protocol": number(fields["protocol"], GRE_PROTOCOLS)}


# ---- entries

BUFFER_TEXT = "current data {current_data:d}, length {current_length:d}, free-list {free_list:d}, {rest:*}"
BUFFER = Layout(BUFFER_TEXT)
BUFFER_OF = Layout("{blanks:*}buffer 0x{buffer:x}: " + BUFFER_TEXT)
BUFFER_REST = re.compile(r"clone-count (\d+).*, trace 0x([0-9a-f]+)")
HEX_DUMP = Layout("{offset:x}: {bytes:h}")
ADJACENCY = (
    ("complete", Layout("ipv4 via {next_hop} {interface}: mtu:{mtu:d} {rewrite:h}")),
    ("complete", Layout("ipv4 via {next_hop} {interface}: {rewrite:h}")),
    ("glean", Layout("ipv4-glean: {interface}: mtu:{mtu:d} {rewrite:h}")),
    ("glean", Layout("ipv4-glean: {interface}: {rewrite:h}")),
    ("incomplete", Layout("arp-ipv4: via {next_hop} {interface}")),
)
PACKET_INFO = Layout("pkt info {a:x} {b:x} {c:x} {d:x} {e:x} {f:x}")
ACL_PLACE = re.compile(r" (?:(input|output) sw_if_index|lc_index) (\d+) \(lsb16 (?:of sw_if_index )?(\d+)\) ")
ACL_KEY = re.compile(
    r"l3 (ip4|ip6)( non-initial fragment)? (\S+) -> (\S+) l4 proto (\d+) l4_valid (\d) port (\d+) -> (\d+) "
    r"tcp flags \((valid|invalid)\) ([0-9a-f]+) rsvd ([0-9a-f]+)"
)

Read = Callable[[Fields, Lines], Fields]


def with_buffer(fields: Fields, lines: Lines) -> Fields:
    """A buffer, which may be described in the first line or in the next, and the frame in it."""
    if "rest" not in fields:
        fields |= lines.take(BUFFER) or lines.take(BUFFER_OF) or {}
    rest = BUFFER_REST.match(fields.pop("rest", ""))
    if rest is not None:
        fields |= {"clone_count": int(rest[1]), "trace": int(rest[2], 16)}
    lines.skip_to(ETHERNET)
    return without(fields, "free_list", "blanks") | {"frame": read_frame(lines)}


def without(fields: Fields, *names: str) -> Fields:
    return {name: value for name, value in fields.items() if name not in names}


def with_frame(fields: Fields, lines: Lines) -> Fields:
    return fields | {"frame": read_frame(lines)}


def with_packet(fields: Fields, lines: Lines) -> Fields:
    return fields | {"ip4": read_ip(lines)}


def rewritten(fields: Fields, lines: Lines) -> Fields:
    """The adjacency, and the first bytes of the packet."""
    text = fields.pop("via")
    found = ((kind, layout.read(text)) for kind, layout in ADJACENCY)
    adjacency = next(({"kind": kind, "mtu": None} | parts for kind, parts in found if parts is not None), {})
    pieces = []
    while (line := lines.take(HEX_DUMP)) is not None:
        pieces.append(line["bytes"])
    return fields | {"adjacency": adjacency | {"index": fields["dpo"]}, "data": "".join(pieces)}


def acl_key(fields: Fields, lines: Lines) -> Fields:
    """The second and third line of an ACL entry."""
    words = lines.take(PACKET_INFO)
    line = (lines.take(Layout("{line:*}")) or {"line": ""})["line"]
    place = ACL_PLACE.match(line)
    key = ACL_KEY.search(line)
    if words is None or place is None or key is None:
        return fields
    if place[1]:
        fields["is_input"] = place[1] == "input"
    return fields | {
        "words": [int(line, 16) if isinstance(line, str) else line for line in words.values()],
        "key_index": int(place[2]),
        "lsb16": int(place[3]),
        "is_ip6": int(key[1] == "ip6"),
        "later_fragment": int(bool(key[2])),
        "src": key[3],
        "dst": key[4],
        "proto": int(key[5]),
        "l4_valid": int(key[6]),
        "sport": int(key[7]),
        "dport": int(key[8]),
        "tcp_flags_valid": int(key[9] == "valid"),
        "tcp_flags": int(key[10], 16),
        "reserved": int(key[11], 16),
    }


def alone(fields: Fields, lines: Lines) -> Fields:
    return fields


def nat(path: str) -> Read:
    return lambda fields, lines: fields | {"path": path}


ACL_TEXT = (
    "sw_if_index {sw_if_index:d}, next index {next_index:d}, action: {action:d}, "
    "match: acl {acl:d} rule {rule:d} trace_bits {trace_bits:x}"
)
NAT_TEXT = ": sw_if_index {sw_if_index:d}, next index {next_index:d}, session {session:d}"
L2_TEXT = "sw_if_index {sw_if_index:d} dst {dst:m} src {src:m}"

# The first line of an entry, and what reads the others.
ENTRIES: list[tuple[Layout, Read]] = [
    (Layout("virtio: hw_if_index {hw_if_index:d} next-index {next_index:d} vring {vring:d} len {length:d}"), alone),
    (Layout("stream {name}, {total_length:d} bytes, {sw_if_index:d} sw_if_index"), with_buffer),
    (Layout("{interface} rx queue {queue:d}"), with_buffer),
    (Layout("{interface} tx queue {queue:d}"), with_buffer),
    (BUFFER_OF, with_buffer),
    (Layout("fib {fib:d} dpo-idx {dpo:d} flow hash: 0x{flow_hash:x}"), with_packet),
    (
        Layout("tx_sw_if_index {sw_if_index:d} dpo-idx {dpo:d} : {via:*} flow hash: 0x{flow_hash:x}"),
        rewritten,
    ),
    (Layout("acl-plugin: lc_index: {lc_index:d}, " + ACL_TEXT), acl_key),
    (Layout("acl-plugin: " + ACL_TEXT), acl_key),
    (Layout("NAT44_OUT2IN: sw_if_index {sw_if_index:d}, next index {next_index:d}, session index {session:d}"), alone),
    *((Layout(f"NAT44_{way}_FAST_PATH{NAT_TEXT}"), nat("fast")) for way in ("IN2OUT", "IN2OUT_ED", "OUT2IN_ED")),
    *((Layout(f"NAT44_{way}_SLOW_PATH{NAT_TEXT}"), nat("slow")) for way in ("IN2OUT", "IN2OUT_ED", "OUT2IN_ED")),
    (Layout("NAT44_REASS: sw_if_index {sw_if_index:d}, next index {next_index:d}, status {status}"), alone),
    (Layout("nat44-classify: next {next}"), alone),
    (Layout("l2-input: " + L2_TEXT), alone),
    (Layout("l2-learn: " + L2_TEXT + " bd_index {bd_index:d}"), alone),
    (Layout("l2-fwd:   " + L2_TEXT + " bd_index {bd_index:d}"), alone),
    (Layout("l2-flood: " + L2_TEXT + " bd_index {bd_index:d}"), alone),
    (Layout("l2-output: " + L2_TEXT + " data {data:*}"), alone),
    (Layout("l2-input-vtr: " + L2_TEXT + " data {data:*}"), alone),
    (Layout("l2-output-vtr: " + L2_TEXT + " data {data:*}"), alone),
    (
        Layout("l2-classify: sw_if_index {sw_if_index:d}, table {table:d}, offset 0, next {next_index:d}"),
        alone,
    ),
    (Layout("VXLAN decap from vxlan_tunnel{tunnel:d} vni {vni:d} next {next_index:d} error {error:d}"), alone),
    *(
        (
            Layout(protocol + " decap error - tunnel for vni {vni:d} does not exist"),
            lambda fields, lines: fields | {"tunnel": None},
        )
        for protocol in ("VXLAN", "GENEVE")
    ),
    (Layout("feat_bitmap_drop: feature bitmap 0x{features:x}"), alone),
    (Layout("VXLAN encap to vxlan_tunnel{tunnel:d} vni {vni:d}"), alone),
    (Layout("GENEVE decap from geneve_tunnel{tunnel:d} vni {vni:d} next {next_index:d} error {error:d}"), alone),
    (Layout("GENEVE encap to geneve_tunnel{tunnel:d} vni {vni:d}"), alone),
    (Layout(" next {next_index:d} index {index:d}"), alone),
    (Layout("UDP: src-port {src_port:d} dst-port {dst_port:d}"), lambda fields, lines: fields | {"listener": True}),
    (
        Layout("UDP: src-port {src_port:d} dst-port {dst_port:d} (no listener)"),
        lambda fields, lines: fields | {"listener": False},
    ),
    (Layout("ICMP echo id {id:d} seq {sequence:d} (unknown)"), alone),
    (Layout("fib {fib:d} entry {entry:d}"), alone),
    (Layout("entry {entry:d} itf {interface:d} flags {names:*}"), lambda fields, lines: without(fields, "names")),
    (Layout("IPv4 mtu: {mtu:d} fragments: {fragments:d}"), alone),
]
DROPS = ("error-drop", "error-punt", "drop", "punt")
REASON = Layout("{node}: {reason:*}")
INTERFACE = Layout("{interface}")


def shape_of(node: str, line: str) -> tuple[Layout, Read]:
    """The layout of an entry's first line, and what reads the rest."""
    if node in DROPS:
        return REASON, alone
    for layout, read in ENTRIES:
        if layout.read(line) is not None:
            return layout, read
    if node.endswith("-output") and INTERFACE.read(line) is not None:
        return INTERFACE, with_frame
    return UNKNOWN, alone


UNKNOWN = Layout("{text:*}")
HEADER_LINES = (ETHERNET, ARP, IP, Layout("  {protocol:n}: {src:a} -> {dst:a}"))
HEADERS: tuple[Callable[[Lines], Fields | None], ...] = (read_ethernet, read_arp)


def split_entries(node: str, lines: Sequence[str]) -> list[list[str]]:
    """The entries of one node in a row, which VPP prints under one time: each begins with a line of the same layout."""
    layout = shape_of(node, lines[0])[0]
    if layout is UNKNOWN:
        layout = next((each for each in HEADER_LINES if each.read(lines[0]) is not None), UNKNOWN)
    if layout is UNKNOWN:
        return [list(lines)]
    starts = [at for at, line in enumerate(lines) if at == 0 or layout.read(line) is not None]
    return [list(lines[start:end]) for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]


def entry_data(node: str, lines: Sequence[str]) -> Fields:
    """The fields of an entry, from its lines (which begin in column 0)."""
    layout, read = shape_of(node, lines[0])
    if layout is not UNKNOWN:
        rest = Lines([line.removeprefix("  ") for line in lines[1:]] if lines[1:2] and _nested(lines) else lines[1:])
        return read(layout.read(lines[0]) or {}, rest)
    for header in HEADERS:
        fields = header(Lines(lines))
        if fields is not None:
            return fields
    blanks = len(lines[0]) - len(lines[0].lstrip())
    packet = read_ip(Lines([line[blanks:] for line in lines]))
    return {} if packet is None else {"ip4": packet}


def _nested(lines: Sequence[str]) -> bool:
    """Whether the packet below the first line is moved to the right."""
    return lines[1].startswith("  ") and IP.read(lines[1][2:]) is not None
