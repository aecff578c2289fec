"""Binary API messages of NAT44's settings that only VPP 18 has."""

from typing import Any

from engine.messages import MessageTable

from .errors import BadValue
from .settings import Reassembly

messages = MessageTable()


@messages.message("nat_get_timeouts")
def get_timeouts(vpp: Any) -> dict[str, Any]:
    """Seconds after which idle sessions go."""
    timeouts = vpp.nat44.timeouts
    return {
        "udp": timeouts.udp,
        "tcp_established": timeouts.tcp_established,
        "tcp_transitory": timeouts.tcp_transitory,
        "icmp": timeouts.icmp,
    }


@messages.message("nat_set_reass")
def set_reassembly(
    vpp: Any, timeout: int, max_reass: int, max_frag: int, drop_frag: bool = False, is_ip6: bool = False
) -> None:
    """How fragments wait for their first one: seconds, datagrams at once, fragments of one; or that all are dropped."""
    if not (0 < timeout < 1 << 32 and 0 < max_reass < 1 << 16 and 0 < max_frag < 1 << 8):
        raise BadValue("timeout, max_reass and max_frag are 1 or more")
    wanted = Reassembly(max_reass, max_frag, timeout, bool(drop_frag))
    if is_ip6:  # a setting like the other, but there is no IPv6 NAT it could serve
        vpp.nat44.reassembly6 = wanted
    else:
        vpp.nat44.set_reassembly(wanted)


@messages.message("nat_get_reass")
def get_reassembly(vpp: Any) -> dict[str, Any]:
    """How fragments wait for their first one."""
    found: dict[str, Any] = {}
    for family, settings in (("ip4", vpp.nat44.reassembly), ("ip6", vpp.nat44.reassembly6)):
        found |= {
            f"{family}_timeout": settings.timeout,
            f"{family}_max_reass": settings.max_reassemblies,
            f"{family}_max_frag": settings.max_fragments,
            f"{family}_drop_frag": settings.drop,
        }
    return found
