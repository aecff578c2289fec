"""Header fields by name, from bytes of which some may be unknown."""

from collections.abc import Callable, Iterator
from ipaddress import IPv6Address
from typing import NamedTuple

Octets = list[int | None]  # None: not known

IP4, IP6 = 4, 6
TCP, UDP, ICMP = 6, 17, 1
TCP_FLAGS = "FSRPAUEC"


class Place(NamedTuple):
    """Where a field stands behind the start of its header, in bytes, and how its value reads."""

    name: str
    at: int
    size: int
    text: Callable[[bytes], str]


def number(octets: bytes) -> str:
    """Decimal."""
    return str(int.from_bytes(octets, "big"))


def hexadecimal(octets: bytes) -> str:
    """As `0x1f90`."""
    return f"0x{octets.hex()}"


def mac(octets: bytes) -> str:
    """As `02:fe:16:3f:5f:0f`."""
    return octets.hex(":")


def ip4(octets: bytes) -> str:
    """Dotted."""
    return ".".join(map(str, octets))


def ip6(octets: bytes) -> str:
    """Short form."""
    return str(IPv6Address(octets))


def tcp_flags(octets: bytes) -> str:
    """As tcpdump writes them, without the dot for ACK: `SA`."""
    return "".join(letter for bit, letter in enumerate(TCP_FLAGS) if octets[0] >> bit & 1) or "none"


LINK = (Place("ethernet dst", 0, 6, mac), Place("ethernet src", 6, 6, mac), Place("ethernet type", 12, 2, hexadecimal))
HEADERS = {
    IP4: (
        Place("ip tos", 1, 1, hexadecimal),
        Place("ip length", 2, 2, number),
        Place("ip id", 4, 2, number),
        Place("ip fragment", 6, 2, hexadecimal),
        Place("ip ttl", 8, 1, number),
        Place("ip protocol", 9, 1, number),
        Place("ip checksum", 10, 2, hexadecimal),
        Place("ip src", 12, 4, ip4),
        Place("ip dst", 16, 4, ip4),
    ),
    IP6: (
        Place("ip6 length", 4, 2, number),
        Place("ip6 next header", 6, 1, number),
        Place("ip6 hop limit", 7, 1, number),
        Place("ip6 src", 8, 16, ip6),
        Place("ip6 dst", 24, 16, ip6),
    ),
}
TRANSPORT = {
    TCP: (
        Place("tcp sport", 0, 2, number),
        Place("tcp dport", 2, 2, number),
        Place("tcp sequence", 4, 4, number),
        Place("tcp acknowledgement", 8, 4, number),
        Place("tcp flags", 13, 1, tcp_flags),
        Place("tcp window", 14, 2, number),
        Place("tcp checksum", 16, 2, hexadecimal),
    ),
    UDP: (
        Place("udp sport", 0, 2, number),
        Place("udp dport", 2, 2, number),
        Place("udp length", 4, 2, number),
        Place("udp checksum", 6, 2, hexadecimal),
    ),
    ICMP: (
        Place("icmp type", 0, 1, number),
        Place("icmp code", 1, 1, number),
        Place("icmp checksum", 2, 2, hexadecimal),
        Place("icmp id", 4, 2, number),
    ),
}


def places(network: Octets) -> Iterator[Place]:
    """The fields of the headers that a packet has, each where it stands in the packet."""
    first = network[0] if network else None
    version = first >> 4 if first is not None else None
    yield from HEADERS.get(version, ()) if version is not None else ()
    if version == IP4 and first is not None:
        start, kind = (first & 15) * 4, network[9] if len(network) > 9 else None
        later = len(network) > 7 and ((network[6] or 0) & 0x1F or network[7])  # a later fragment has no such header
    else:
        start, kind, later = 40, network[6] if version == IP6 and len(network) > 6 else None, False
    if kind is not None and not later:
        for place in TRANSPORT.get(kind, ()):
            yield place._replace(at=start + place.at)


def value(octets: Octets, place: Place) -> str | None:
    """What a field says; None where a byte of it is not known."""
    part = octets[place.at : place.at + place.size]
    known = bytes(octet for octet in part if octet is not None)
    return place.text(known) if len(known) == place.size else None


def named(link: Octets, network: Octets) -> dict[str, str | None]:
    """All fields by name, in the order of the bytes."""
    found = {place.name: value(link, place) for place in LINK[:2]} if link else {}
    return found | {place.name: value(network, place) for place in places(network)}
