"""Binary API messages of the graph, feature arcs and traces."""

from collections.abc import Iterator
from typing import Any

from engine.errors import ControlError
from engine.messages import MessageTable

from .trace_commands import trace_packets, trace_text

messages = MessageTable()

NO_SUCH_NODE, INVALID_VALUE, UNIMPLEMENTED, INVALID_SW_IF_INDEX = -63, -7, -9, -2
ANY = 0xFFFFFFFF
ONE_THREAD = 0
NONE, INCLUDE, EXCLUDE = 0, 1, 2  # trace_filter_flag
TRACE_SUPPORTED = 256  # node_flag


class CoreMessageError(ControlError):
    """A message that VPP answers with a retval other than 0."""

    def __init__(self, text: str, retval: int) -> None:
        super().__init__(text)
        self.retval = retval


def node_of(vpp: Any, index: int) -> Any:
    """A node by its index. Raises CoreMessageError."""
    if not 0 <= index < len(vpp.graph.nodes):
        raise CoreMessageError(f"there is no node {index}", NO_SUCH_NODE)
    return vpp.graph.nodes[index]


# ---- graph


@messages.message("graph_node_get")
def graph_node_get(
    vpp: Any, cursor: int = 0, index: int = ANY, name: str = "", flags: int = 0, want_arcs: bool = False
) -> tuple[dict[str, Any], Iterator[dict[str, Any]]]:
    """Nodes: one by index or name, or all; with flags those that have one of them."""
    nodes = vpp.graph.nodes
    if index != ANY:
        nodes = [node_of(vpp, index)]
    elif name:
        if name not in vpp.graph.by_name:
            raise CoreMessageError(f"there is no node {name}", NO_SUCH_NODE)
        nodes = [vpp.graph.by_name[name]]
    found = (node_fields(vpp, node, want_arcs) for node in nodes)
    return {"cursor": ANY}, (fields for fields in found if not flags or fields["flags"] & flags)


def node_fields(vpp: Any, node: Any, want_arcs: bool) -> dict[str, Any]:
    nexts = [vpp.graph.by_name[name].index for name in node.next_names if name in vpp.graph.by_name]
    return {
        "index": node.index,
        "name": node.name,
        "flags": TRACE_SUPPORTED if node.traceable else 0,
        "n_arcs": len(nexts) if want_arcs else 0,
        "arcs_out": nexts if want_arcs else [],
    }


@messages.message("add_node_next")
def add_node_next(vpp: Any, node_name: str, next_name: str) -> dict[str, Any]:
    """Give a node another next node; the slot, the old one where it has it already."""
    for name in (node_name, next_name):
        if name not in vpp.graph.by_name:
            raise CoreMessageError(f"there is no node {name}", NO_SUCH_NODE)
    return {"next_index": vpp.graph.add_next(node_name, next_name)}


# ---- feature arcs


def arc_of(vpp: Any, arc_name: str, feature_name: str) -> Any:
    """An arc that has the feature. Raises CoreMessageError."""
    arc = vpp.features.arcs.get(arc_name)
    if arc is None or feature_name not in vpp.graph.by_name:
        raise CoreMessageError(f"there is no feature {feature_name} on an arc {arc_name}", INVALID_VALUE)
    return arc


@messages.message("feature_enable_disable")
def feature_enable_disable(vpp: Any, sw_if_index: int, arc_name: str, feature_name: str, enable: bool = True) -> None:
    """Put a feature on an interface's arc, or take it off."""
    check_interface(vpp, sw_if_index)
    arc = arc_of(vpp, arc_name, feature_name)
    try:
        if arc.is_enabled(feature_name, sw_if_index) != bool(enable):
            vpp.features.enable(arc_name, feature_name, sw_if_index, bool(enable))
    except KeyError:
        raise CoreMessageError(f"{feature_name} is no feature of {arc_name}", INVALID_VALUE) from None


@messages.message("feature_is_enabled")
def feature_is_enabled(vpp: Any, arc_name: str, feature_name: str, sw_if_index: int) -> dict[str, Any]:
    """Whether a feature is on an interface's arc."""
    check_interface(vpp, sw_if_index)
    return {"is_enabled": arc_of(vpp, arc_name, feature_name).is_enabled(feature_name, sw_if_index)}


def check_interface(vpp: Any, sw_if_index: int) -> None:
    known = vpp.interfaces.by_index
    if not 0 <= sw_if_index < len(known) or known[sw_if_index] is None:
        raise CoreMessageError(f"no interface {sw_if_index}", INVALID_SW_IF_INDEX)


# ---- traces


@messages.message("trace_capture_packets")
def trace_capture_packets(
    vpp: Any, node_index: int, max_packets: int, use_filter: bool = False, verbose: bool = False,
    pre_capture_clear: bool = False,
) -> None:  # fmt: skip
    """Trace so many packets more of an input node."""
    node = node_of(vpp, node_index)
    if use_filter:
        raise CoreMessageError("there are no classifier filters", UNIMPLEMENTED)
    if pre_capture_clear:
        vpp.tracer.clear()
    vpp.tracer.add(node.name, max_packets)


@messages.message("trace_clear_capture", also=["trace_clear_cache"])
def trace_clear_capture(vpp: Any) -> None:
    """Forget the traced packets and stop tracing."""
    vpp.tracer.clear()


@messages.message("trace_set_filters")
def trace_set_filters(
    vpp: Any, flag: int, count: int, node_index: int = ANY, classifier_table_index: int = ANY
) -> None:
    """Show only packets whose path has, or lacks, a node; at most so many."""
    if flag not in (NONE, INCLUDE, EXCLUDE):
        raise CoreMessageError("there are filters by node only", UNIMPLEMENTED)
    name = None if flag == NONE else node_of(vpp, node_index).name
    vpp.trace_filter.set(name if flag == INCLUDE else None, name if flag == EXCLUDE else None, count)
    vpp.tracer.forget_budgets()


@messages.message("trace_v2_dump")
def trace_v2_dump(
    vpp: Any, thread_id: int = ANY, position: int = 0, max: int = 50, clear_cache: bool = False
) -> Iterator[dict[str, Any]]:
    """The text of traced packets from a position on; `more` tells of the last one whether there are others."""
    if thread_id not in (ANY, ONE_THREAD):
        return
    packets = trace_packets(vpp)["packets"]
    end = min(position + max, len(packets))
    for place in range(position, end):
        only = {"limited": None, "packets": packets[place : place + 1]}
        text = "".join(trace_text(only)).partition("\n\n")[2]
        more = place == end - 1 and end < len(packets)
        yield {"thread_id": ONE_THREAD, "position": place, "more": more, "trace_data": text.rstrip("\n") + "\n"}
    if clear_cache:
        vpp.tracer.clear()
