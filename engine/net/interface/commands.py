"""Commands that concern interfaces of every kind."""

from collections.abc import Iterable
from typing import Any

from engine.cli import MAC, U32, Clause, CliError, CommandTable, Either, Loop, Output
from engine.cli.format import interface_key, lines, vformat

from .arcs import ARC_ORDER
from .types import INTERFACE

commands = CommandTable()

COUNTER_COLUMN = 68  # where the second and later counters of an interface begin
MAX_PACKET_BYTES = 9216
MIN_PACKET_BYTES = 64

# ---- show interface

INTERFACE_HEADER = vformat(
    "%=32s%=5s%=10s%=21s%=16s%=16s", "Name", "Idx", "State", "MTU (L3/IP4/IP6/MPLS)", "Counter", "Count"
)


def by_name(interfaces: Iterable[Any]) -> list[Any]:
    return sorted(interfaces, key=lambda interface: interface_key(interface.name))


def state_of(interface: Any) -> str:
    return "up" if interface.admin_up else "down"


def interface_data(vpp: Any, interface: Any) -> dict[str, Any]:
    return {
        "name": interface.name,
        "sw_if_index": interface.sw_if_index,
        "state": state_of(interface),
        "mtu": [interface.mtu, 0, 0, 0],
        "counters": vpp.interfaces.counters(interface),
    }


def interface_text(data: dict[str, Any]) -> str:
    out = [INTERFACE_HEADER]
    for row in data["interfaces"]:
        mtu = "/".join(map(str, row["mtu"]))
        start = vformat("%-32U%=5d%=10U%=21U", row["name"], row["sw_if_index"], row["state"], mtu)
        for name, count in row["counters"].items():
            out.append(start + vformat("%-16v%16Ld", name, count))
            start = " " * COUNTER_COLUMN
        if not row["counters"]:
            out.append(start)
    return lines(out)


def address_data(vpp: Any, interface: Any) -> dict[str, Any]:
    return {
        "name": interface.name,
        "up": interface.admin_up,
        "unnumbered": interface.borrows.name if interface.borrows is not None else None,
        "addresses": [f"{address}/{length}" for address, length in interface.addresses],
        "fib_index": interface.fib_index,
        "table_id": vpp.fib.table_id(interface.fib_index) if interface.fib_index else 0,
        "l2": vpp.l2.mode_of(interface),
    }


def l2_rows(mode: dict[str, Any]) -> list[str]:
    """The line of an interface on the L2 path."""
    if mode["mode"] == "bridge":
        bvi = "bvi" if mode["bvi"] else " "
        return [f"  L2 bridge bd-id {mode['bd_id']} idx {mode['bd_index']} shg {mode['shg']} {bvi}"]
    return [f"  L2 xconnect {mode['peer']}"] if mode["mode"] == "xconnect" else []


def address_text(data: dict[str, Any]) -> str:
    out = []
    for row in data["interfaces"]:
        state = f"{row['name']} ({'up' if row['up'] else 'dn'}):"
        out += [state] if row["unnumbered"] is None else [state + " ", f"  unnumbered, use {row['unnumbered']}"]
        out += l2_rows(row["l2"])
        table = f" ip4 table-id {row['table_id']} fib-idx {row['fib_index']}" if row["fib_index"] else ""
        out += [f"  L3 {address}{table}" for address in row["addresses"]]
    return lines(out)


def features_data(vpp: Any, interface: Any) -> dict[str, Any]:
    """Per arc the enabled features, None where none was ever configured."""
    arcs = vpp.features.arcs
    configured = {
        name: arcs[name].names(interface.sw_if_index) if arcs[name].is_configured(interface.sw_if_index) else None
        for name in arcs
    }
    l2 = {
        name: [{"feature": bit, "node": node} for bit, node in vpp.l2.features(interface.sw_if_index, is_input)]
        for name, is_input in (("l2-input", True), ("l2-output", False))
    }
    return {
        "name": interface.name,
        "arcs": [{"name": name, "features": configured.get(name)} for name in ARC_ORDER],
        "l2": l2,
    }


def features_text(data: dict[str, Any]) -> str:
    out = [f"Feature paths configured on {data['name']}..."]
    for arc in data["arcs"]:
        names = ["none configured"] if arc["features"] is None else arc["features"]
        out += ["", f"{arc['name']}:", *(f"  {name}" for name in names)]
    for name, features in data["l2"].items():
        found = [vformat("%10s (%s)", row["feature"][:10], row["node"]) for row in features]
        out += ["", f"{name}:", *(found or ["  none configured"])]
    return lines(out)



@commands.command(
    "show interface",
    help="show interface [address|addr|features|feat] [<interface> [<interface> [..]]] [verbose]",
    syntax=Loop(
        Clause("address", address=True),
        Clause("addr", address=True),
        Clause("features", features=True),
        Clause("feat", features=True),
        Clause("verbose", verbose=True),
        Clause("<interface>", into="interfaces", interface=INTERFACE),
        error="unknown input `{rest}'",
    ),
    text=interface_text,
)
def show_interface(vpp: Any, args: Any) -> Any:
    chosen = [given["interface"] for given in args.interfaces]
    if args.features:
        if not chosen:
            raise CliError("Interface not specified...")
        return Output(features_data(vpp, chosen[-1]), features_text)
    chosen = by_name(chosen or vpp.interfaces)
    if args.address:
        return Output({"interfaces": [address_data(vpp, interface) for interface in chosen]}, address_text)
    return {"interfaces": [interface_data(vpp, interface) for interface in chosen]}


# ---- show hardware-interfaces

HARDWARE_HEADER = vformat("%=32s%=6s%=8s%s", "Name", "Idx", "Link", "Hardware")
CLASS_LINES = {"local": "local", "vxlan": "VXLAN", "geneve": "GENEVE"}
DEVICE_LINES = {"tap": "VIRTIO interface"}


def hardware_text(data: dict[str, Any]) -> str:
    out = [HARDWARE_HEADER]
    for row in data["interfaces"]:
        out.append(vformat("%-32v%=6d%=8s%s", row["name"], row["hw_if_index"], row["link"], row["name"]))
        if not data["brief"]:
            out.append("  " + CLASS_LINES.get(row["kind"], f"Ethernet address {row['mac']}"))
            out += [f"  {DEVICE_LINES[row['kind']]}"] if row["kind"] in DEVICE_LINES else []
    return lines(out)


@commands.command(
    "show hardware-interfaces",
    help="show hardware-interfaces [brief|verbose|detail] [bond] [<interface> [<interface> [..]]] [<sw_idx> ..]",
    syntax=Loop(
        Clause("brief", brief=True),
        Clause("verbose", verbose=True),
        Clause("detail", verbose=True),
        Clause("<interface>", into="interfaces", interface=INTERFACE),
        error="unknown input `{rest}'",
    ),
    text=hardware_text,
)
def show_hardware(vpp: Any, args: Any) -> dict[str, Any]:
    chosen = by_name([given["interface"] for given in args.interfaces] or vpp.interfaces)
    rows = [
        {
            "name": interface.name,
            "hw_if_index": interface.hw_if_index,
            "link": "up" if link_is_up(interface) else "down",
            "kind": interface.kind,
            "mac": interface.mac_text,
        }
        for interface in chosen
        if interface.parent is None
    ]
    return {"brief": args.brief, "interfaces": rows}


def link_is_up(interface: Any) -> bool:
    """Generators have a link while they are admin up; taps and cards as long as they exist."""
    return bool(interface.admin_up if interface.kind in ("pg", "loopback") else interface.link_up)


# ---- set interface


@commands.command(
    "set interface state",
    help="set interface state <interface> [up|down|punt|enable]",
    syntax=[
        Clause("<interface>", interface=INTERFACE, error="unknown interface `{rest}'"),
        Either(Clause("up", up=True), Clause("enable", up=True), Clause("down", up=False),
               error="unknown flags `{rest}'"),
    ],
)
def set_interface_state(vpp: Any, args: Any) -> None:
    vpp.interfaces.set_state(args.interface, args.up)


@commands.command(
    "set interface mac address",
    help="set interface mac address <interface> <mac-address>",
    syntax=[
        Clause("<interface>", interface=INTERFACE, error="unknown interface `{rest}'"),
        Clause("<mac>", mac=MAC, error="expected mac address `{rest}'"),
    ],
)
def set_mac_address(vpp: Any, args: Any) -> None:
    vpp.interfaces.set_mac(args.interface, bytes.fromhex(args.mac.replace(":", "")))


@commands.command(
    "set interface mtu",
    help="set interface mtu [packet|ip4|ip6|mpls] <value> <interface>",
    syntax=Either(
        Clause("packet <mtu> <interface>", mtu=U32, interface=INTERFACE, layer3=True),
        Clause("<mtu> <interface>", mtu=U32, interface=INTERFACE),
        error="unknown input `{rest}'",
    ),
)
def set_mtu(vpp: Any, args: Any) -> None:
    if args.mtu > MAX_PACKET_BYTES:
        raise CliError(f"Invalid mtu ({args.mtu}): must be <= ({MAX_PACKET_BYTES})")
    if not args.layer3 and args.mtu < MIN_PACKET_BYTES:
        raise CliError(f"Invalid mtu ({args.mtu}): must be >= min pkt bytes ({MIN_PACKET_BYTES})")
    vpp.interfaces.set_mtu(args.interface, args.mtu)


@commands.command(
    "set interface unnumbered",
    help="set interface unnumbered [<interface> use <interface> | del <interface>]",
    syntax=Either(
        Clause("del <interface>", interface=INTERFACE, delete=True),
        Clause("<interface> use <lender>", interface=INTERFACE, lender=INTERFACE),
        error="parse error '{rest}'",
    ),
)
def set_unnumbered(vpp: Any, args: Any) -> None:
    vpp.interfaces.set_unnumbered(args.interface, args.lender)


@commands.command("clear interfaces", help="clear interfaces")
def clear_interfaces(vpp: Any, args: Any) -> None:
    vpp.interfaces.clear_counters()
