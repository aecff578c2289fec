"""Messages that belong to no feature: version, liveness, the CLI."""

import os
from typing import Any

from engine.cli import CliError
from engine.messages import UNSPECIFIED, MessageTable

messages = MessageTable()


@messages.message("show_version")
def show_version(vpp: Any) -> dict[str, Any]:
    """Program, version and build of the engine."""
    return {"program": "vpp", "version": vpp.version.number, "build_date": vpp.version.date, "build_directory": ""}


@messages.message("control_ping")
def control_ping(vpp: Any) -> dict[str, Any]:
    """Answered when all requests before it have been."""
    return {"client_index": 0, "vpe_pid": os.getpid()}


@messages.message("show_vpe_system_time")
def show_vpe_system_time(vpp: Any) -> dict[str, Any]:
    """Seconds of the engine's clock."""
    return {"vpe_system_time": vpp.now()}


@messages.message("cli_inband")
def cli_inband(vpp: Any, cmd: str) -> dict[str, Any]:
    """Run a line of CLI; `reply` is what it prints, errors included, as vppctl shows it."""
    try:
        return {"reply": vpp.cli(cmd)}
    except CliError as error:
        return {"retval": UNSPECIFIED, "reply": f"{error.output}{error}\n"}
