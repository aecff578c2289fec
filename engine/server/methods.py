"""What the control socket offers besides the binary API's messages: data, completion, files, replays."""

import time
from collections.abc import Callable
from typing import Any

from engine.lab import Lab

from . import console

Notify = Callable[..., None]  # (method, *params): tells the client something while it waits
Method = Callable[..., Any]

TICK = 0.2  # seconds between two words about progress


def cli(vpp: Any, notify: Notify, cmd: str) -> Any:
    """The text of a CLI command; a refused line is the call's error."""
    return vpp.cli(cmd)


def cli_data(vpp: Any, notify: Notify, cmd: str) -> Any:
    """The data of a CLI command; a refused line is the call's error."""
    return vpp.cli_data(cmd)


def exec_file(vpp: Any, notify: Notify, path: str) -> Any:
    """Run a file of CLI lines, as the engine sees the path; the error names file and line."""
    return vpp.exec(path)


def complete(vpp: Any, notify: Notify, text: str) -> Any:
    """What the last word of the line could be: [word, one line about it]."""
    return vpp.registry.complete(vpp, text)


def replay(
    vpp: Any,
    notify: Notify,
    inputs: dict[str, str],
    outputs: dict[str, str] | None = None,
    trace: int | None = None,
    together: bool = False,
) -> Any:
    """Replay captures (paths as the engine sees them) per interface; what became of the packets.

    In a lab an interface is `node:interface`, unless a node is named: then it is that one alone. The client is
    notified of `progress` with the number of packets received so far.
    """
    said = time.monotonic()

    def progress(packets: int) -> None:
        nonlocal said
        if time.monotonic() - said >= TICK:
            said = time.monotonic()
            notify("progress", packets)

    return vpp.replay_files(inputs, outputs, trace=trace, together=together, progress=progress).summary()


def nodes(vpp: Any, notify: Notify) -> Any:
    """Names of the nodes of a lab, in its file's order; none where an engine is alone."""
    return list(vpp.nodes) if isinstance(vpp, Lab) else []


def wires(vpp: Any, notify: Notify) -> Any:
    """The wires of a lab, each direction by itself: from, to (node:interface), input_node; none of an engine alone."""
    return vpp.wires() if isinstance(vpp, Lab) else []


# What a lab does as a whole, unless a node is named.
OF_THE_LAB = {"nodes", "wires", "replay"}

METHODS: dict[str, Method] = {
    "nodes": nodes,
    "wires": wires,
    "cli": cli,
    "cli_data": cli_data,
    "exec": exec_file,
    "complete": complete,
    "replay": replay,
    **console.METHODS,
}

# What the fields of all methods may be.
KINDS: dict[str, Any] = {
    "cmd": str,
    "path": str,
    "text": str,
    "inputs": dict,
    "outputs": dict | None,
    "trace": int | None,
    "together": bool,
    **console.KINDS,
}
