"""Frames between the hosts behind the two routers."""

import struct

from dpkt.ethernet import Ethernet
from dpkt.ip import IP
from dpkt.udp import UDP


def udp(n: int, destination: str, ttl: int = 64, payload: bytes = bytes(20)) -> bytes:
    """A datagram from the host behind router n, 10.n.0.2."""
    segment = UDP(sport=1000, dport=2000, data=payload)
    segment.ulen = len(segment)
    packet = IP(src=bytes([10, n, 0, 2]), dst=address(destination), p=17, ttl=ttl, data=segment)
    packet.len = len(packet)
    return bytes(Ethernet(dst=b"\x02\xfe\0\0\0" + bytes([n]), src=b"\x02\xaa\0\0\0" + bytes([n]), data=bytes(packet)))


def address(text: str) -> bytes:
    return bytes(map(int, text.split(".")))


def ttl(frame: bytes) -> int:
    return frame[14 + 8]


def number(frame: bytes) -> int:
    """The first four bytes of a datagram's payload."""
    return struct.unpack("!I", frame[42:46])[0]
