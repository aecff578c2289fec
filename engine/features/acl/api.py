"""Binary API messages of ACLs."""

import os
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_interface
from typing import Any

from engine.messages import MessageTable

from .errors import INVALID_VALUE, AclError
from .rule import PERMIT, Rule

messages = MessageTable()

ALL = 0xFFFFFFFF


def rule_from(fields: Mapping[str, Any]) -> Rule:
    """An acl_rule; fields that are missing are 0, as vpp_papi sends them. Raises AclError."""
    number = {name: int(fields.get(name, 0)) for name in NUMBERS}
    try:
        src, dst = (ip_interface(str(fields.get(name, "0.0.0.0/0"))) for name in ("src_prefix", "dst_prefix"))
    except ValueError as error:
        raise AclError("Invalid value", INVALID_VALUE) from error
    return Rule(
        action=int(fields.get("is_permit", PERMIT)),
        src=src,
        dst=dst,
        proto=number["proto"],
        sport=(number["srcport_or_icmptype_first"], number["srcport_or_icmptype_last"]),
        dport=(number["dstport_or_icmpcode_first"], number["dstport_or_icmpcode_last"]),
        tcp_flags_mask=number["tcp_flags_mask"],
        tcp_flags_value=number["tcp_flags_value"],
    )


NUMBERS = (
    "proto",
    "srcport_or_icmptype_first",
    "srcport_or_icmptype_last",
    "dstport_or_icmpcode_first",
    "dstport_or_icmpcode_last",
    "tcp_flags_mask",
    "tcp_flags_value",
)


def fields_of(rule: Rule) -> dict[str, Any]:
    numbers = (rule.proto, *rule.sport, *rule.dport, rule.tcp_flags_mask, rule.tcp_flags_value)
    prefixes = {"src_prefix": rule.src.with_prefixlen, "dst_prefix": rule.dst.with_prefixlen}
    return {"is_permit": rule.action} | prefixes | dict(zip(NUMBERS, numbers, strict=True))


@messages.message("acl_plugin_get_version")
def acl_plugin_get_version(vpp: Any) -> dict[str, Any]:
    """Version of the plugin's API."""
    major, minor = vpp.acl.profile.version
    return {"major": major, "minor": minor}


@messages.message("acl_plugin_control_ping")
def acl_plugin_control_ping(vpp: Any) -> dict[str, Any]:
    """Answered when all requests before it have been."""
    return {"client_index": 0, "vpe_pid": os.getpid()}


@messages.message("acl_plugin_get_conn_table_max_entries")
def acl_plugin_get_conn_table_max_entries(vpp: Any) -> dict[str, Any]:
    """Most sessions there may be."""
    return {"conn_table_max_entries": vpp.acl.state.max_sessions}


@messages.message("acl_plugin_use_hash_lookup_set")
def acl_plugin_use_hash_lookup_set(vpp: Any, enable: bool) -> None:
    """Find rules by hash, or by walking them."""
    vpp.acl.state.use_hash = bool(enable)


@messages.message("acl_plugin_use_hash_lookup_get")
def acl_plugin_use_hash_lookup_get(vpp: Any) -> dict[str, Any]:
    """Whether rules are found by hash."""
    return {"enable": vpp.acl.state.use_hash}


@messages.message("acl_add_replace")
def acl_add_replace(
    vpp: Any, acl_index: int = ALL, tag: str = "", count: int | None = None, r: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Make an ACL (acl_index ~0), or replace its rules in place. count, if given, is the number of rules."""
    if count is not None and count != len(r):
        raise AclError("Invalid value", INVALID_VALUE)
    rules = [rule_from(fields) for fields in r]
    return {"acl_index": vpp.acl.add_replace(rules, tag, None if acl_index == ALL else acl_index)}


@messages.message("acl_del")
def acl_del(vpp: Any, acl_index: int) -> None:
    """Delete an ACL that is not applied."""
    vpp.acl.delete(acl_index)


@messages.message("acl_interface_add_del")
def acl_interface_add_del(
    vpp: Any, sw_if_index: int, acl_index: int, is_input: bool = False, is_add: bool = True
) -> None:
    """Append an ACL to an interface's list, or take it off."""
    change = vpp.acl.add_to_list if is_add else vpp.acl.delete_from_list
    change(sw_if_index, bool(is_input), acl_index)


@messages.message("acl_interface_set_acl_list")
def acl_interface_set_acl_list(
    vpp: Any, sw_if_index: int, n_input: int = 0, acls: Sequence[int] = (), count: int | None = None
) -> None:
    """Both lists of an interface: the first n_input ACLs are for input, the others for output."""
    if not 0 <= n_input <= len(acls) or count not in (None, len(acls)):
        raise AclError("Invalid value", INVALID_VALUE)
    vpp.acl.set_lists(sw_if_index, acls[:n_input], acls[n_input:])


@messages.message("acl_dump")
def acl_dump(vpp: Any, acl_index: int = ALL) -> Iterator[dict[str, Any]]:
    """One ACL, or all (~0)."""
    for acl in list(vpp.acl.acls):
        if acl is not None and acl_index in (ALL, acl.index):
            rules = [fields_of(rule) for rule in acl.rules]
            yield {"acl_index": acl.index, "tag": acl.tag, "count": len(rules), "r": rules}


@messages.message("acl_interface_list_dump")
def acl_interface_list_dump(vpp: Any, sw_if_index: int = ALL) -> Iterator[dict[str, Any]]:
    """The lists of one interface, or of all (~0)."""
    for interface in list(vpp.interfaces):
        index = interface.sw_if_index
        if sw_if_index in (ALL, index):
            inbound, outbound = vpp.acl.list_of(index, True), vpp.acl.list_of(index, False)
            acls = inbound + outbound
            yield {"sw_if_index": index, "count": len(acls), "n_input": len(inbound), "acls": acls}
