"""Commands that make and delete interfaces."""

import ipaddress
from typing import Any

from engine.cli import IP4, MAC, PREFIX4, U16, U32, WORD, Clause, CliError, CommandTable, Loop, Reader, Reads
from engine.devices.tap.host import HostSide
from engine.errors import ControlError
from engine.net.interface.types import INTERFACE

commands = CommandTable()


def mac_bytes(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text.replace(":", ""))


def text_of(value: Any) -> str | None:
    return None if value is None else str(value)


def address6(word: str) -> ipaddress.IPv6Address | None:
    try:
        return ipaddress.IPv6Address(word)
    except ValueError:
        return None


def prefix6(word: str) -> ipaddress.IPv6Interface | None:
    try:
        return ipaddress.IPv6Interface(word) if "/" in word else None
    except ValueError:
        return None


ADDRESS6 = Reader("<ip6-address>", lambda cursor: address6(cursor.word() or ""))
PREFIX6 = Reader("<ip6-address>/<length>", lambda cursor: prefix6(cursor.word() or ""))

# ---- tap

TAP_HELP = (
    "create tap {id <if-id>} [hw-addr <mac-address>] [rx-ring-size <size>] [tx-ring-size <size>] [host-ns <netns>] "
    "[host-bridge <bridge-name>] [host-ip4-addr <ip4addr/mask>] [host-ip6-addr <ip6-addr>] [host-ip4-gw <ip4-addr>] "
    "[host-ip6-gw <ip6-addr>] [host-if-name <name>]"
)


@commands.command(
    "create tap",
    help=TAP_HELP,
    reads=Reads.OPTIONAL_LINE,
    syntax=Loop(
        Clause("id <id>", id=U32),
        Clause("hw-addr <mac>", mac=MAC),
        Clause("rx-ring-size <rx>", rx=U16),
        Clause("tx-ring-size <tx>", tx=U16),
        Clause("host-ns <ns>", ns=WORD),
        Clause("host-bridge <bridge>", bridge=WORD),
        Clause("host-ip4-addr <host_address>", host_address=PREFIX4),
        Clause("host-ip4-gw <host_gateway>", host_gateway=IP4),
        Clause("host-ip6-addr <host_address6>", host_address6=PREFIX6),
        Clause("host-ip6-gw <host_gateway6>", host_gateway6=ADDRESS6),
        Clause("host-mac-addr <host_mac>", host_mac=MAC),
        Clause("host-if-name <host_name>", host_name=WORD),
        Clause("host-mtu-size <host_mtu>", host_mtu=U32),
        Clause("num-rx-queues <queues>", queues=U16),
        Clause("no-gso", no_gso=True),
        Clause("gso", gso=True),
        error="unknown input `{rest}'",
    ),
)
def create_tap(vpp: Any, args: Any) -> None:
    if args.bridge is not None and (args.host_address is not None or args.host_address6 is not None):
        raise CliError("Please specify either host ip address or host bridge")
    tap_id = vpp.taps.free_id() if args.id is None else args.id
    host = HostSide(
        name=args.host_name or f"tap{tap_id}",
        namespace=args.ns,
        mac=mac_bytes(args.host_mac),
        ip4=text_of(args.host_address),
        ip4_gateway=text_of(args.host_gateway),
        ip6=text_of(args.host_address6),
        ip6_gateway=text_of(args.host_gateway6),
        bridge=args.bridge,
        mtu=args.host_mtu,
        queue_length=args.rx,
        gso=not args.no_gso,
    )
    vpp.taps.create(tap_id, mac_bytes(args.mac), host, args.queues or 1)


@commands.command(
    "delete tap",
    help="delete tap {<interface> | sw_if_index <sw_idx>}",
    reads=Reads.OPTIONAL_LINE,
    syntax=Loop(
        Clause("sw_if_index <index>", index=U32),
        Clause("<interface>", interface=INTERFACE),
        error="unknown input `{rest}'",
    ),
)
def delete_tap(vpp: Any, args: Any) -> None:
    if args.interface is None and args.index is None:
        raise CliError("please specify interface name or sw_if_index")
    interface = args.interface or vpp.interfaces.get(args.index)
    if interface.kind != "tap":
        raise CliError("not a tap interface")
    vpp.interfaces.delete(interface)


# ---- loopback


@commands.command(
    "create loopback interface",
    help="create loopback interface [mac <mac-addr>] [instance <instance>]",
    also=["loopback create-interface"],
    syntax=Loop(Clause("mac <mac>", mac=MAC), Clause("instance <instance>", instance=U32)),
)
def create_loopback(vpp: Any, args: Any) -> str:
    return f"{vpp.loopbacks.create(mac_bytes(args.mac), args.instance)}\n"


@commands.command(
    "delete loopback interface",
    help="delete loopback interface intfc <interface>",
    also=["loopback delete-interface"],
    syntax=Loop(Clause("intfc <interface>", interface=INTERFACE)),
)
def delete_loopback(vpp: Any, args: Any) -> None:
    if args.interface is None:
        raise CliError("interface not specified")
    if args.interface.kind != "loopback":
        raise CliError("vnet_delete_loopback_interface failed")
    vpp.interfaces.delete(args.interface)


# ---- packet generator and physical


@commands.command(
    "create packet-generator",
    help="create packet-generator interface <interface name>",
    reads=Reads.OPTIONAL_LINE,
    syntax=Clause("interface pg<number>", number=U32, error="unknown input `{rest}'"),
)
def create_generator(vpp: Any, args: Any) -> None:
    if f"pg{args.number}" not in vpp.interfaces.by_name:  # VPP makes nothing of a second request
        vpp.generators.create(args.number)


@commands.command(
    "create interface physical",
    help="create interface physical <name> [hw-addr <mac-address>]",
    syntax=[
        Clause("<name>", name=WORD, error="expected an interface name, got `{rest}'"),
        Loop(Clause("hw-addr <mac>", mac=MAC)),
    ],
)
def create_physical(vpp: Any, args: Any) -> None:
    vpp.physicals.create(args.name, mac_bytes(args.mac))


@commands.command(
    "delete interface physical",
    help="delete interface physical <interface>",
    syntax=Clause("<interface>", interface=INTERFACE, error="unknown interface `{rest}'"),
)
def delete_physical(vpp: Any, args: Any) -> None:
    if args.interface.kind != "physical":
        raise ControlError("not a physical interface")
    vpp.interfaces.delete(args.interface)
