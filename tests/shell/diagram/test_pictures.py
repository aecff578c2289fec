"""Pictures: well-formed, complete, nothing drawn over anything else, nothing from outside."""

import json
import re
from xml.etree import ElementTree

import pytest

from shell.diagram import graph
from shell.diagram.command import PictureError, is_picture, run, write_file
from shell.diagram.layers import BEND, layout
from shell.diagram.path import WIDTH, lines_of, short_rule
from shell.diagram.source import journeys_of
from shell.diagram.svg import text_width, wrap
from tests.golden.compare import HERE

SVG = "{http://www.w3.org/2000/svg}"


def drawing(path):
    root = ElementTree.parse(path).getroot()
    assert root.tag == f"{SVG}svg"
    return root


def texts(root):
    return ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]


def overlaps(one, other):
    (x, y, width, height), (x2, y2, width2, height2) = one, other
    return x < x2 + width2 and x2 < x + width and y < y2 + height2 and y2 < y + height


def boxes(root, height):
    return [
        tuple(float(rect.get(name)) for name in ("x", "y", "width", "height"))
        for rect in root.iter(f"{SVG}rect")
        if rect.get("height") == str(height) and rect.get("stroke", "none") != "none"
    ]


def test_a_packet(same_node, tmp_path):
    file = tmp_path / "one.svg"
    assert run(same_node, f"show trace diagram packet 1 file {file}") == f"wrote {file}\nwrote {tmp_path}/one.html\n"
    root = drawing(file)
    shown = texts(root)
    assert [name for name in ("tap2", "tap4", "nat44-out2in", "sent") if name not in shown] == []
    assert any("destination 10.104.221.85:80" in text and "10.1.1.5:8080" in text for text in shown)
    assert "virtio-input" in shown
    found = boxes(root, 28)
    assert len(found) == len(journeys_of(same_node)[0][0].steps)
    assert not [1 for at, one in enumerate(found) for other in found[:at] if overlaps(one, other)]


def test_all_packets_stand_side_by_side(same_node, tmp_path):
    run(same_node, f"sh tr dia file {tmp_path}/all")
    root = drawing(tmp_path / "all.svg")
    assert texts(root).count("sent") == 2
    assert float(root.get("width")) > 2 * WIDTH


def test_everything_is_inside_the_picture(two_nodes, tmp_path):
    run(two_nodes, f"show trace diagram file {tmp_path}/lab.svg")
    root = drawing(tmp_path / "lab.svg")
    width, height = float(root.get("width")), float(root.get("height"))
    for text in root.iter(f"{SVG}text"):
        assert 0 < float(text.get("x")) < width
        assert 0 < float(text.get("y")) < height
    assert texts(root).count("wire") == 2
    assert sum(text.startswith("node1") for text in texts(root)) == 2


def test_lines_fit_beside_their_nodes(two_nodes, same_node, drops):
    for asked in (two_nodes, same_node, drops):
        for journey in journeys_of(asked):
            for step in (step for path in journey for step in path.steps):
                for line in lines_of(step):
                    text = "".join(text for text, _ in line.spans)
                    assert text_width(text, 11) < WIDTH - 266, text


def test_the_page_has_all_and_needs_nothing(same_node, tmp_path):
    run(same_node, f"show trace diagram packet 2 file {tmp_path}/two.svg")
    page = (tmp_path / "two.html").read_text()
    assert page.count("<section") == 2
    assert page.count("<svg") == 2
    assert "NAT44_OUT2IN: sw_if_index 6" in page
    assert not re.search(r"(src|href)=\"(?!#)", page.replace('xmlns="http://www.w3.org/2000/svg"', ""))


def test_drops_are_red(drops, tmp_path):
    run(drops, f"show trace diagram packet 1 file {tmp_path}/drop.svg")
    root = drawing(tmp_path / "drop.svg")
    bad = ["".join(span.itertext()) for span in root.iter(f"{SVG}tspan") if span.get("class") == "bad"]
    assert "\N{MULTIPLICATION X} deny: acl 4 rule 4" in bad
    assert "\N{MULTIPLICATION X} acl-plugin-out-ip4-fa: ACL deny packets" in bad


def test_a_trace_of_a_real_vpp(tmp_path):
    trace = HERE / "pod-to-service-different-nodes" / "01-request-node1.trace"
    assert "real.svg" in write_file(str(trace), None, str(tmp_path / "real.svg"))
    assert any("VXLAN" in text or "wrapped in" in text for text in texts(drawing(tmp_path / "real.svg")))


def test_names_are_escaped(tmp_path):
    entry = {"time": 0.0, "node": "<b>&-input", "text": "<script>", "data": {}}
    (tmp_path / "trace").write_text(json.dumps({"packets": [{"packet": 1, "entries": [entry]}]}))
    write_file(str(tmp_path / "trace"), None, str(tmp_path / "x.svg"))
    assert "<b>&-input" in texts(drawing(tmp_path / "x.svg"))
    assert "<script>" not in (tmp_path / "x.html").read_text()


# ---- the graph


def test_the_graph_counts_what_went_where(same_node, tmp_path):
    run(same_node, f"show graph file {tmp_path}/graph.svg")
    shown = texts(drawing(tmp_path / "graph.svg"))
    assert "nat44-classify" in shown  # prints no trace, and is there all the same
    assert "vxlan4-encap" not in shown
    found = boxes(drawing(tmp_path / "graph.svg"), 40)
    assert len(found) > 12
    assert not [1 for at, one in enumerate(found) for other in found[:at] if overlaps(one, other)]


def test_the_graph_of_a_vpp_that_prints_text_only(same_node, tmp_path):
    same_node.shut = True
    try:
        run(same_node, f"show graph file {tmp_path}/graph.svg")
    finally:
        same_node.shut = False
    shown = texts(drawing(tmp_path / "graph.svg"))
    assert graph.TRACED in shown
    assert "not counted" in shown


def test_an_arp_request_in_a_packets_record_is_no_way_to_the_drop(drops):
    paths = [path for journey in journeys_of(drops) for path in journey]
    edges = graph.edges_of(paths)
    assert edges["ip4-glean", "tap0-output"] == 1
    assert ("tap0-output", "error-drop") not in edges


def test_layers_point_down_but_for_circles():
    plan = layout(["a", "b", "c", "d"], [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d"), ("d", "b")])
    rank = {name: number for number, row in enumerate(plan.rows) for name in row}
    assert [rank[name] for name in "abcd"] == [0, 1, 2, 3]
    assert plan.up == {("d", "b")}
    assert len(plan.routes["a", "c"]) == 1
    assert plan.routes["a", "c"][0].startswith(BEND)
    assert layout([], []).rows == []


# ---- the commands


@pytest.mark.parametrize("line", ["show trace diagram", "sh tr di packet 1", "show graph", "sho gra file x"])
def test_lines_that_draw(line):
    assert is_picture(line)


@pytest.mark.parametrize("line", ["show trace", "show trace max 5", "show gr", "graph", "", "show vlib graph"])
def test_lines_that_do_not(line):
    assert is_picture(line) == (line == "show gr")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("show trace diagram packet", "expected show trace diagram"),
        ("show trace diagram packet x", "expected show trace diagram"),
        ("show trace diagram packet 9", "there is no packet 9, only 1 to 2"),
        ("show trace diagram packet 0", "there is no packet 0"),
        ("show graph packet 1", "expected show graph"),
        ("show graph file /nowhere/at/all.svg", "cannot write /nowhere/at/all.svg: No such file"),
    ],
)
def test_refusals(same_node, line, message):
    with pytest.raises(PictureError, match=message):
        run(same_node, line)


def test_small_helpers():
    assert wrap("a bb ccc dddd", 6) == ["a bb", "ccc", "dddd"]
    assert (
        short_rule("ipv4 permit src 0.0.0.0/0 dst 0.0.0.0/0 proto 0 sport 0-65535 dport 0-65535") == "permit any packet"
    )
    assert short_rule("ipv4 deny src 1.1.1.1/32 dst 0.0.0.0/0 proto 6 sport 0-65535 dport 22") == (
        "deny src 1.1.1.1/32 proto 6 dport 22"
    )


def test_a_lab_has_both_graphs_and_the_wires(two_nodes, tmp_path):
    run(two_nodes, f"show graph file {tmp_path}/graph.svg")
    shown = texts(drawing(tmp_path / "graph.svg"))
    assert shown.count("dpdk-input") == 2
    assert shown.count("wire 2") == 2  # the packet, and the router's own ARP at start


def test_a_graph_as_a_page_that_reloads_itself(same_node, tmp_path):
    run(same_node, f"show graph file {tmp_path}/graph.html")
    page = (tmp_path / "graph.html").read_text()
    assert '<meta http-equiv="refresh" content="2">' in page
    assert page.count("<svg") == 1
