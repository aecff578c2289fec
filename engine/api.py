"""Binary API messages of no feature: version, liveness, the CLI."""

import os
from typing import Any

from engine.cli import CliError
from engine.errors import ControlError
from engine.messages import UNSPECIFIED, MessageTable

messages = MessageTable()


class NoSuchNodeError(ControlError):
    """VPP's NO_SUCH_NODE."""

    retval = -63


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


@messages.message("show_threads")
def show_threads(vpp: Any) -> dict[str, Any]:
    """The threads that move packets: one."""
    thread = {"id": 0, "name": "vpp_main", "type": "", "pid": os.getpid(), "cpu_id": 0, "core": 0, "cpu_socket": 0}
    return {"count": 1, "thread_data": [thread]}


@messages.message("get_node_index")
def get_node_index(vpp: Any, node_name: str) -> dict[str, int]:
    """The index of a graph node."""
    return {"node_index": _node(vpp, node_name).index}


@messages.message("get_next_index")
def get_next_index(vpp: Any, node_name: str, next_name: str) -> dict[str, int]:
    """The slot of a node's next that leads to another node."""
    names = _node(vpp, node_name).next_names
    if next_name not in names:
        raise NoSuchNodeError(f"{node_name} has no next node {next_name}")
    return {"next_index": names.index(next_name)}


def _node(vpp: Any, name: str) -> Any:
    node = vpp.graph.by_name.get(name)
    if node is None:
        raise NoSuchNodeError(f"there is no node {name}")
    return node


@messages.message("cli_inband")
def cli_inband(vpp: Any, cmd: str) -> dict[str, Any]:
    """Run a line of CLI; `reply` is what it prints, errors included, as vppctl shows it."""
    try:
        return {"reply": vpp.cli(cmd)}
    except CliError as error:
        return {"retval": UNSPECIFIED, "reply": f"{error.output}{error}\n"}
