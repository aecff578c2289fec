"""Binary API messages of IPv4 reassembly and the reverse path check."""

from collections.abc import Iterator
from typing import Any

from engine.errors import ControlError
from engine.messages import MessageTable
from engine.net.interface.api import ALL, MessageRefused, interface_of

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
    """Limits of reassembly."""
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


# ---- reverse path check

OFF, LOOSE, STRICT = 0, 1, 2  # urpf_mode
CHECKS = {LOOSE: "ip4-source-check-via-any", STRICT: "ip4-source-check-via-rx"}
ANY_TABLE = 0xFFFFFFFF


@messages.message("urpf_update", also=["urpf_update_v2"])
def urpf_update(
    vpp: Any, sw_if_index: int, mode: int, is_input: bool = True, af: int = 0, table_id: int = ANY_TABLE
) -> None:
    """Check the sources of what an interface receives: not at all, loose, or strict."""
    interface = interface_of(vpp, sw_if_index)
    if not is_input or af or table_id not in (ANY_TABLE, vpp.fib.table_id(interface.fib_index)):
        raise MessageRefused("there is the check of received IPv4 packets in the interface's own table", UNIMPLEMENTED)
    if mode not in (OFF, *CHECKS):
        raise MessageRefused(f"no such mode {mode}", INVALID_VALUE)
    arc = vpp.features.arcs["ip4-unicast"]
    for each, node in CHECKS.items():
        if arc.is_enabled(node, sw_if_index) != (each == mode):
            vpp.features.enable("ip4-unicast", node, sw_if_index, each == mode)


@messages.message("urpf_interface_dump")
def urpf_interface_dump(vpp: Any, sw_if_index: int = ALL) -> Iterator[dict[str, Any]]:
    """Interfaces (one, or all) whose sources are checked."""
    arc = vpp.features.arcs["ip4-unicast"]
    for interface in vpp.interfaces:
        for mode, node in CHECKS.items():
            if sw_if_index in (ALL, interface.sw_if_index) and arc.is_enabled(node, interface.sw_if_index):
                table_id = vpp.fib.table_id(interface.fib_index)
                yield {
                    "sw_if_index": interface.sw_if_index,
                    "is_input": True,
                    "mode": mode,
                    "af": 0,
                    "table_id": table_id,
                }
