"""Link types other than Ethernet, turned into Ethernet frames.

The graph begins at ethernet-input, so a frame captured without an Ethernet header gets one: a fixed source,
a destination of zero that the receiving interface replaces with its own address (FRAME_NO_MAC), and the
type that the other link header, or the IP version, says. Numbers: tcpdump.org/linktypes.html.
"""

from struct import unpack_from

FRAME_NO_MAC = 1  # source.pxd

NULL = 0
ETHERNET = 1
RAW = frozenset((12, 14, 101))  # LINKTYPE_RAW, and two numbers that systems write for it
LOOP = 108
LINUX_SLL = 113
IPV4 = 228
IPV6 = 229
LINUX_SLL2 = 276

SOURCE_MAC = bytes.fromhex("02fe00000001")
NO_MAC = bytes(6)

TYPE_IP4 = 0x0800
TYPE_IP6 = 0x86DD
TYPE_UNKNOWN = 0xFFFF  # reserved by RFC 1701: ethernet-input counts it as an unknown type
LOWEST_TYPE = 0x0600  # below stands a length (IEEE 802.3)

AF_INET = 2
AF_INET6 = frozenset((10, 23, 24, 28, 30))  # each system has its own

HEADER = {NULL: 4, LOOP: 4, LINUX_SLL: 16, LINUX_SLL2: 20}
SUPPORTED = RAW | {ETHERNET, IPV4, IPV6} | HEADER.keys()


class LinkError(ValueError):
    """A frame that cannot be turned into an Ethernet frame."""


def _by_version(packet: bytes) -> int:
    return TYPE_IP6 if packet and packet[0] >> 4 == 6 else TYPE_IP4


def _by_family(family: int) -> int:
    if family == AF_INET:
        return TYPE_IP4
    return TYPE_IP6 if family in AF_INET6 else TYPE_UNKNOWN


def _type(link: int, frame: bytes, payload: bytes) -> int:
    """What the Ethernet type field has to say, a length where the payload is an 802.2 one."""
    if link in (LINUX_SLL, LINUX_SLL2):
        kind: int = unpack_from(">H", frame, 14 if link == LINUX_SLL else 0)[0]
        return kind if kind >= LOWEST_TYPE else len(payload) if len(payload) < LOWEST_TYPE else TYPE_UNKNOWN
    if link == LOOP:
        return _by_family(unpack_from(">I", frame)[0])
    if link == NULL:  # in the byte order of the machine that captured, which nothing tells
        return _by_family(min(unpack_from("<I", frame)[0], unpack_from(">I", frame)[0]))
    return TYPE_IP4 if link == IPV4 else TYPE_IP6 if link == IPV6 else _by_version(payload)


def to_ethernet(link: int, frame: bytes) -> tuple[bytes, int]:
    """The frame as Ethernet, and how many bytes it grew by. LinkError: unknown link type, or cut off."""
    if link == ETHERNET:
        return frame, 0
    if link not in SUPPORTED:
        raise LinkError(f"link type {link} is not supported")
    header = HEADER.get(link, 0)
    if len(frame) < header:
        raise LinkError(f"shorter than the header of link type {link}")
    payload = frame[header:]
    ethernet = NO_MAC + SOURCE_MAC + _type(link, frame, payload).to_bytes(2, "big")
    return ethernet + payload, len(ethernet) - header
