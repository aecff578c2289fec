"""Commands that concern neighbours."""

from ipaddress import IPv4Address
from typing import Any

from engine.cli import IP4, MAC, U32, Clause, CliError, CommandTable, Loop
from engine.cli.format import centre, format_float, lines, right, vformat
from engine.net.arp.config import ProxyRange
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
        Clause("proxy <low> - <high>", low=IP4, high=IP4, help="answer for these on interfaces that proxy"),
        error="unknown input `{rest}'",
    ),
    defaults={"count": 1},
    also=["set ip neighbor", "ip neighbor"],
)
def set_ip_arp(vpp: Any, args: Any) -> None:
    """Add or delete neighbours, or ranges of addresses that are answered for."""
    if args.table is not None and args.table not in vpp.fib.tables:
        raise CliError(f"fib ID {args.table} doesn't exist")
    if args.low is not None:
        change_proxy(vpp, args.delete, args.low, args.high, args.table)
        return
    if args.interface is None:
        raise CliError("unknown input `'")
    first, mac = int(args.address), int(args.mac.replace(":", ""), 16)
    if first + args.count - 1 > 0xFFFFFFFF:
        raise CliError(f"no {args.count} addresses from {args.address} on")
    for i in range(args.count):
        if args.delete:
            vpp.arp.delete(args.interface.sw_if_index, first + i)
        else:
            counted = (mac + i) % (1 << 48)  # the MAC address counts up too
            vpp.arp.add(args.interface.sw_if_index, first + i, counted.to_bytes(6), args.static, args.no_fib_entry)


def change_proxy(vpp: Any, delete: bool, low: IPv4Address, high: IPv4Address, table_id: int | None) -> None:
    """As in VPP silent when there is nothing to delete."""
    fib_index = vpp.fib.table(table_id or 0).fib_index
    if not delete:
        vpp.arp.add_proxy(int(low), int(high), fib_index)
    elif ProxyRange(int(low), int(high), fib_index) in vpp.arp.proxies:
        vpp.arp.delete_proxy(int(low), int(high), fib_index)


@commands.command(
    "set arp proxy",
    help="set arp proxy [del] table-ID <table-ID> start <start-address> end <end-addres>",
    syntax=Loop(
        Clause("table-ID <table>", table=TABLE),
        Clause("start <low>", low=IP4),
        Clause("end <high>", high=IP4),
        Clause("delete", delete=True),
        Clause("del", delete=True),
        error="unknown input '{rest}'",
    ),
)
def set_arp_proxy(vpp: Any, args: Any) -> None:
    """The form of later releases."""
    if args.table is not None and args.table not in vpp.fib.tables:
        raise CliError(f"no such table: {args.table}")
    if args.low is None or args.high is None:
        raise CliError("need start and end addresses")
    change_proxy(vpp, args.delete, args.low, args.high, args.table)


@commands.command(
    "set interface proxy-arp",
    help="set interface proxy-arp <intfc> [enable|disable]",
    syntax=Loop(
        Clause("<interface>", interface=INTERFACE),
        Clause("enable", enable=True),
        Clause("on", enable=True),
        Clause("disable", enable=False),
        Clause("off", enable=False),
    ),
)
def set_interface_proxy_arp(vpp: Any, args: Any) -> None:
    """Answer for the proxied ranges on an interface; without a word more VPP turns it off."""
    if args.interface is None:
        raise CliError("unknown input ''")
    vpp.interfaces.set_proxy_arp(args.interface, bool(args.enable))


def arp_text(data: dict[str, Any]) -> str:
    """The table, and what is answered for others; nothing at all when both are empty."""
    out = [HEADER] if data["neighbours"] else []
    for row in data["neighbours"]:
        out.append(
            right(format_float(row["time"], 4), 12)
            + centre(row["address"], 16)
            + centre(row["flags"], 6)
            + centre(row["mac"], 20)
            + row["interface"]
        )
    if data["proxies"]:
        out.append("Proxy arps enabled for:")
    out += [f"Fib_index {row['fib_index']}   {row['low']} - {row['high']} " for row in data["proxies"]]
    return lines(out)


@commands.command(
    "show ip arp",
    help="show ip arp",
    syntax=Clause("<interface>", interface=INTERFACE),
    text=arp_text,
    also=["show ip neighbors"],
)
def show_ip_arp(vpp: Any, args: Any) -> dict[str, Any]:
    """Neighbours of all interfaces, or of one, and the ranges answered for."""
    wanted = args.interface.sw_if_index if args.interface is not None else None
    neighbours = [
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
    proxies = [
        {"fib_index": each.fib_index, "low": str(IPv4Address(each.low)), "high": str(IPv4Address(each.high))}
        for each in vpp.arp.proxies
    ]
    return {"neighbours": neighbours, "proxies": proxies}
