"""What exists now of NAT44, for completion."""

import re
from collections.abc import Iterator
from functools import partial
from ipaddress import IPv4Address
from typing import Any

from ...cli import IP4, Live
from .state import PROTOCOL_NAMES

BEGUN = re.compile(r"((?:[0-9]{1,3}\.){0,3})")


def begun(prefix: str) -> tuple[int, int]:
    """The first and the last address that begin with the whole numbers of a text such as `10.1.3`."""
    octets = [int(part) for part in BEGUN.match(prefix)[1].split(".")[:-1]]  # type: ignore[index]
    if any(octet > 255 for octet in octets):
        return 1, 0
    known = len(octets)
    first = int.from_bytes(bytes(octets + [0] * (4 - known)))
    return first, first | (1 << 8 * (4 - known)) - 1


def sessions(side: str, vpp: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """Keys of sessions, `address:port`, as they are on a side ("in", "out")."""
    state = vpp.nat44.state
    far = "out" if side == "in" else "in"
    for index in state.select_sessions(side, *begun(prefix)):
        session = state.session(index)
        (address, port, _), (far_address, far_port, _) = session[side], session[far]
        protocol = PROTOCOL_NAMES.get(session["protocol"], session["protocol"])
        yield f"{IPv4Address(address)}:{port}", f"{protocol}, {far} {IPv4Address(far_address)}:{far_port}"


def pool(vpp: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """Addresses of both pools."""
    for twice_nat in (False, True):
        for address, _, busy in vpp.nat44.state.addresses(twice_nat):
            kind = "twice-nat pool" if twice_nat else "pool"
            yield str(IPv4Address(address)), f"{kind}, {sum(busy.values())} busy ports"


def mapping_sides(local: bool, vpp: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """Addresses of the local, or the external sides of static mappings."""
    for mapping in vpp.nat44.mappings:
        address = mapping.local if local else mapping.external
        yield str(IPv4Address(address)), f"of a static mapping, {mapping.protocol or 'address only'}"


def users(vpp: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """Addresses of users."""
    for user in vpp.nat44.state.users():
        yield str(IPv4Address(user["address"])), f"{user['dynamic'] + user['static']} sessions"


IN_SESSION = Live(IP4, partial(sessions, "in"))
OUT_SESSION = Live(IP4, partial(sessions, "out"))
POOL_ADDRESS = Live(IP4, pool)
LOCAL = Live(IP4, partial(mapping_sides, True))
EXTERNAL = Live(IP4, partial(mapping_sides, False))
USER = Live(IP4, users)
