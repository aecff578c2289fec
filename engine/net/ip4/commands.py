"""Commands that concern packets to the vswitch itself."""

from typing import Any

from engine.cli import CommandTable

commands = CommandTable()


def local_text(protocols: dict[int, str]) -> str:
    """One line a protocol."""
    return "Protocols handled by ip4_local\n" + "".join(f"{number}: {node}\n" for number, node in protocols.items())


@commands.command("show ip local", help="show ip local", text=local_text)
def show_ip_local(vpp: Any, args: Any) -> dict[int, str]:
    """Protocols that ip4-local hands on, with their nodes."""
    return dict(vpp.ip4.protocols())
