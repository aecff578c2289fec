"""The counters of a vswitch at one moment."""

import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

N_INTERFACE_COUNTERS = 12  # u64 of interface_counters_t, by interface
N_NODE_COUNTERS = 3  # calls, vectors, clocks, by node


@dataclass(frozen=True)
class Snapshot:
    """Counters, copied between two frames.

    interfaces, nodes: the objects, in the order of their counters, which stand one behind the other. held: how long
    packets stood still for it, in seconds.
    """

    vpp: Any
    interfaces: list[Any]
    interface_counters: Sequence[int]
    nodes: list[Any]
    node_counters: Sequence[int]
    errors: dict[tuple[str, str], int]
    packets: dict[str, int]
    buffers: dict[str, int]
    acl: dict[str, int]
    nat44: dict[str, int]
    clock: float
    held: float


def take(vpp: Any) -> Snapshot:
    """Copy the counters; of interfaces and nodes, of which there may be many, as they stand in memory."""
    with vpp.parked():
        began = time.perf_counter()
        interfaces, interface_counters = vpp.interfaces.all_counters()
        nodes, node_counters = vpp.graph.node_counters()
        errors: dict[tuple[str, str], int] = {}
        for _, node, reason, count in vpp.graph.errors():
            errors[node, reason] = errors.get((node, reason), 0) + count
        rest = {
            "packets": vpp.graph.totals(),
            "buffers": vpp.buffers.stats(),
            "acl": vpp.acl.state.counters(),
            "nat44": {"sessions": vpp.nat44.state.n_sessions(), "users": vpp.nat44.state.n_users()},
            "clock": float(vpp.clock.now_ns) / 1e9,
        }
        held = time.perf_counter() - began
    return Snapshot(
        vpp, interfaces, array("Q", interface_counters), nodes, array("Q", node_counters), errors, **rest, held=held
    )
