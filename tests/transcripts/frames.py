"""Frames as lines of text, with what is incidental masked."""

from struct import unpack_from

ETHERNET, IP4, ICMP = 14, 0x0800, 1
ECHO_REPLY, ECHO_REQUEST = 0, 8


def _checksum(header: bytes) -> int:
    """RFC 1071 over a header that holds its checksum: 0 when it is right."""
    total = sum(unpack_from(f">{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def _echo(frame: bytes) -> tuple[int, int, int] | None:
    """(type, identifier, sequence) of an ICMP echo message in plain IPv4."""
    if len(frame) < ETHERNET + 28 or unpack_from(">H", frame, 12)[0] != IP4 or frame[ETHERNET + 9] != ICMP:
        return None
    at = ETHERNET + (frame[ETHERNET] & 15) * 4
    if len(frame) < at + 8 or frame[at] not in (ECHO_REPLY, ECHO_REQUEST):
        return None
    return (frame[at], *unpack_from(">HH", frame, at + 4))


def _without_id(frame: bytes) -> str:
    header = frame[ETHERNET : ETHERNET + (frame[ETHERNET] & 15) * 4]
    verdict = "right" if _checksum(header) == 0 else "wrong"
    ip = ETHERNET
    return (
        f"{frame[: ip + 4].hex()}<random id>{frame[ip + 6 : ip + 10].hex()}<{verdict} checksum>"
        f"{frame[ip + 12 :].hex()}"
    )


def describe(frames: list[bytes], inputs: dict[str, list[bytes]]) -> list[str]:
    """One line a frame, in hexadecimal.

    An echo reply that the vswitch itself made (none such came in) has a random IPv4 id.
    """
    came_in = {echo for frames_in in inputs.values() for echo in map(_echo, frames_in) if echo}
    lines = []
    for frame in frames:
        echo = _echo(frame)
        made_here = echo is not None and echo[0] == ECHO_REPLY and echo not in came_in
        lines.append(_without_id(frame) if made_here else frame.hex())
    return lines
