"""Traces read as stories: what came, what changed where, how it ended."""

import json

import pytest

from shell.diagram.headers import flow
from shell.diagram.source import SourceError, journeys_of, read_file
from shell.diagram.story import family, read
from shell.trace_text import parse
from tests.golden.compare import HERE


def step(path, node):
    return next(step for step in path.steps if step.node == node)


def changed(path, node):
    return [(change.name, change.before, change.after) for change in step(path, node).changes]


def test_a_translated_packet(same_node):
    (request,), (answer,) = journeys_of(same_node)
    assert (request.enters, request.leaves, request.verdict) == ("tap2", "tap4", "sent")
    assert flow(request.before) == "tcp 10.1.1.3:51082 → 10.104.221.85:80"
    assert flow(request.after) == "tcp 10.1.1.3:51082 → 10.1.1.5:8080"
    assert changed(request, "nat44-out2in") == [("destination", "10.104.221.85:80", "10.1.1.5:8080")]
    assert changed(answer, "nat44-in2out-slowpath") == [("source", "10.1.1.5:8080", "10.104.221.85:80")]
    assert changed(request, "ip4-rewrite") == [
        ("ttl", "64", "63"),
        ("MAC", "00:00:00:00:00:02 → 02:fe:16:3f:5f:0f", "02:fe:10:03:7c:4d → 00:00:00:00:00:02"),
    ]
    assert step(request, "ip4-rewrite").notes == ["to 10.1.1.5 on tap4"]
    assert not any(step.changes for step in request.steps if step.node not in ("nat44-out2in", "ip4-rewrite"))


def test_decisions_of_rules_and_sessions(same_node):
    (request,), (answer,) = journeys_of(same_node)
    notes = step(request, "acl-plugin-out-ip4-fa").notes
    assert notes[0] == "permit: acl 4 rule 0"
    assert notes[1].startswith("ipv4 permit src 10.1.1.3/32")
    assert step(answer, "acl-plugin-out-ip4-fa").notes == ["permit: known session"]


def test_drops_say_why(drops):
    (denied,), (unknown,) = journeys_of(drops)
    assert (denied.verdict, denied.reason) == ("dropped", "acl-plugin-out-ip4-fa: ACL deny packets")
    assert step(denied, "acl-plugin-out-ip4-fa").bad
    assert step(denied, "error-drop").bad
    assert (unknown.verdict, unknown.reason) == ("dropped", "ip4-glean: ARP requests sent")
    assert step(unknown, "tap0-output").notes == ["ARP request, 172.30.1.1 asks for 172.30.1.77"]
    assert flow(unknown.after) == flow(unknown.before)


def test_a_lab_is_one_journey(two_nodes):
    request, answer = journeys_of(two_nodes)
    assert [path.where for path in request] == ["node1", "node2"]
    assert [path.where for path in answer] == ["node2", "node1"]
    assert changed(request[0], "vxlan4-encap")[0][2].startswith("udp 192.168.16.1:")
    assert changed(request[1], "vxlan4-input")[0][2] == "tcp 10.1.1.3:49710 → 10.1.2.4:8080"
    assert (request[1].enters, request[1].leaves) == ("GigabitEthernet0/8/0", "tap3")
    assert flow(answer[1].after) == "tcp 10.97.193.160:80 → 10.1.1.3:49710"


@pytest.mark.parametrize("trace", sorted(HERE.glob("*/*.trace")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_text_of_a_real_vpp(trace):
    """Pasted traces give the same stories, with numbers where interfaces have no names."""
    (path,) = read(parse(trace.read_text()))
    assert path.verdict == "sent"
    assert "src" in path.before
    assert path.leaves
    assert any(step.changes for step in path.steps)


def test_json_and_text_tell_the_same(same_node, tmp_path):
    data, text = same_node.vpp.cli_data("show trace"), same_node.vpp.cli("show trace")
    (tmp_path / "json").write_text(json.dumps(data))
    (tmp_path / "text").write_text(text)
    ours, theirs = read_file(str(tmp_path / "json")), read_file(str(tmp_path / "text"))
    assert len(ours) == len(theirs) == 2
    for one, other in zip(ours, theirs, strict=True):
        assert (one.before, one.after, one.verdict) == (other.before, other.after, other.verdict)
        assert [step.changes for step in one.steps] == [step.changes for step in other.steps]


@pytest.mark.parametrize("text", ["{", '{"a": 1}', '{"packets": [{"entries": 3}]}', '{"packets": 7}', "hello\nworld"])
def test_what_is_no_trace(tmp_path, text):
    path = tmp_path / "file"
    path.write_text(text)
    with pytest.raises(SourceError, match="file: "):
        read_file(str(path))
    with pytest.raises(SourceError, match="No such file"):
        read_file(str(tmp_path / "none"))


def test_entries_without_data_have_names_at_least():
    (path,) = read({"packets": [{"packet": 1, "entries": [{"time": 0, "node": "foo-input", "text": "x", "data": {}}]}]})
    assert (path.enters, path.verdict, flow(path.before)) == ("foo-input", "consumed", "")


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("virtio-input", "input"),
        ("ip4-input-no-checksum", "ip"),
        ("ethernet-input", "l2"),
        ("nat44-in2out-output", "nat"),
        ("tap0-output", "output"),
        ("GigabitEthernet0/8/0-tx", "output"),
        ("vxlan4-encap", "tunnel"),
        ("acl-plugin-in-ip4-l2", "acl"),
        ("ip4-drop", "drop"),
        ("l2-output", "l2"),
    ],
)
def test_families(node, expected):
    assert family(node) == expected
