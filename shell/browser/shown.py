"""What one entry of a trace shows of the packet's bytes."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from ..diagram.headers import Fields
from ..diagram.story import Step
from .fields import IP4, TCP, UDP, Octets

VLAN_TYPES = (0x8100, 0x88A8)
IP4_TYPE, IP6_TYPE = 0x0800, 0x86DD


@dataclass(frozen=True)
class Image:
    """A packet: its Ethernet header, VLAN tags included, and what follows; of either nothing may be known."""

    link: Octets = field(default_factory=list)
    network: Octets = field(default_factory=list)

    @classmethod
    def of(cls, frame: bytes) -> "Image":
        """A whole frame."""
        end = 14
        while int.from_bytes(frame[end - 2 : end], "big") in VLAN_TYPES and len(frame) >= end + 4:
            end += 4
        return cls(list(frame[:end]), list(frame[end:]))

    @property
    def octets(self) -> Octets:
        """All of it; an unknown Ethernet header takes its 14 bytes all the same."""
        return [*(self.link or [None] * 14), *self.network]

    def frame(self) -> bytes:
        """As a frame: zeros where nothing is known, but for the type of an unknown Ethernet header."""
        first = self.network[0] if self.network else None
        kind = IP6_TYPE if first is not None and first >> 4 == 6 else IP4_TYPE
        link = self.link or [*[0] * 12, kind >> 8, kind & 0xFF]
        return bytes(octet or 0 for octet in [*link, *self.network])

    def length(self) -> int:
        """Of the frame, as its IP header says, or what is known of it."""
        stated = self.network[2:4] if self.network and (self.network[0] or 0) >> 4 == IP4 else []
        known = len(self.octets)
        if len(stated) == 2 and stated[0] is not None and stated[1] is not None:
            return max(known, len(self.link or [None] * 14) + stated[0] * 256 + stated[1])
        return known

    def agrees(self, frame: bytes) -> bool:
        """Whether a frame has all the bytes that are known."""
        known = self.octets
        return len(frame) >= len(known) and all(a is None or a == b for a, b in zip(known, frame, strict=False))

    def overlaid(self, other: "Image") -> "Image":
        """With the other's known bytes in the place of its own. Another length of the Ethernet header replaces it."""
        link = other.link if len(other.link) != len(self.link) and other.link else _over(self.link, other.link)
        return Image(link, _over(self.network, other.network))

    def with_unknown(self, other: "Image") -> "Image":
        """With the other's bytes where its own are unknown."""
        alike = not self.link or len(other.link) == len(self.link)
        return Image(_over(other.link, self.link) if alike else self.link, _over(other.network, self.network))

    def differences(self, other: "Image") -> Iterator[tuple[bool, int, int]]:
        """(in the Ethernet header?, where, the other's byte) where both are known and differ."""
        for link, mine, theirs in ((True, self.link, other.link), (False, self.network, other.network)):
            for at, (a, b) in enumerate(zip(mine, theirs, strict=False)):
                if a is not None and b is not None and a != b:
                    yield link, at, b

    def with_bytes(self, changed: Iterable[tuple[bool, int, int]]) -> "Image":
        """With some bytes changed, as differences() gives them."""
        parts = {True: list(self.link), False: list(self.network)}
        for link, at, octet in changed:
            if at < len(parts[link]):
                parts[link][at] = octet
        return Image(parts[True], parts[False])


def _over(below: Octets, above: Octets) -> Octets:
    longer = max(len(below), len(above))
    low, high = _filled(below, longer), _filled(above, longer)
    return [a if b is None else b for a, b in zip(low, high, strict=True)]


def _filled(octets: Octets, length: int) -> Octets:
    return [*octets, *[None] * (length - len(octets))]


def shown_by(step: Step) -> Image | None:
    """The bytes that a trace entry shows; None where it shows none, or those of an ARP packet in the record."""
    data = step.data
    try:
        return _shown(data)
    except (struct.error, AddressValueError, ValueError, KeyError, TypeError, AttributeError):
        return None  # what a hostile or another release's trace says


def _shown(data: Fields) -> Image | None:
    if isinstance(data.get("frame"), dict):
        frame = data["frame"]
        ethernet = frame.get("ethernet") or {}
        if ethernet.get("type") not in (IP4_TYPE, IP6_TYPE, None):
            return None
        return Image(_ethernet(ethernet), _ip(frame.get("payload") or {}))
    if "adjacency" in data and data.get("data"):
        return _printed(data["adjacency"].get("rewrite") or "", bytes.fromhex(data["data"]))
    if "bd_index" in data and _is_mac(data.get("dst")):
        return _bridged(data)
    header = data.get("ip4") or data.get("ip6") or (data if "hop_limit" in data else None)
    if header is not None:
        return Image([], _ip(header))
    return Image(_ethernet(data)) if _is_mac(data.get("dst")) and data.get("type") in (IP4_TYPE, IP6_TYPE) else None


def _is_mac(value: object) -> bool:
    return isinstance(value, str) and value.count(":") == 5


def _printed(rewrite: str, raw: bytes) -> Image:
    """A packet in hexadecimal, with an Ethernet header of the length that was put on."""
    length = len(rewrite) // 2
    return Image(list(raw[:length]), list(raw[length:])) if length >= 14 else Image([], list(raw))


def _bridged(data: Fields) -> Image:
    """MAC addresses, and in some releases twelve bytes behind them."""
    behind = list(bytes.fromhex(data.get("data") or ""))
    macs = [*_mac(data["dst"]), *_mac(data["src"])]
    if len(behind) < 2:
        return Image([*macs, None, None])
    kind = behind[0] << 8 | behind[1]
    return Image([*macs, *behind[:2]], [*behind[2:]] if kind == IP4_TYPE else [])


def _mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def _ethernet(header: Fields) -> Octets:
    if header.get("tags"):
        return []  # how tags were written is not shown
    if "dst" not in header:
        return []
    kind = header.get("type") or 0
    return [*_mac(header["dst"]), *_mac(header["src"]), kind >> 8, kind & 0xFF]


def _ip(header: Fields) -> Octets:
    if header.get("truncated") or "src" not in header:
        return []
    if "hop_limit" in header:
        start = struct.pack(
            ">IHBB",
            6 << 28 | (header.get("traffic_class") or 0) << 20 | (header.get("flow_label") or 0),
            header["length"],
            header["protocol"],
            header["hop_limit"],
        )
        return [*start, *IPv6Address(header["src"]).packed, *IPv6Address(header["dst"]).packed, *_l4(header)]
    length = header.get("header_length") or 20
    start = struct.pack(
        ">BBHHHBBH",
        (header.get("version") or 4) << 4 | length // 4,
        header.get("tos") or 0,
        header["length"],
        header["id"],
        header.get("fragment") or 0,
        header["ttl"],
        header["protocol"],
        header["checksum"],
    )
    options: Sequence[int | None] = [None] * (length - 20)
    return [*start, *IPv4Address(header["src"]).packed, *IPv4Address(header["dst"]).packed, *options, *_l4(header)]


def _l4(header: Fields) -> Octets:
    l4 = header.get("l4") or {}
    if l4.get("truncated") or not l4:
        return []
    if header["protocol"] == TCP and "sequence" in l4:
        ports = struct.pack(">HHII", l4["src_port"], l4["dst_port"], l4["sequence"], l4["acknowledgement"])
        rest = struct.pack(">BBHH", l4["header_length"] // 4 << 4, l4["flags"], l4["window"], l4["checksum"])
        return [*ports, *rest, None, None]
    if header["protocol"] == UDP:
        return list(struct.pack(">HHHH", l4["src_port"], l4["dst_port"], l4["length"], l4["checksum"]))
    if "type" in l4 and "checksum" in l4:
        return list(struct.pack(">BBH", l4["type"], l4.get("code") or 0, l4["checksum"]))
    return []
