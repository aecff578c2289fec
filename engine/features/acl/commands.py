"""Commands of the ACL plugin. Their layouts stand in show.py, session_show.py and table_show.py."""

from typing import Any

from engine.cli import U32, Args, Clause, CliError, CommandTable, Either, Loop, Output, Syntax

from . import session_show, show, table_show
from .config import TCP_IDLE, TCP_TRANSIENT, UDP_IDLE
from .live import ACL, CONTEXT
from .macip_commands import set_macip_acl, set_macip_interface
from .syntax import (
    ACL_SYNTAX,
    INTERFACE_SYNTAX,
    MACIP_INTERFACE_SYNTAX,
    MACIP_SYNTAX,
    Needed,
    RefusedBelow,
    rule_of,
)

commands = CommandTable()
commands.level("delete", "delete commands")

# ---- configuration


@commands.command(
    "set acl-plugin acl",
    help="set acl-plugin acl <permit|deny> src <PREFIX> dst <PREFIX> [proto X] [sport X[-Y]] [dport X[-Y]] "
    "[tcpflags <int> mask <int>] [tag FOO] {use comma separated list for multiple rules}",
    syntax=ACL_SYNTAX,
    text=lambda data: f"ACL index:{data['acl_index']}",
)
def set_acl(vpp: Any, args: Args) -> dict[str, int]:
    rules = [rule_of(item) for item in args.rules]
    tag = vpp.acl.profile.cli_tag if args.tag is None else args.tag
    return {"acl_index": vpp.acl.add_replace(rules, tag, args.index)}


@commands.command(
    "set acl-plugin interface",
    help="set acl-plugin interface <interface> <input|output> <acl INDEX> [del]",
    syntax=INTERFACE_SYNTAX,
)
def set_interface(vpp: Any, args: Args) -> None:
    if args.interface is None:
        raise CliError("invalid interface")
    if not args.acls:
        raise CliError("invalid acl")
    is_input = "is_input" not in args.given or args["is_input"]
    sw_if_index = args.interface.sw_if_index
    acls = vpp.acl.list_of(sw_if_index, is_input)
    for item in args.acls:
        if "add" not in args.given or args["add"]:
            acls.append(item["acl"])
        elif item["acl"] in acls:
            acls.remove(item["acl"])
        else:
            raise CliError("No such entry")
    vpp.acl.set_list(sw_if_index, is_input, acls)


@commands.command(
    "delete acl-plugin acl",
    help="delete acl-plugin acl index <idx>",
    syntax=Clause("index <index>", index=ACL, error="invalid acl index"),
    text=lambda data: f"Deleted ACL index:{data['acl_index']}",
)
def delete_acl(vpp: Any, args: Args) -> dict[str, int]:
    try:
        vpp.acl.delete(args.index)
    except ValueError as error:
        raise CliError("failed") from error
    return {"acl_index": args.index}


TIMEOUT = Needed("expecting timeout value in seconds, got `{rest}`")

OPTIONS = Either(
    Clause("session timeout udp idle <udp_idle>", udp_idle=TIMEOUT),
    Clause("session timeout tcp idle <tcp_idle>", tcp_idle=TIMEOUT),
    Clause("session timeout tcp transient <tcp_transient>", tcp_transient=TIMEOUT),
    Clause(
        "session table max-entries <max_entries>",
        max_entries=Needed("expecting maximum number of entries, got `{rest}`"),
    ),
    Clause("use-hash-acl-matching <use_hash>", use_hash=U32),
    Clause("l4-match-nonfirst-fragment <match_fragments>", match_fragments=U32),
    Clause("reclassify-sessions <reclassify>", reclassify=U32),
    Clause(
        "<refused>",
        refused=RefusedBelow(
            "set acl-plugin",
            {
                "acl": (Syntax([ACL_SYNTAX]), set_acl),
                "interface": (Syntax([INTERFACE_SYNTAX]), set_interface),
                "macip acl": (Syntax([MACIP_SYNTAX]), set_macip_acl),
                "macip interface": (Syntax([MACIP_INTERFACE_SYNTAX]), set_macip_interface),
            },
        ),
    ),
)


@commands.command(
    "set acl-plugin",
    help="set acl-plugin session timeout {{udp idle}|tcp {idle|transient}} <seconds>",
    syntax=OPTIONS,
)
def set_option(vpp: Any, args: Args) -> None:
    acl = vpp.acl
    for class_, seconds in ((UDP_IDLE, args.udp_idle), (TCP_IDLE, args.tcp_idle), (TCP_TRANSIENT, args.tcp_transient)):
        if seconds is not None:
            acl.set_timeout(class_, seconds)
    if args.max_entries is not None:
        acl.state.max_sessions = args.max_entries
    for name in ("use_hash", "match_fragments", "reclassify"):
        if args[name] is not None:
            setattr(acl.state, name, bool(args[name]))


@commands.command("clear acl-plugin sessions", help="clear acl-plugin sessions")
def clear_sessions(vpp: Any, args: Args) -> None:
    vpp.acl.state.clear_sessions()


# ---- show


@commands.command(
    "show acl-plugin acl",
    help="show acl-plugin acl [index N]",
    syntax=Clause("index <index>", index=ACL),
    text=show.acls_text,
)
def show_acls(vpp: Any, args: Args) -> list[dict[str, Any]]:
    return show.acls_data(vpp.acl, args.index)


@commands.command(
    "show acl-plugin interface",
    help="show acl-plugin interface [sw_if_index N] [acl]",
    syntax=Loop(
        Clause("sw_if_index <sw_if_index>", sw_if_index=U32), Clause("acl", acl=True), Clause("detail", detail=True)
    ),
)
def show_interface(vpp: Any, args: Args) -> Output:
    data = show.interfaces_data(vpp.acl, args.sw_if_index)
    return Output(data, lambda rows: show.interfaces_text(rows, args.acl, args.detail))


@commands.command(
    "show acl-plugin lookup context",
    help="show acl-plugin lookup context [index N]",
    syntax=Clause("index <index>", index=CONTEXT),
    text=show.contexts_text,
)
def show_contexts(vpp: Any, args: Args) -> list[dict[str, Any]]:
    return show.contexts_data(vpp.acl, args.index)


@commands.command(
    "show acl-plugin lookup user",
    help="show acl-plugin lookup user [index N]",
    syntax=Clause("index <index>", index=CONTEXT),
    text=show.users_text,
)
def show_users(vpp: Any, args: Args) -> list[dict[str, Any]]:
    return show.users_data(vpp.acl, args.index)


@commands.command(
    "show acl-plugin sessions",
    help="show acl-plugin sessions",
    syntax=Loop(
        Clause("thread <thread>", thread=U32),
        Clause("index <index>", index=U32),
        Clause("verbose <verbose>", verbose=U32),
    ),
    text=session_show.sessions_text,
)
def show_sessions(vpp: Any, args: Args) -> dict[str, Any]:
    one = args.index if args.thread in (0, None) and args.index is not None else None
    return session_show.sessions_data(vpp, one, bool(args.verbose))


@commands.command(
    "show acl-plugin tables",
    help="show acl-plugin tables [ acl [index N] | applied [ lc_index N ] | mask | hash [verbose N] ]",
    syntax=Loop(
        Clause("acl index <acl_index>", acl=True, acl_index=ACL),
        Clause("acl", acl=True),
        Clause("applied lc_index <lc_index>", applied=True, lc_index=CONTEXT),
        Clause("applied", applied=True),
        Clause("mask", mask=True),
        Clause("hash verbose <verbose>", hash=True, verbose=U32),
        Clause("hash", hash=True),
    ),
    text=table_show.tables_text,
)
def show_tables(vpp: Any, args: Args) -> dict[str, Any]:
    wanted = {name for name in table_show.PARTS if args[name]}
    if args.acl:
        wanted.add("mask")  # which the ACLs name by number
    parts = [name for name in table_show.PARTS if name in wanted or not wanted]
    return table_show.tables_data(vpp.acl, parts, args.acl_index, args.lc_index)


@commands.command(
    "show acl",
    help="show acl: rules, where they are applied, hits",
    syntax=Clause("index <index>", index=ACL),
    text=show.summary_text,
)
def show_summary(vpp: Any, args: Args) -> list[dict[str, Any]]:
    return show.summary_data(vpp, args.index)
