"""Binary API messages of interfaces."""

from collections.abc import Iterator
from typing import Any

from engine.errors import ControlError
from engine.messages import MessageTable

from .sub import ANY

messages = MessageTable()

ALL = 0xFFFFFFFF
ADMIN_UP, LINK_UP = 1, 2  # if_status_flags
INVALID_SW_IF_INDEX = -2
INVALID_VALUE = -7
L3_MTU = 0
TYPE_SUB = 1  # if_type
KIND_NAMES = {"tap": "virtio", "physical": "dpdk", "pg": "pg", "loopback": "Loopback", "local": "local"}


class MessageRefused(ControlError):
    """A message that VPP answers with a retval other than 0."""

    def __init__(self, text: str, retval: int) -> None:
        super().__init__(text)
        self.retval = retval


def interface_of(vpp: Any, sw_if_index: int) -> Any:
    """The interface a message names. Raises MessageRefused."""
    interfaces = vpp.interfaces.by_index
    if not 0 <= sw_if_index < len(interfaces) or interfaces[sw_if_index] is None:
        raise MessageRefused(f"no interface {sw_if_index}", INVALID_SW_IF_INDEX)
    return interfaces[sw_if_index]


def mac_of(text: str | bytes) -> bytes:
    """A MAC address as vpp_papi takes it, text or bytes. Raises MessageRefused."""
    try:
        mac = text if isinstance(text, bytes) else bytes.fromhex(text.replace(":", ""))
    except ValueError:
        mac = b""
    if len(mac) != 6:
        raise MessageRefused(f"not a MAC address: {text!r}", INVALID_VALUE)
    return mac


def details(vpp: Any, interface: Any) -> dict[str, Any]:
    """sw_interface_details; what we have no notion of is 0, as VPP has it for such interfaces."""
    flags = (ADMIN_UP if interface.admin_up else 0) | (LINK_UP if interface.link_up else 0)
    nothing = ("outer_tag", "b_vlanid", "i_sid", "link_duplex", "link_speed")
    return dict.fromkeys(nothing, 0) | {
        "sw_if_index": interface.sw_if_index,
        "l2_address": interface.mac_text,
        "flags": flags,
        "link_mtu": interface.mtu,
        "mtu": [interface.mtu, 0, 0, 0],
        "b_dmac": "00:00:00:00:00:00",
        "b_smac": "00:00:00:00:00:00",
        "interface_name": interface.name,
        "interface_dev_type": KIND_NAMES.get(interface.kind, interface.kind),
        "tag": "",
        **sub_details(interface),
        **vpp.l2.rewrite_of(interface.sw_if_index).fields(),
    }


def sub_details(interface: Any) -> dict[str, Any]:
    """Which frames of its parent an interface takes; all 0 when it is no sub-interface."""
    if interface.parent is None:
        nothing = ("type", "sub_id", "sub_number_of_tags", "sub_outer_vlan_id", "sub_inner_vlan_id", "sub_if_flags")
        return {"sup_sw_if_index": interface.sw_if_index, **dict.fromkeys(nothing, 0)}
    match = interface.match
    return {
        "sup_sw_if_index": interface.parent.sw_if_index,
        "type": TYPE_SUB,
        "sub_id": int(interface.name.rpartition(".")[2]),
        "sub_number_of_tags": match.n_tags,
        "sub_outer_vlan_id": match.outer % ANY if match.n_tags else 0,
        "sub_inner_vlan_id": (match.inner or 0) % ANY,
        "sub_if_flags": match.flags,
    }


@messages.message("sw_interface_dump")
def sw_interface_dump(
    vpp: Any, sw_if_index: int = ALL, name_filter_valid: bool = False, name_filter: str = ""
) -> Iterator[dict[str, Any]]:
    """All interfaces, or the one of that index, or those whose names contain the filter."""
    for interface in vpp.interfaces:
        named = not name_filter_valid or name_filter in interface.name
        if named and sw_if_index in (ALL, interface.sw_if_index):
            yield details(vpp, interface)


@messages.message("sw_interface_set_flags")
def sw_interface_set_flags(vpp: Any, sw_if_index: int, flags: int) -> None:
    """Admin state: bit 1 of flags."""
    vpp.interfaces.set_state(interface_of(vpp, sw_if_index), bool(flags & ADMIN_UP))


@messages.message("sw_interface_set_mac_address")
def sw_interface_set_mac_address(vpp: Any, sw_if_index: int, mac_address: str) -> None:
    """Give an interface a MAC address."""
    vpp.interfaces.set_mac(interface_of(vpp, sw_if_index), mac_of(mac_address))


@messages.message("sw_interface_get_mac_address")
def sw_interface_get_mac_address(vpp: Any, sw_if_index: int) -> dict[str, Any]:
    """The MAC address of an interface."""
    return {"mac_address": interface_of(vpp, sw_if_index).mac_text}


@messages.message("sw_interface_set_mtu")
def sw_interface_set_mtu(vpp: Any, sw_if_index: int, mtu: list[int]) -> None:
    """mtu: L3, IPv4, IPv6, MPLS in bytes; the first one counts."""
    vpp.interfaces.set_mtu(interface_of(vpp, sw_if_index), mtu[L3_MTU])


@messages.message("hw_interface_set_mtu")
def hw_interface_set_mtu(vpp: Any, sw_if_index: int, mtu: int) -> None:
    """The longest frame payload of an interface, in bytes."""
    vpp.interfaces.set_mtu(interface_of(vpp, sw_if_index), mtu)


@messages.message("sw_interface_set_unnumbered")
def sw_interface_set_unnumbered(vpp: Any, sw_if_index: int, unnumbered_sw_if_index: int, is_add: bool = True) -> None:
    """unnumbered_sw_if_index borrows the addresses of sw_if_index, as VPP names the two."""
    lender = interface_of(vpp, sw_if_index) if is_add else None
    vpp.interfaces.set_unnumbered(interface_of(vpp, unnumbered_sw_if_index), lender)


@messages.message("sw_interface_clear_stats")
def sw_interface_clear_stats(vpp: Any, sw_if_index: int = ALL) -> None:
    """Counters of one interface, or of all."""
    vpp.interfaces.clear_counters(None if sw_if_index == ALL else interface_of(vpp, sw_if_index))
