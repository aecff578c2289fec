"""Binary API messages of sub-interfaces."""

from typing import Any

from engine.errors import ControlError
from engine.messages import MessageTable

from .api import MessageRefused, interface_of
from .sub import ANY, FLAGS, SubMatch

messages = MessageTable()

# retvals (vnet/api_errno.h)
INVALID_SUB_SW_IF_INDEX, INVALID_VLAN, VLAN_ALREADY_EXISTS = -98, -55, -56
SUBIF_ALREADY_EXISTS, SUBIF_CREATE_FAILED, INVALID_ARGUMENT = -68, -69, -73
LAST_VLAN = 4095


def create(vpp: Any, parent: Any, sub_id: int, match: SubMatch, exists: int) -> dict[str, Any]:
    """Make a sub-interface. exists: the retval when there is one of that id."""
    if f"{parent.name}.{sub_id}" in vpp.interfaces.by_name:
        raise MessageRefused(f"sub-interface {parent.name}.{sub_id} already exists", exists)
    try:
        return {"sw_if_index": vpp.interfaces.create_sub(parent, sub_id, match).sw_if_index}
    except ControlError as error:
        raise MessageRefused(str(error), SUBIF_CREATE_FAILED) from error


@messages.message("create_vlan_subif")
def create_vlan_subif(vpp: Any, sw_if_index: int, vlan_id: int) -> dict[str, Any]:
    """A sub-interface for the frames with just one 802.1Q tag, of that VLAN."""
    parent = interface_of(vpp, sw_if_index)
    if not 0 < vlan_id <= LAST_VLAN:
        raise MessageRefused(f"no such VLAN: {vlan_id}", INVALID_VLAN)
    return create(vpp, parent, vlan_id, SubMatch(outer=vlan_id, exact=True), VLAN_ALREADY_EXISTS)


@messages.message("create_subif")
def create_subif(
    vpp: Any, sw_if_index: int, sub_id: int, sub_if_flags: int = 0, outer_vlan_id: int = 0, inner_vlan_id: int = 0
) -> dict[str, Any]:
    """A sub-interface for the frames that the flags and VLAN ids describe.

    sub_if_flags: 1 no tags, 2 one tag, 4 two tags, 8 the outer tag is 802.1ad, 16 no more tags may follow, 32 what
    nobody else takes, 64 any outer id, 128 any inner id.
    """
    parent = interface_of(vpp, sw_if_index)
    return create(vpp, parent, sub_id, match_of(sub_if_flags, outer_vlan_id, inner_vlan_id), SUBIF_ALREADY_EXISTS)


def match_of(flags: int, outer: int, inner: int) -> SubMatch:
    """Which frames flags and ids mean. Raises MessageRefused."""
    on = {name for name, bit in FLAGS.items() if flags & bit}
    if "default" in on:
        return SubMatch("default")
    if "no_tags" in on:
        return SubMatch("untagged")
    if not on & {"one_tag", "two_tags"}:
        raise MessageRefused("the flags do not say how many tags there are", INVALID_ARGUMENT)
    if not (0 <= outer <= LAST_VLAN and 0 <= inner <= LAST_VLAN):
        raise MessageRefused(f"no such VLAN: {outer}, {inner}", INVALID_VLAN)
    return SubMatch(
        outer=ANY if "outer_any" in on else outer,
        inner=None if "two_tags" not in on else ANY if "inner_any" in on else inner,
        dot1ad="dot1ad" in on,
        exact="exact" in on,
    )


@messages.message("delete_subif")
def delete_subif(vpp: Any, sw_if_index: int) -> None:
    """Delete a sub-interface and all that was configured on it."""
    interface = interface_of(vpp, sw_if_index)
    if interface.parent is None:
        raise MessageRefused(f"{interface.name} is no sub-interface", INVALID_SUB_SW_IF_INDEX)
    vpp.interfaces.delete_sub(interface)
