"""Commands of ABF."""

from collections.abc import Iterator
from typing import Any

from engine.cli import U32, Args, Clause, CliError, CommandTable, Live, Loop, Reads
from engine.net.fib import show
from engine.net.fib.text import load_balance_text, object_fields, object_text
from engine.net.fib.types import PATH
from engine.net.interface.types import INTERFACE

from .config import Abf, Attachment, Policy

commands = CommandTable()

LOAD_BALANCE = 4  # type of an object
COLUMN = 4  # where the buckets of a load-balance begin


def policies(vpp: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """Numbers of policies."""
    for policy in vpp.abf.policies.values():
        yield str(policy.policy_id), f"acl {policy.acl_index}"


POLICY = Live(U32, policies)


@commands.command(
    "abf policy",
    help="abf policy [add|del] id <index> acl <index> via ...",
    reads=Reads.LINE,
    syntax=Loop(
        Clause("acl <acl>", acl=U32),
        Clause("id <policy>", policy=POLICY),
        Clause("del", delete=True),
        Clause("add", delete=False),
        Clause("via <path>", into="paths", path=PATH),
        error="unknown input '{rest}'",
    ),
)
def abf_policy(vpp: Any, args: Args) -> str | None:
    """Make a policy, add paths to it, or take them away."""
    if args.policy is None:
        return "Specify a Policy ID\n"
    paths = [given["path"] for given in args.paths]
    if args.delete:
        vpp.abf.delete_paths(args.policy, paths)
        return None
    if args.acl is None:
        return "ACL index must be set\n"
    vpp.abf.add_paths(args.policy, args.acl, paths)
    return None


@commands.command(
    "abf attach",
    help="abf attach <ip4|ip6> [del] policy <value> <interface>",
    syntax=Loop(
        Clause("del", delete=True),
        Clause("add", delete=False),
        Clause("ip4", family=4),
        Clause("ip6", family=6),
        Clause("policy <policy>", policy=POLICY),
        Clause("priority <priority>", priority=U32, help="the lower is tried first"),
        Clause("<interface>", interface=INTERFACE),
        error="unknown input '{rest}'",
    ),
    defaults={"priority": 0},
)
def abf_attach(vpp: Any, args: Args) -> None:
    """Attach a policy to an interface, or take it off."""
    if args.policy is None:
        raise CliError("invalid policy ID:-1")
    if args.interface is None:
        raise CliError("invalid interface name")
    if args.family is None:
        raise CliError("Specify either ip4 or ip6")
    if args.family == 6:
        raise CliError("IPv6 is not forwarded by policies")
    if args.delete:
        vpp.abf.detach(args.policy, args.interface.sw_if_index)
    else:
        vpp.abf.attach(args.policy, args.priority, args.interface.sw_if_index)


# ---- show


def policy_data(vpp: Any, policy: Policy) -> dict[str, Any]:
    paths = policy.path_list
    return {
        "index": policy.index,
        "policy_id": policy.policy_id,
        "acl_index": policy.acl_index,
        "path_list": show.path_list_fields(vpp.fib, paths, 1) if paths is not None else None,
    }


def policies_text(data: dict[str, Any]) -> Iterator[str]:
    if data["invalid"] is not None:
        yield f"Invalid policy ID:{data['invalid']}\n"
    for row in data["policies"]:
        yield f"abf:[{row['index']}]: policy:{row['policy_id']} acl:{row['acl_index']}\n "
        if row["path_list"] is None:
            yield "no forwarding\n"
        else:
            yield from show.path_list_text(row["path_list"])


@commands.command("show abf policy", help="show abf policy <value>",
                  syntax=Loop(Clause("<policy>", policy=POLICY), error="unknown input '{rest}'"),
                  text=policies_text)  # fmt: skip
def show_policy(vpp: Any, args: Args) -> dict[str, Any]:
    """Policies with their paths."""
    found = [policy for _, policy in sorted(vpp.abf.policies.items()) if args.policy in (None, policy.policy_id)]
    invalid = args.policy if args.policy is not None and not found else None
    return {"invalid": invalid, "policies": [policy_data(vpp, policy) for policy in found]}


def attachment_data(abf: Abf, attachment: Attachment) -> dict[str, Any]:
    policy = attachment.policy
    kind, _, index = (0, 0, 0) if policy.path_list is None else policy.path_list.buckets[0]
    if policy.load_balance is not None:
        kind, index = LOAD_BALANCE, policy.load_balance
    return {
        "policy_id": policy.policy_id,
        "priority": attachment.priority,
        "slot": abf.slot(policy),
        "object": object_fields(abf.fib, kind, index),
    }


def attachments_text(data: dict[str, Any]) -> Iterator[str]:
    if data["interface"] is None:
        yield "specify an interface\n"
    if data["attachments"]:
        yield "ipv4:\n"
    for row in data["attachments"]:
        yield f" abf-interface-attach: policy:{row['policy_id']} priority:{row['priority']}\n"
        yield f"  [@{row['slot']}]: {way_text(row['object'])}\n"


def way_text(fields: dict[str, Any]) -> str:
    if fields["type"] == "load-balance":
        return load_balance_text(fields["load_balance"], COLUMN)
    return object_text(fields, COLUMN)


@commands.command("show abf attach", help="show abf attach <interface>",
                  syntax=Loop(Clause("<interface>", interface=INTERFACE), error="unknown input '{rest}'"),
                  text=attachments_text)  # fmt: skip
def show_attach(vpp: Any, args: Args) -> dict[str, Any]:
    """The policies of an interface, in the order in which they are tried."""
    if args.interface is None:
        return {"interface": None, "attachments": []}
    attached = vpp.abf.attached(args.interface.sw_if_index)
    return {
        "interface": args.interface.name,
        "attachments": [attachment_data(vpp.abf, attachment) for attachment in attached],
    }
