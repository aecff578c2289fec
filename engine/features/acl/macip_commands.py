"""Commands of MACIP ACLs. VPP 18.x only shows them; those that make them are of 20.05."""

from typing import Any

from engine.cli import Args, Clause, CliError, CommandTable
from engine.cli.format import lines

from .live import MACIP_ACL
from .macip_config import Macip, MacipList
from .show import joined
from .syntax import MACIP_INTERFACE_SYNTAX, MACIP_SYNTAX, macip_rule_of

commands = CommandTable()

NONE = -1

# ---- configuration


@commands.command(
    "set acl-plugin macip acl",
    help="set acl-plugin macip acl <permit|deny|action N> ip <PREFIX> mac <MAC> mask <MAC> [tag FOO] "
    "{use comma separated list for multiple rules}",
    syntax=MACIP_SYNTAX,
    text=lambda data: f"ACL index:{data['acl_index']}",
)
def set_macip_acl(vpp: Any, args: Args) -> dict[str, int]:
    try:
        rules = [macip_rule_of(item) for item in args.rules]
        tag = vpp.acl.profile.cli_tag if args.tag is None else args.tag
        return {"acl_index": vpp.macip.add_replace(rules, tag, args.index)}
    except ValueError as error:
        raise CliError("Failed to set MACIP ACL rule") from error


@commands.command(
    "set acl-plugin macip interface",
    help="set acl-plugin macip interface <interface> <acl INDEX> [del]",
    syntax=MACIP_INTERFACE_SYNTAX,
)
def set_macip_interface(vpp: Any, args: Args) -> None:
    if args.interface is None:
        raise CliError("invalid interface")
    if args.acl is None:
        raise CliError("invalid acl index")
    sw_if_index = args.interface.sw_if_index
    try:
        if "add" not in args.given or args["add"]:
            vpp.macip.apply(sw_if_index, args.acl)
        else:
            vpp.macip.unapply(sw_if_index)
    except ValueError as error:
        raise CliError("Failed to add acl rule to interface") from error


@commands.command(
    "delete acl-plugin macip acl",
    help="delete acl-plugin macip acl index <idx>",
    syntax=Clause("index <index>", index=MACIP_ACL, error="invalid acl index"),
    text=lambda data: f"Deleted ACL index:{data['acl_index']}",
)
def delete_macip_acl(vpp: Any, args: Args) -> dict[str, int]:
    try:
        vpp.macip.delete(args.index)
    except ValueError as error:
        raise CliError("Failed to delete ACL index") from error
    return {"acl_index": args.index}


# ---- show


def acl_data(macip: Macip, acl: MacipList) -> dict[str, Any]:
    inbound, outbound = (acl.chains.head(is_input) for is_input in (True, False))
    hits = acl.chains.hits()
    return {
        "acl_index": acl.index,
        "tag": acl.tag,
        "rules": [rule.data() | {"text": rule.text(), "hits": hits[i]} for i, rule in enumerate(acl.rules)],
        "input_table": NONE if inbound is None else inbound,
        "output_table": NONE if outbound is None else outbound,
        "interfaces": list(acl.interfaces) if acl.index <= macip.last_applied else None,
        "egress": macip.profile.macip_egress,
    }


def acls_text(data: list[dict[str, Any]]) -> str:
    out: list[str] = []
    for acl in data:
        n = len(acl["rules"])
        table, output = acl["input_table"], acl["output_table"]
        out.append(
            f"MACIP acl_index: {acl['acl_index']}, count: {n} (true len {n}) tag {{{acl['tag']}}} "
            "is free pool slot: 0"
        )
        out.append(f"  ip4_table_index {table}, ip6_table_index {table}, l2_table_index {table}")
        if acl["egress"]:
            out.append(f"  out_ip4_table_index {output}, out_ip6_table_index {output}, out_l2_table_index {output}")
        out += [f"    rule {i}: {rule['text']}" for i, rule in enumerate(acl["rules"])]
        if acl["egress"] and acl["interfaces"] is not None:
            out.append(f"  applied on sw_if_index(s): {joined(acl['interfaces'])}")
    return lines(out)


@commands.command(
    "show acl-plugin macip acl",
    help="show acl-plugin macip acl [index N]",
    syntax=Clause("index <index>", index=MACIP_ACL),
    text=acls_text,
)
def show_macip_acls(vpp: Any, args: Args) -> list[dict[str, Any]]:
    chosen = [acl for acl in vpp.macip.acls if acl is not None and args.index in (None, acl.index)]
    return [acl_data(vpp.macip, acl) for acl in chosen]


def interfaces_text(data: list[dict[str, Any]]) -> str:
    return lines(f"  sw_if_index {row['sw_if_index']}: {row['acl_index']}" for row in data)


@commands.command("show acl-plugin macip interface", help="show acl-plugin macip interface", text=interfaces_text)
def show_macip_interfaces(vpp: Any, args: Args) -> list[dict[str, Any]]:
    macip = vpp.macip
    return [
        {"sw_if_index": index, "acl_index": macip.applied.get(index, NONE)} for index in range(macip.last_interface + 1)
    ]
