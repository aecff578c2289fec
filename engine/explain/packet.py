"""The packet that is asked about: a few words made into a frame."""

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any

from engine.errors import ControlError

ICMP, TCP, UDP = 1, 6, 17
SYN = 0x02
ECHO_REQUEST = 8
IP4_TYPE = 0x0800
TTL = 64
UNKNOWN_MAC = bytes.fromhex("020000000001")  # of a sender that is no neighbour


class FlowError(ControlError):
    """A packet that cannot be."""


@dataclass(frozen=True)
class Packet:
    """What the first packet of a connection looks like, unless said otherwise.

    flags: of TCP. type, code: of ICMP, with id the echo identifier. mac: (source, destination); where it is None the
    packet comes from the neighbour that has its source address, and goes to the interface.
    """

    src: IPv4Address
    dst: IPv4Address
    protocol: int
    sport: int = 0
    dport: int = 0
    flags: int = SYN
    type: int = ECHO_REQUEST
    code: int = 0
    id: int = 1
    ttl: int = TTL
    mac: tuple[str, str] | None = None

    def frame(self, vpp: Any, interface: Any) -> bytes:
        """The frame as it would enter by an interface."""
        payload = self._payload()
        length = 20 + len(payload)
        header = bytearray(struct.pack(">BBHHHBBH", 0x45, 0, length, 0, 0, self.ttl, self.protocol, 0))
        header += self.src.packed + self.dst.packed
        struct.pack_into(">H", header, 10, checksum(header))
        return self._ethernet(vpp, interface) + bytes(header) + payload

    def _ethernet(self, vpp: Any, interface: Any) -> bytes:
        if self.mac is not None:
            source, destination = (bytes.fromhex(mac.replace(":", "")) for mac in self.mac)
        else:
            neighbour = vpp.arp.entries.get((interface.sw_if_index, int(self.src)))
            source, destination = neighbour.mac if neighbour else UNKNOWN_MAC, bytes(interface.mac)
        return destination + source + struct.pack(">H", IP4_TYPE)

    def _payload(self) -> bytes:
        """What stands behind the IPv4 header, its checksum right."""
        if self.protocol == TCP:
            ports = struct.pack(">HH", self.sport, self.dport)
            return self._sealed(ports + struct.pack(">IIBBHHH", 1, 0, 0x50, self.flags, 65535, 0, 0), 16)
        if self.protocol == UDP:
            return self._sealed(struct.pack(">HHHH", self.sport, self.dport, 8, 0), 6)
        if self.protocol == ICMP:
            message = bytearray(struct.pack(">BBHHH", self.type, self.code, 0, self.id, 1))
            struct.pack_into(">H", message, 2, checksum(message))
            return bytes(message)
        return b""

    def _sealed(self, segment: bytes, at: int) -> bytes:
        """The segment with its checksum over the pseudo header (RFC 9293, RFC 768) filled in."""
        pseudo = self.src.packed + self.dst.packed + struct.pack(">BBH", 0, self.protocol, len(segment))
        total = checksum(pseudo + segment) or 0xFFFF
        return segment[:at] + struct.pack(">H", total) + segment[at + 2 :]


def checksum(data: bytes | bytearray) -> int:
    """The Internet checksum of an even number of bytes (RFC 1071)."""
    total: int = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF
