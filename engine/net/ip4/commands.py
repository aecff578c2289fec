"""Commands that concern packets to the vswitch itself, and where packets may come from."""

from typing import Any

from engine.cli import Clause, CommandTable, Either, Loop
from engine.net.interface.types import INTERFACE
from engine.net.ip4.source_check import set_source_check

commands = CommandTable()


def local_text(protocols: dict[int, str]) -> str:
    """One line a protocol."""
    return "Protocols handled by ip4_local\n" + "".join(f"{number}: {node}\n" for number, node in protocols.items())


@commands.command("show ip local", help="show ip local", text=local_text)
def show_ip_local(vpp: Any, args: Any) -> dict[int, str]:
    """Protocols that ip4-local hands on, with their nodes."""
    return dict(vpp.ip4.protocols())


def fragment_text(number: int, fragment: dict[str, int]) -> str:
    """One line."""
    return (
        f"  #{number:03}: range: [{fragment['range_first']}, {fragment['range_last']}], bi: {fragment['buffer']}, "
        f"off: {fragment['range_first'] - fragment['first']}, len: {fragment['length']}, "
        f"fragment[{fragment['first']}, {fragment['last']}]\n"
    )


def waiting_text(entry: dict[str, Any]) -> str:
    """A packet that is not whole, and its fragments."""
    end = 0xFFFFFFFF if entry["total_length"] is None else entry["total_length"] - 1
    return (
        f"ID: {entry['number']}, key: xx_id: {entry['fib_index']}, src: {entry['src']}, dst: {entry['dst']}, "
        f"frag_id: {entry['fragment_id']}, proto: {entry['protocol']}\n"
        f"  first_bi: {entry['first_buffer']}, data_len: {entry['data_length']}, last_packet_octet: {end}, "
        f"trace_op_counter: {entry['operations']}\n"
        + "".join(fragment_text(number, fragment) for number, fragment in enumerate(entry["fragments"]))
    )


def reassembly_text(data: dict[str, Any]) -> str:
    """Counts between rules; what waits in front of them, when it was asked for."""
    rule = "-" * 21
    return (
        f"{rule}\nIP4 reassembly status\n{rule}\n"
        + "".join(waiting_text(entry) for entry in data.get("details", ()))
        + f"{rule}\nCurrent IP4 reassemblies count: {data['reassemblies']}\n"
        f"Maximum configured concurrent IP4 reassemblies per worker-thread: {data['limit']}\n"
        f"Buffers in use: {data['buffers']}\n"
    )


@commands.command(
    "show ip4-reassembly",
    help="show ip4-reassembly [details]",
    syntax=[Loop(Clause("details", details=True))],
    text=reassembly_text,
    profiles=("18.10",),
)
def show_reassembly(vpp: Any, args: Any) -> dict[str, Any]:
    """How many fragmented packets wait for the rest; which, with details."""
    details = {"details": vpp.reassembly.listing()} if args.details else {}
    return dict(vpp.reassembly.stats()) | details


@commands.command(
    "set interface reassembly",
    help="set interface reassembly <interface-name> [on|off|ip4|ip6]",
    syntax=[
        Clause("<interface>", interface=INTERFACE, error="unknown interface `{rest}'"),
        Either(Clause("on", on=True), Clause("off", off=True), Clause("ip4", on=True), error="unknown input `{rest}'"),
    ],
    profiles=("18.10",),
)
def set_reassembly(vpp: Any, args: Any) -> None:
    """Put together the fragments that come by an interface, before anything else looks at them."""
    vpp.features.enable("ip4-unicast", "ip4-reassembly-feature", args.interface.sw_if_index, args.on)


@commands.command(
    "set interface ip source-check",
    help="set interface ip source-check <interface> [strict|loose] [del]",
    syntax=[
        Clause("<interface>", interface=INTERFACE, error="unknown interface `{rest}'"),
        Loop(Clause("del", delete=True), Clause("strict", mode="strict"), Clause("loose", mode="loose")),
    ],
    defaults={"mode": "strict"},
)
def source_check(vpp: Any, args: Any) -> None:
    """Drop packets of an interface whose source is not reached by it."""
    set_source_check(vpp.ip4, args.interface.sw_if_index, args.mode, not args.delete)
