"""The binary API of MACIP ACLs: names and fields as vpp_papi has them."""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_interface
from typing import Any

from engine.messages import MessageTable
from engine.net.interface.api import mac_of

from .errors import INVALID_VALUE, AclError
from .macip_rule import MacipRule, mac_text
from .rule import DENY

messages = MessageTable()

ALL = 0xFFFFFFFF
NO_MAC = "00:00:00:00:00:00"


def rule_from(fields: Mapping[str, Any]) -> MacipRule:
    """A macip_acl_rule; fields that are missing are 0, as vpp_papi sends them. Raises AclError."""
    try:
        prefix = ip_interface(str(fields.get("src_prefix", "0.0.0.0/0")))
    except ValueError as error:
        raise AclError("Invalid value", INVALID_VALUE) from error
    mac, mask = (mac_of(fields.get(name, NO_MAC)) for name in ("src_mac", "src_mac_mask"))
    return MacipRule(int(fields.get("is_permit", DENY)), prefix, mac, mask)


def rules_from(count: int | None, r: Sequence[Mapping[str, Any]]) -> list[MacipRule]:
    """The rules of a message. Raises AclError."""
    if count is not None and count != len(r):
        raise AclError("Invalid value", INVALID_VALUE)
    return [rule_from(fields) for fields in r]


def fields_of(rule: MacipRule) -> dict[str, Any]:
    return {
        "is_permit": rule.action,
        "src_mac": mac_text(rule.mac),
        "src_mac_mask": mac_text(rule.mac_mask),
        "src_prefix": rule.prefix.with_prefixlen,
    }


@messages.message("macip_acl_add")
def macip_acl_add(
    vpp: Any, tag: str = "", count: int | None = None, r: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Make a MACIP ACL. count, if given, is the number of rules."""
    return {"acl_index": vpp.macip.add_replace(rules_from(count, r), tag)}


@messages.message("macip_acl_add_replace")
def macip_acl_add_replace(
    vpp: Any, acl_index: int = ALL, tag: str = "", count: int | None = None, r: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Make a MACIP ACL (acl_index ~0), or replace its rules in place. count, if given, is the number of rules."""
    return {"acl_index": vpp.macip.add_replace(rules_from(count, r), tag, None if acl_index == ALL else acl_index)}


@messages.message("macip_acl_del")
def macip_acl_del(vpp: Any, acl_index: int) -> None:
    """Delete a MACIP ACL; it is taken off the interfaces that have it."""
    vpp.macip.delete(acl_index)


@messages.message("macip_acl_interface_add_del")
def macip_acl_interface_add_del(vpp: Any, sw_if_index: int, acl_index: int = 0, is_add: bool = True) -> None:
    """Give an interface a MACIP ACL in place of the one it has, or take away whichever it has."""
    if is_add:
        vpp.macip.apply(sw_if_index, acl_index)
    else:
        vpp.macip.unapply(sw_if_index)


@messages.message("macip_acl_dump")
def macip_acl_dump(vpp: Any, acl_index: int = ALL) -> Iterator[dict[str, Any]]:
    """One MACIP ACL, or all (~0)."""
    for acl in list(vpp.macip.acls):
        if acl is not None and acl_index in (ALL, acl.index):
            rules = [fields_of(rule) for rule in acl.rules]
            yield {"acl_index": acl.index, "tag": acl.tag, "count": len(rules), "r": rules}


@messages.message("macip_acl_interface_get")
def macip_acl_interface_get(vpp: Any) -> dict[str, Any]:
    """By sw_if_index, up to the highest that ever had one: the MACIP ACL, ~0 for none."""
    acls = [vpp.macip.applied.get(index, ALL) for index in range(vpp.macip.last_interface + 1)]
    return {"count": len(acls), "acls": acls}


@messages.message("macip_acl_interface_list_dump")
def macip_acl_interface_list_dump(vpp: Any, sw_if_index: int = ALL) -> Iterator[dict[str, Any]]:
    """The MACIP ACL of one interface, or of all (~0) that have one."""
    for interface, acl_index in sorted(vpp.macip.applied.items()):
        if sw_if_index in (ALL, interface):
            yield {"sw_if_index": interface, "count": 1, "acls": [acl_index]}
