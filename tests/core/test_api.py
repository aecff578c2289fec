"""Messages of the graph, of features and of traces."""

import pytest

from engine import Engine
from tests.net.frames import ethernet, udp

FRAME = ethernet(udp("10.0.0.2", "10.0.1.2"))


@pytest.fixture
def vpp():
    with Engine(profile="18.10") as vpp:
        vpp.cli("create packet-generator interface pg0")
        vpp.cli("set interface state pg0 up")
        yield vpp


def test_nodes_of_the_graph(vpp):
    reply, nodes = vpp.api.graph_node_get(want_arcs=True)
    assert reply.retval == 0 and len(nodes) == len(vpp.graph.nodes)
    by_index = {node.index: node.name for node in nodes}
    (ip4_input,) = [node for node in nodes if node.name == "ip4-input"]
    assert "ip4-lookup" in [by_index[index] for index in ip4_input.arcs_out]
    _, (only,) = vpp.api.graph_node_get(name="pg-input")
    assert (only.n_arcs, only.flags & 256) == (0, 256)
    assert vpp.api.graph_node_get(index=100000).retval == -63
    assert vpp.api.graph_node_get(name="nonsense").retval == -63


def test_another_next_node(vpp):
    slot = vpp.api.add_node_next(node_name="ip4-input", next_name="ethernet-input").next_index
    assert vpp.api.get_next_index(node_name="ip4-input", next_name="ethernet-input").next_index == slot
    assert vpp.api.add_node_next(node_name="x", next_name="y").retval == -63


def test_features_on_an_interface(vpp):
    feature = {"arc_name": "ip4-unicast", "feature_name": "ip4-source-check-via-rx", "sw_if_index": 1}
    assert vpp.api.feature_is_enabled(**feature).is_enabled is False
    assert vpp.api.feature_enable_disable(enable=True, **feature).retval == 0
    assert vpp.api.feature_enable_disable(enable=True, **feature).retval == 0
    assert vpp.api.feature_is_enabled(**feature).is_enabled is True
    assert "ip4-source-check-via-rx" in vpp.cli("show interface features pg0")
    vpp.api.feature_enable_disable(enable=False, **feature)
    assert vpp.api.feature_is_enabled(**feature).is_enabled is False
    assert vpp.api.feature_enable_disable(**feature | {"sw_if_index": 8}).retval == -2
    assert vpp.api.feature_enable_disable(**feature | {"arc_name": "x"}).retval == -7
    assert vpp.api.feature_enable_disable(**feature | {"feature_name": "error-drop"}).retval == -7


def test_a_trace_page_by_page(vpp):
    index = vpp.api.get_node_index(node_name="pg-input").node_index
    assert vpp.api.trace_capture_packets(node_index=index, max_packets=10).retval == 0
    vpp.replay({"pg0": [FRAME] * 5})
    first = vpp.api.trace_v2_dump(position=0, max=3)
    assert [(each.position, each.more) for each in first] == [(0, False), (1, False), (2, True)]
    rest = vpp.api.trace_v2_dump(position=3, clear_cache=True)
    assert [(each.position, each.more) for each in rest] == [(3, False), (4, False)]
    assert "pg-input\n  stream" in first[0].trace_data
    assert vpp.api.trace_v2_dump() == []
    assert vpp.api.trace_capture_packets(node_index=99999, max_packets=1).retval == -63


def test_a_trace_filtered_by_node(vpp):
    index = {name: vpp.api.get_node_index(node_name=name).node_index for name in ("pg-input", "ip4-lookup")}
    assert vpp.api.trace_set_filters(flag=1, count=5, node_index=index["ip4-lookup"]).retval == 0
    vpp.api.trace_capture_packets(node_index=index["pg-input"], max_packets=10)
    vpp.replay({"pg0": [FRAME, b"\xff" * 60]})
    assert all("ip4-lookup" in each.trace_data for each in vpp.api.trace_v2_dump())
    assert vpp.api.trace_set_filters(flag=3, count=1).retval == -9
    assert vpp.api.trace_clear_capture().retval == 0
