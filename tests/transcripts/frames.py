"""Frames as lines of text, with what is incidental masked."""

from struct import unpack_from
from typing import NamedTuple

ETHERNET, IP4, ICMP, UDP = 14, 0x0800, 1, 17
VXLAN, VXLAN_PORT = 50, 4789  # bytes that a tunnel puts in front of a frame; the port it goes to
ECHO_REPLY, ECHO_REQUEST = 0, 8


def _checksum(header: bytes) -> int:
    """RFC 1071 over a header that holds its checksum: 0 when it is right."""
    total = sum(unpack_from(f">{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


class Echo(NamedTuple):
    """An ICMP echo message in plain IPv4."""

    kind: int
    source: bytes
    destination: bytes
    content: bytes  # sequence and data: what no translation changes
    is_fragment: bool

    def is_like(self, reply: "Echo") -> bool:
        """Whether reply has the same content; of a packet that came in pieces the first is enough."""
        return reply.content.startswith(self.content) if self.is_fragment else reply.content == self.content


def _echo(frame: bytes) -> Echo | None:
    if len(frame) < ETHERNET + 28 or unpack_from(">H", frame, 12)[0] != IP4 or frame[ETHERNET + 9] != ICMP:
        return None
    at = ETHERNET + (frame[ETHERNET] & 15) * 4
    if len(frame) < at + 8 or frame[at] not in (ECHO_REPLY, ECHO_REQUEST):
        return None
    is_fragment = unpack_from(">H", frame, ETHERNET + 6)[0] & 0x3FFF != 0
    return Echo(frame[at], frame[26:30], frame[30:34], frame[at + 6 :], is_fragment)


def _made_here(reply: Echo, came_in: set[Echo]) -> bool:
    """Whether the vswitch itself answered: a request like it came in, and no reply that it could be, translated."""
    alike = [other for other in came_in if other.is_like(reply)]
    answers_one = any(other.kind == ECHO_REQUEST for other in alike)
    passed_on = any(
        other.kind == ECHO_REPLY and (other.source == reply.source or other.destination == reply.destination)
        for other in alike
    )
    return reply.kind == ECHO_REPLY and answers_one and not passed_on


def _without_id(frame: bytes) -> str:
    header = frame[ETHERNET : ETHERNET + (frame[ETHERNET] & 15) * 4]
    verdict = "right" if _checksum(header) == 0 else "wrong"
    ip = ETHERNET
    return (
        f"{frame[: ip + 4].hex()}<random id>{frame[ip + 6 : ip + 10].hex()}<{verdict} checksum>"
        f"{frame[ip + 12 :].hex()}"
    )


def _halves(frame: bytes) -> tuple[bytes, bytes]:
    """What a tunnel put in front of a frame, nothing without one, and the frame itself."""
    is_udp = len(frame) > VXLAN and unpack_from(">H", frame, 12)[0] == IP4 and frame[ETHERNET + 9] == UDP
    if is_udp and unpack_from(">H", frame, ETHERNET + 22)[0] == VXLAN_PORT:
        return frame[:VXLAN], frame[VXLAN:]
    return b"", frame


def describe(frames: list[bytes], inputs: dict[str, list[bytes]]) -> list[str]:
    """One line a frame, in hexadecimal. An echo reply that the vswitch itself made has a random IPv4 id."""
    came_in = {echo for frames_in in inputs.values() for frame in frames_in if (echo := _echo(_halves(frame)[1]))}
    lines = []
    for frame in frames:
        outer, inner = _halves(frame)
        echo = _echo(inner)
        lines.append(outer.hex() + _without_id(inner) if echo and _made_here(echo, came_in) else frame.hex())
    return lines
