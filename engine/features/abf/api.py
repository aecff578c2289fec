"""Binary API messages of ABF."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.messages import MessageTable
from engine.net.fib.path_api import path_fields, path_from
from engine.net.interface.api import MessageRefused, interface_of

from .config import INVALID_VALUE

messages = MessageTable()

UNIMPLEMENTED = -9


@messages.message("abf_plugin_get_version")
def abf_plugin_get_version(vpp: Any) -> dict[str, Any]:
    """Version of the plugin's messages."""
    return {"major": 1, "minor": 0}


@messages.message("abf_policy_add_del")
def abf_policy_add_del(vpp: Any, policy: Mapping[str, Any], is_add: bool = True) -> None:
    """Make a policy or add paths to it; or take these paths away, all without any.

    policy: abf_policy, with policy_id, acl_index, n_paths and paths.
    """
    given = policy.get("paths", ())
    if policy.get("n_paths", len(given)) != len(given):
        raise MessageRefused("n_paths is not the number of paths", INVALID_VALUE)
    paths = [path_from(vpp.fib, fields) for fields in given]
    if is_add:
        vpp.abf.add_paths(policy["policy_id"], policy["acl_index"], paths)
    else:
        vpp.abf.delete_paths(policy["policy_id"], paths)


@messages.message("abf_policy_dump")
def abf_policy_dump(vpp: Any) -> Iterator[dict[str, Any]]:
    """All policies."""
    for _, policy in sorted(vpp.abf.policies.items()):
        paths = policy.path_list.paths if policy.path_list is not None else ()
        yield {
            "policy": {
                "policy_id": policy.policy_id,
                "acl_index": policy.acl_index,
                "n_paths": len(paths),
                "paths": [path_fields(vpp.fib, path) for path in paths],
            }
        }


@messages.message("abf_itf_attach_add_del")
def abf_itf_attach_add_del(vpp: Any, attach: Mapping[str, Any], is_add: bool = True) -> None:
    """Attach a policy to an interface, or take it off.

    attach: abf_itf_attach, with policy_id, sw_if_index, priority and is_ipv6.
    """
    if attach.get("is_ipv6", False):
        raise MessageRefused("IPv6 is not forwarded by policies", UNIMPLEMENTED)
    interface = interface_of(vpp, attach["sw_if_index"])
    if is_add:
        vpp.abf.attach(attach["policy_id"], attach.get("priority", 0), interface.sw_if_index)
    else:
        vpp.abf.detach(attach["policy_id"], interface.sw_if_index)


@messages.message("abf_itf_attach_dump")
def abf_itf_attach_dump(vpp: Any) -> Iterator[dict[str, Any]]:
    """All attachments, interface by interface."""
    for sw_if_index, attached in sorted(vpp.abf.by_interface.items()):
        for each in attached:
            yield {
                "attach": {
                    "policy_id": each.policy.policy_id,
                    "sw_if_index": sw_if_index,
                    "priority": each.priority,
                    "is_ipv6": False,
                }
            }
