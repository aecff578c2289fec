"""Binary API messages of making and deleting interfaces."""

from typing import Any

from engine.devices.tap.host import HostSide
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


def host_side(name: str, fields: dict[str, Any]) -> HostSide:
    """The host's end as the message's fields say; each of them counts where its `_set` does."""

    def given(field: str, flag: str | None = None) -> Any:
        return fields.get(field) if fields.get(flag or f"{field}_set") else None

    mac = given("host_mac_addr")
    return HostSide(
        name=given("host_if_name") or name,
        namespace=given("host_namespace"),
        mac=mac_of(mac) if mac else None,
        ip4=given("host_ip4_prefix"),
        ip4_gateway=given("host_ip4_gw"),
        ip6=given("host_ip6_prefix"),
        ip6_gateway=given("host_ip6_gw"),
        bridge=given("host_bridge"),
        mtu=given("host_mtu_size", "host_mtu_set"),
    )


@messages.message("tap_create_v2", also=["tap_create_v3"])
def tap_create_v2(
    vpp: Any,
    id: int = ANY_ID,
    use_random_mac: bool = True,
    mac_address: str = NO_MAC,
    num_rx_queues: int = 1,
    **host: Any,
) -> dict[str, Any]:
    """A tap; what concerns its host side has an effect in a live engine only, where there is one."""
    mac = None if use_random_mac else chosen_mac(mac_address)
    tap_id = vpp.taps.free_id() if id == ANY_ID else id
    return index_of(vpp, vpp.taps.create(tap_id, mac, host_side(f"tap{tap_id}", host), num_rx_queues))


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
