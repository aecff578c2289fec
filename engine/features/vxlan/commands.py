"""Commands of VXLAN."""

from typing import Any

from engine.cli import IP4, U32, WORD, Args, Clause, CliError, CommandTable, Loop, Reads
from engine.net.tunnel.config import L2_INPUT, Wanted

commands = CommandTable()


@commands.command(
    "create vxlan tunnel",
    help="create vxlan tunnel src <local-vtep-addr> {dst <remote-vtep-addr>|group <mcast-vtep-addr> <intf-name>} "
    "vni <nn> [instance <id>] [encap-vrf-id <nn>] [decap-next [l2|node <name>]] [del]",
    reads=Reads.LINE,
    syntax=Loop(
        Clause("del", delete=True),
        Clause("instance <instance>", instance=U32),
        Clause("src <src>", src=IP4),
        Clause("dst <dst>", dst=IP4),
        Clause("encap-vrf-id <table>", table=U32),
        Clause("decap-next l2", decap_next=L2_INPUT),
        Clause("decap-next node <decap_next>", decap_next=WORD),
        Clause("vni <vni>", vni=U32),
        error="parse error: '{rest}'",
    ),
    defaults={"table": 0, "decap_next": L2_INPUT},
    text=lambda data: f"{data['interface']}\n" if data is not None else "",
)
def create_tunnel(vpp: Any, args: Args) -> dict[str, str] | None:
    if args.src is None:
        raise CliError("tunnel src address not specified")
    if args.dst is None:
        raise CliError("tunnel dst address not specified")
    if args.dst.is_multicast:
        raise CliError("dst address must be unicast")
    if args.src == args.dst:
        raise CliError("src and dst addresses are identical")
    if args.vni is None:
        raise CliError("vni not specified")
    wanted = Wanted(args.src, args.dst, args.vni, args.table, args.instance, args.decap_next)
    if not args.delete:
        return {"interface": vpp.vxlan.add(wanted).interface.name}
    tunnel = vpp.vxlan.find(wanted)
    if tunnel is None:
        raise CliError("tunnel does not exist...")
    vpp.vxlan.delete(tunnel)
    return None


def tunnels_text(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "No vxlan tunnels configured...\n"
    return "".join(tunnel_row(row) + "\n" for row in rows)


def tunnel_row(row: dict[str, Any]) -> str:
    text = (
        "[{index}] instance {instance} src {src} dst {dst} vni {vni} fib-idx {fib_index} sw-if-idx {sw_if_index} "
        "encap-dpo-idx {encap_index} "
    ).format(**row)
    return text if row["decap_next"] == L2_INPUT else f"{text}decap-next-{row['decap_next']} "


@commands.command("show vxlan tunnel", help="show vxlan tunnel [raw]", syntax=Clause("raw", raw=True),
                  text=tunnels_text)  # fmt: skip
def show_tunnels(vpp: Any, args: Args) -> list[dict[str, Any]]:
    return [
        {
            "index": tunnel.index,
            "instance": tunnel.instance,
            "src": str(tunnel.wanted.local),
            "dst": str(tunnel.wanted.remote),
            "vni": tunnel.wanted.vni,
            "fib_index": tunnel.fib_index,
            "sw_if_index": tunnel.interface.sw_if_index,
            "encap_index": vpp.vxlan.encap_index_of(tunnel.index),
            "decap_next": tunnel.wanted.decap_next,
        }
        for tunnel in vpp.vxlan.ordered()
    ]
