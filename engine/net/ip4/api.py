"""Binary API messages of IPv4 reassembly."""

from typing import Any

from engine.errors import ControlError
from engine.messages import MessageTable
from engine.net.interface.api import MessageRefused, interface_of

messages = MessageTable()

FULL = 0  # ip_reass_type
INVALID_VALUE, UNIMPLEMENTED = -7, -9


def reassembly_of(vpp: Any, is_ip6: bool, type: int) -> Any:
    """The one kind there is. Raises MessageRefused."""
    if is_ip6 or type != FULL or vpp.reassembly is None:
        raise MessageRefused("there is full reassembly of IPv4 from 18.10 on, and no other", UNIMPLEMENTED)
    return vpp.reassembly


@messages.message("ip_reassembly_set")
def ip_reassembly_set(
    vpp: Any,
    timeout_ms: int,
    max_reassemblies: int,
    expire_walk_interval_ms: int,
    max_reassembly_length: int | None = None,
    is_ip6: bool = False,
    type: int = FULL,
) -> None:
    """Limits. max_reassembly_length: fragments of one packet, which 18.10 did not limit."""
    reassembly = reassembly_of(vpp, is_ip6, type)
    most = reassembly.settings()["most_fragments"] if max_reassembly_length is None else max_reassembly_length
    try:
        reassembly.configure(timeout_ms, max_reassemblies, most, expire_walk_interval_ms)
    except ControlError as error:
        raise MessageRefused(str(error), INVALID_VALUE) from error


@messages.message("ip_reassembly_get")
def ip_reassembly_get(vpp: Any, is_ip6: bool = False, type: int = FULL) -> dict[str, Any]:
    settings = reassembly_of(vpp, is_ip6, type).settings()
    return {
        "timeout_ms": settings["timeout_ms"],
        "max_reassemblies": settings["limit"],
        "max_reassembly_length": settings["most_fragments"],
        "expire_walk_interval_ms": settings["walk_ms"],
        "is_ip6": False,
    }


@messages.message("ip_reassembly_enable_disable")
def ip_reassembly_enable_disable(
    vpp: Any, sw_if_index: int, enable_ip4: bool, enable_ip6: bool = False, type: int = FULL
) -> None:
    """Put together the fragments that come by an interface."""
    reassembly_of(vpp, enable_ip6, type)
    vpp.features.enable("ip4-unicast", "ip4-reassembly-feature", interface_of(vpp, sw_if_index).sw_if_index, enable_ip4)
