"""Commands that concern neighbours."""

from ipaddress import IPv4Address
from typing import Any

from engine.cli import MAC, U32, Clause, CliError, CommandTable, Loop
from engine.cli.format import centre, format_float, lines, right, vformat
from engine.net.fib.live import NEIGHBOUR, TABLE
from engine.net.fib.text import interface_name
from engine.net.interface.types import INTERFACE

commands = CommandTable()

HEADER = vformat("%=12s%=16s%=6s%=20s%=24s", "Time", "IP4", "Flags", "Ethernet", "Interface")


@commands.command(
    "set ip arp",
    help="set ip arp [del] <intfc> <ip-address> <mac-address> [static] [no-fib-entry] [count <count>] "
    "[fib-id <fib-id>] [proxy <lo-addr> - <hi-addr>]",
    syntax=Loop(
        Clause("<interface> <address> <mac>", interface=INTERFACE, address=NEIGHBOUR, mac=MAC),
        Clause("delete", delete=True),
        Clause("del", delete=True),
        Clause("static", static=True),
        Clause("no-fib-entry", no_fib_entry=True),
        Clause("count <count>", count=U32),
        Clause("fib-id <table>", table=TABLE),
        error="unknown input `{rest}'",
    ),
    defaults={"count": 1},
    also=["set ip neighbor", "ip neighbor"],
)
def set_ip_arp(vpp: Any, args: Any) -> None:
    """Add or delete neighbours."""
    if args.table is not None and args.table not in vpp.fib.tables:
        raise CliError(f"fib ID {args.table} doesn't exist")
    if args.interface is None:
        raise CliError("unknown input `'")
    first, mac = int(args.address), bytes.fromhex(args.mac.replace(":", ""))
    if first + args.count - 1 > 0xFFFFFFFF:
        raise CliError(f"no {args.count} addresses from {args.address} on")
    for i in range(args.count):
        if args.delete:
            vpp.arp.delete(args.interface.sw_if_index, first + i)
        else:
            vpp.arp.add(args.interface.sw_if_index, first + i, mac, args.static, args.no_fib_entry)


def arp_text(rows: list[dict[str, Any]]) -> str:
    """The table; nothing at all when it is empty."""
    if not rows:
        return ""
    out = [HEADER]
    for row in rows:
        out.append(
            right(format_float(row["time"], 4), 12)
            + centre(row["address"], 16)
            + centre(row["flags"], 6)
            + centre(row["mac"], 20)
            + row["interface"]
        )
    return lines(out)


@commands.command(
    "show ip arp",
    help="show ip arp",
    syntax=Clause("<interface>", interface=INTERFACE),
    text=arp_text,
    also=["show ip neighbors"],
)
def show_ip_arp(vpp: Any, args: Any) -> list[dict[str, Any]]:
    """Neighbours of all interfaces, or of one."""
    wanted = args.interface.sw_if_index if args.interface is not None else None
    return [
        {
            "time": entry.added_ns / 1e9,
            "address": str(IPv4Address(entry.address)),
            "flags": entry.flags,
            "mac": entry.mac.hex(":"),
            "interface": interface_name(vpp.fib, entry.sw_if_index),
        }
        for entry in vpp.arp.neighbours()
        if wanted in (None, entry.sw_if_index)
    ]
