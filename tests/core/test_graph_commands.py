"""show node and show vlib graph: what leads where, and how many packets went."""

import pytest

from engine import CliError, Engine
from tests.golden.test_golden import NODE1, frames


@pytest.fixture
def node1():
    with Engine(buffers=1024) as vpp:
        vpp.exec(str(NODE1))
        vpp.replay({"tap2": frames("pod-to-service-same-node", "01-request-node1") * 3})
        yield vpp


def ways(vpp, node):
    return {(way["index"], way["name"]): way["vectors"] for way in vpp.cli_data(f"show node {node}")["next"]}


def test_packets_are_counted_where_they_went(node1):
    assert ways(node1, "ip4-lookup")[5, "ip4-rewrite"] == 3
    assert sum(ways(node1, "ip4-lookup").values()) == 3
    assert sum(ways(node1, "virtio-input").values()) == 3


def test_what_enters_a_node_came_by_some_way(node1):
    """Frames together and one by one: nodes that only pass on get what their ways say."""
    node1.replay({"tap2": frames("pod-to-service-same-node", "01-request-node1") * 300}, together=True)
    rows = node1.cli_data("show vlib graph")
    arrived = {}
    for row in rows:
        for way in row["next"]:
            arrived[way["name"]] = arrived.get(way["name"], 0) + way["vectors"]
    for row in rows:
        if row["type"] != "input" and row["name"] != "GigabitEthernet0/8/0-output":  # which got the router's own ARP
            assert arrived.get(row["name"], 0) == row["vectors"], row["name"]


def test_clear_runtime_clears_them(node1):
    node1.cli("clear runtime")
    assert not any(count for _, _, _, count in node1.graph.ways())


def test_the_layout_is_that_of_vpp(node1):
    text = node1.cli("show node ip4-lookup")
    assert "    next-index  node-index               Node               Vectors\n" in text
    assert "      ip4-rewrite                        3   \n" in text
    assert node1.cli(f"show node index {node1.cli_data('show node ip4-lookup')['index']}") == text
    graph = node1.cli("show vlib graph ip4-lookup").splitlines()
    assert graph[0] == "           Name                      Next                    Previous         "
    assert graph[1].startswith("ip4-lookup                       ip4-drop [0]         ")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("show node", "show node: please specify valid node"),
        ("show node index 100000", "show node: please specify valid node"),
        ("show node foo", "show node: unknown node name: 'foo'"),
    ],
)
def test_refusals(node1, line, message):
    with pytest.raises(CliError, match=message):
        node1.cli(line)
