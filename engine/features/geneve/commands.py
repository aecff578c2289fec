"""Commands of Geneve."""

from typing import Any

from engine.cli import IP4, U16, U32, WORD, Args, Clause, CliError, CommandTable, Loop, Reads
from engine.net.tunnel.config import L2_INPUT, Wanted

commands = CommandTable()

DROP = "error-drop"
CREATE = (
    "create geneve tunnel local <local-vtep-addr> {remote <remote-vtep-addr>|group <mcast-vtep-addr> <intf-name>} "
    "vni <nn> [encap-vrf-id <nn>] [decap-next [l2|node <name>]] [del]"
)


@commands.command(
    "create geneve tunnel",
    help=CREATE,
    long_help=f"{CREATE} [l3-mode] [src_port <nn>]\n\n"
    "l3-mode, as in later VPP: an Ethernet interface with a MAC address, for IP; decap-next node ethernet-input then\n"
    "takes what comes back. src_port, beyond VPP: send from this UDP port, not from one of each flow's hash.",
    reads=Reads.LINE,
    syntax=Loop(
        Clause("del", delete=True),
        Clause("local <local>", local=IP4),
        Clause("remote <remote>", remote=IP4),
        Clause("encap-vrf-id <table>", table=U32),
        Clause("decap-next l2", decap_next=L2_INPUT),
        Clause("decap-next drop", decap_next=DROP),
        Clause("decap-next node <decap_next>", decap_next=WORD),
        Clause("vni <vni>", vni=U32),
        Clause("l3-mode", l3_mode=True, help="an interface for IP: an Ethernet one with a MAC address"),
        Clause("src_port <src_port>", src_port=U16, help="send from this UDP port, not from one of each flow's hash"),
        error="parse error: '{rest}'",
    ),
    defaults={"table": 0, "decap_next": L2_INPUT, "src_port": 0},
    text=lambda data: f"{data['interface']}\n" if data is not None else "",
)
def create_tunnel(vpp: Any, args: Args) -> dict[str, str] | None:
    if args.local is None:
        raise CliError("tunnel local address not specified")
    if args.remote is None:
        raise CliError("tunnel remote address not specified")
    if args.vni is not None and args.vni >> 24:
        raise CliError(f"vni {args.vni} out of range")
    if args.remote.is_multicast:
        raise CliError("remote address must be unicast")
    if args.local == args.remote:
        raise CliError("local and remote addresses are identical")
    if not args.vni:
        raise CliError("vni not specified")
    wanted = Wanted(args.local, args.remote, args.vni, args.table, None, args.decap_next, args.src_port, args.l3_mode)
    if not args.delete:
        return {"interface": vpp.geneve.add(wanted).interface.name}
    tunnel = vpp.geneve.find(wanted)
    if tunnel is None:
        raise CliError("tunnel does not exist...")
    vpp.geneve.delete(tunnel)
    return None


def tunnels_text(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "No geneve tunnels configured...\n"
    return "".join(tunnel_row(row) + "\n" for row in rows)


def tunnel_row(row: dict[str, Any]) -> str:
    text = (
        "[{index}] lcl {local} rmt {remote} vni {vni} fib-idx {fib_index} sw-if-idx {sw_if_index} "
        "encap-dpo-idx {encap_index} decap-next-{decap_next} "
    ).format(**row)
    text += "l3-mode 1 " if row["l3_mode"] else ""
    return text + (f"src_port {row['src_port']} " if row["src_port"] else "")


def decap_next_text(vpp: Any, node: str) -> str:
    """As VPP prints where decapsulated frames go."""
    if node in (L2_INPUT, DROP):
        return "l2" if node == L2_INPUT else "drop"
    return f"index {vpp.graph.by_name['geneve4-input'].next_names.index(node)}"


@commands.command("show geneve tunnel", help="show geneve tunnel", text=tunnels_text)
def show_tunnels(vpp: Any, args: Args) -> list[dict[str, Any]]:
    return [
        {
            "index": tunnel.index,
            "local": str(tunnel.wanted.local),
            "remote": str(tunnel.wanted.remote),
            "vni": tunnel.wanted.vni,
            "fib_index": tunnel.fib_index,
            "sw_if_index": tunnel.interface.sw_if_index,
            "encap_index": vpp.geneve.encap_index_of(tunnel.index),
            "decap_next": decap_next_text(vpp, tunnel.wanted.decap_next),
            "l3_mode": tunnel.wanted.routed,
            "src_port": tunnel.wanted.source_port,
        }
        for tunnel in vpp.geneve.ordered()
    ]
