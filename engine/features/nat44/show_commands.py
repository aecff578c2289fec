"""show nat44 ..., show nat ..."""

from typing import Any

from ...cli import Clause, Loop
from . import listing
from .command_table import commands


@commands.command("show nat44 addresses", help="show nat44 addresses", also=("show nat44 ei addresses",),
                  text=listing.addresses_text)  # fmt: skip
def show_addresses(vpp: Any, args: Any) -> Any:
    return listing.addresses_data(vpp)


@commands.command("show nat44 interfaces", help="show nat44 interfaces", also=("show nat44 ei interfaces",),
                  text=listing.interfaces_text)  # fmt: skip
def show_interfaces(vpp: Any, args: Any) -> Any:
    return listing.interfaces_data(vpp)


@commands.command("show nat44 interface address", help="show nat44 interface address",
                  also=("show nat44 ei interface address",), text=listing.interface_addresses_text)  # fmt: skip
def show_interface_addresses(vpp: Any, args: Any) -> Any:
    return listing.interface_addresses_data(vpp)


@commands.command("show nat44 static mappings", help="show nat44 static mappings",
                  also=("show nat44 ei static mappings",), text=listing.mappings_text)  # fmt: skip
def show_mappings(vpp: Any, args: Any) -> Any:
    return listing.mappings_data(vpp)


@commands.command("show nat44 sessions", help="show nat44 sessions [detail]", also=("show nat44 ei sessions",),
                  syntax=Clause("detail", detail=True), text=listing.sessions_text)  # fmt: skip
def show_sessions(vpp: Any, args: Any) -> Any:
    return listing.sessions_data(vpp, args.detail)


@commands.command("show nat44 summary", help="show nat44 summary", also=("show nat44 ei summary",),
                  text=listing.summary_text, profiles=("18.01",))  # fmt: skip
def show_summary(vpp: Any, args: Any) -> Any:
    return listing.summary_data(vpp)


@commands.command("show nat44 hash tables", help="show nat44 hash tables [detail|verbose]",
                  also=("show nat44 ei hash tables",),
                  syntax=Loop(Clause("detail", detail=True), Clause("verbose", detail=True)),
                  text=listing.tables_text)  # fmt: skip
def show_hash_tables(vpp: Any, args: Any) -> Any:
    return listing.tables_data(vpp)


def timeouts_text(data: dict[str, int]) -> str:
    return "".join(f"{name} timeout: {seconds}sec\n" for name, seconds in data.items())


@commands.command("show nat timeouts", help="show nat timeouts", also=("show nat44 ei timeouts",),
                  text=timeouts_text)  # fmt: skip
def show_timeouts(vpp: Any, args: Any) -> dict[str, int]:
    timeouts = vpp.nat44.timeouts
    return {
        "udp": timeouts.udp,
        "tcp-established": timeouts.tcp_established,
        "tcp-transitory": timeouts.tcp_transitory,
        "icmp": timeouts.icmp,
    }


def algorithm_text(data: dict[str, Any]) -> str:
    text = f"NAT address and port: {data['name']}\n"
    if data["name"] == "map-e":
        text += f"  psid {data['psid']} psid-offset {data['psid_offset']} psid-len {data['psid_length']}\n"
    elif data["name"] == "port-range":
        text += f"  start-port {data['first_port']} end-port {data['last_port']}\n"
    return text


@commands.command("show nat addr-port-assignment-alg", help="show nat addr-port-assignment-alg",
                  also=("show nat44 ei addr-port-assignment-alg",), text=algorithm_text)  # fmt: skip
def show_algorithm(vpp: Any, args: Any) -> dict[str, Any]:
    return dict(vars(vpp.nat44.algorithm))


@commands.command("show nat mss-clamping", help="show nat mss-clamping", also=("show nat44 ei mss-clamping",),
                  text=lambda mss: f"mss-clamping {mss}\n" if mss else "mss-clamping disabled\n")  # fmt: skip
def show_mss(vpp: Any, args: Any) -> int:
    return int(vpp.nat44.state.mss)


@commands.command("show nat virtual-reassembly", help="show nat virtual-reassembly",
                  text=listing.reassembly_text)  # fmt: skip
def show_reassembly(vpp: Any, args: Any) -> Any:
    return listing.reassembly_data(vpp)
