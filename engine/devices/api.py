"""Binary API messages of making and deleting interfaces."""

from typing import Any

from engine.messages import MessageTable
from engine.net.interface.api import INVALID_SW_IF_INDEX, MessageRefused, interface_of, mac_of

messages = MessageTable()

ANY_ID = 0xFFFFFFFF
NO_MAC = "00:00:00:00:00:00"


def index_of(vpp: Any, name: str) -> dict[str, Any]:
    return {"sw_if_index": vpp.interfaces.by_name[name].sw_if_index}


def chosen_mac(mac_address: str) -> bytes | None:
    """None for the address of zeros, which asks for one of VPP's choice."""
    mac = mac_of(mac_address)
    return mac if any(mac) else None


def delete(vpp: Any, sw_if_index: int, kind: str) -> None:
    interface = interface_of(vpp, sw_if_index)
    if interface.kind != kind:
        raise MessageRefused(f"{interface.name} is no {kind} interface", INVALID_SW_IF_INDEX)
    vpp.interfaces.delete(interface)


@messages.message("create_loopback")
def create_loopback(vpp: Any, mac_address: str = NO_MAC) -> dict[str, Any]:
    """Make a loopback interface; without a MAC address VPP chooses one."""
    return index_of(vpp, vpp.loopbacks.create(chosen_mac(mac_address)))


@messages.message("create_loopback_instance")
def create_loopback_instance(
    vpp: Any, mac_address: str = NO_MAC, is_specified: bool = False, user_instance: int = 0
) -> dict[str, Any]:
    """Make the loopback interface of a number."""
    instance = user_instance if is_specified else None
    return index_of(vpp, vpp.loopbacks.create(chosen_mac(mac_address), instance))


@messages.message("delete_loopback")
def delete_loopback(vpp: Any, sw_if_index: int) -> None:
    """Delete a loopback interface."""
    delete(vpp, sw_if_index, "loopback")


@messages.message("tap_create_v2", also=["tap_create_v3"])
def tap_create_v2(
    vpp: Any, id: int = ANY_ID, use_random_mac: bool = True, mac_address: str = NO_MAC, **host: Any
) -> dict[str, Any]:
    """A detached tap; what concerns its host side is taken and has no effect while it is detached."""
    mac = None if use_random_mac else chosen_mac(mac_address)
    return index_of(vpp, vpp.taps.create(None if id == ANY_ID else id, mac))


@messages.message("tap_delete_v2")
def tap_delete_v2(vpp: Any, sw_if_index: int) -> None:
    """Delete a tap."""
    delete(vpp, sw_if_index, "tap")


@messages.message("pg_create_interface", also=["pg_create_interface_v2", "pg_create_interface_v3"])
def pg_create_interface(vpp: Any, interface_id: int, **offload: Any) -> dict[str, Any]:
    """Packet-generator interface pgN; as in VPP asking again gives the one that is there."""
    name = f"pg{interface_id}"
    if name not in vpp.interfaces.by_name:
        vpp.generators.create(interface_id)
    return index_of(vpp, name)
