"""Commands that concern packets to the vswitch itself, and where packets may come from."""

from typing import Any

from engine.cli import Clause, CommandTable, Loop
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


def reassembly_text(data: dict[str, int]) -> str:
    """Counts between rules."""
    rule = "-" * 21
    return (
        f"{rule}\nIP4 reassembly status\n{rule}\n{rule}\n"
        f"Current IP4 reassemblies count: {data['reassemblies']}\n"
        f"Maximum configured concurrent IP4 reassemblies per worker-thread: {data['limit']}\n"
        f"Buffers in use: {data['buffers']}\n"
    )


@commands.command(
    "show ip4-reassembly", help="show ip4-reassembly [details]", text=reassembly_text, profiles=("18.10",)
)
def show_reassembly(vpp: Any, args: Any) -> dict[str, int]:
    """How many fragmented packets wait for the rest."""
    return dict(vpp.reassembly.stats())


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
