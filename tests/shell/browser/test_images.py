"""The bytes of packets, from what traces show of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shell.browser.fields import named
from shell.browser.images import images
from shell.browser.shown import Image, shown_by
from shell.diagram.source import journeys_of
from shell.diagram.story import Step, read
from shell.trace_text import parse
from tests.golden.compare import HERE
from tests.golden.test_golden import frames

FLOW = "pod-to-service-different-nodes"


def sights(path, first=None):
    found = images(path, first)
    return {step.node: sight for step, sight in zip(path.steps, found, strict=True)}, found


def changes(path, node):
    return list(sights(path)[0][node].changes())


def test_which_node_changed_which_field(same_node):
    (request,), (answer,) = journeys_of(same_node)
    assert changes(request, "nat44-out2in") == [
        ("ip checksum", "0x8804", "0x64bc"),
        ("ip dst", "10.104.221.85", "10.1.1.5"),
        ("tcp dport", "80", "8080"),
        ("tcp checksum", "0x50b8", "0x0e30"),
    ]
    assert [name for name, _, _ in changes(answer, "nat44-in2out-slowpath")] == [
        "ip checksum",
        "ip src",
        "tcp sport",
        "tcp checksum",
    ]
    assert ("ip ttl", "64", "63") in changes(request, "ip4-rewrite")
    quiet = [step.node for step in request.steps if step.node not in ("nat44-out2in", "ip4-rewrite")]
    assert not any(changes(request, node) for node in quiet)


def test_the_last_image_is_the_frame_that_left(same_node):
    """With the captured frame every byte is known, and what was changed on the way is what the engine sent."""
    (request,), _ = journeys_of(same_node)
    (frame,) = frames("pod-to-service-same-node", "01-request-node1")
    found = images(request, Image.of(frame))
    assert bytes(found[0].before.octets) == frame
    (sent,) = frames("pod-to-service-same-node", "01-request-node1.out")
    assert bytes(found[-1].after.octets) == sent


def test_without_a_capture_headers_are_known(same_node):
    (request,), _ = journeys_of(same_node)
    found = images(request)
    (sent,) = frames("pod-to-service-same-node", "01-request-node1.out")
    known = found[-1].after
    assert known.agrees(sent)
    assert None not in known.octets[:50]
    assert known.length() == len(sent)


def test_across_a_wire_and_through_a_tunnel(two_nodes):
    (there, entered), _ = journeys_of(two_nodes)
    (frame,) = frames(FLOW, "01-request-node1")
    by_node, found = sights(there, Image.of(frame))
    wrapped = by_node["vxlan4-encap"]
    assert wrapped.crossed
    assert named(wrapped.after.link, wrapped.after.network)["udp dport"] == "4789"
    (sent,) = frames(FLOW, "01-request-node1.out")
    assert bytes(found[-1].after.octets) == sent
    by_node, found = sights(entered, found[-1].after)
    (arrived,) = frames(FLOW, "02-request-node2.out")
    assert bytes(found[-1].after.octets) == arrived
    assert by_node["vxlan4-input"].crossed


@pytest.mark.parametrize("trace", sorted(HERE.glob("*/*.trace")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_text_of_a_real_vpp(trace):
    """What came and what left, as far as the traces that VPP printed show them."""
    (path,) = read(parse(trace.read_text()))
    found = images(path)
    (came,) = frames(trace.parent.name, trace.stem)
    (left,) = frames(trace.parent.name, f"{trace.stem}.out")
    assert found[-1].after.agrees(left)
    known = Image()
    for sight in found:
        known = known.with_unknown(sight.before)
        if sight.crossed or list(sight.changes()):
            break
    assert known.agrees(came)
    assert any(octet is not None for octet in known.network)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"ip4": None},
        {"ip4": {"truncated": True}},
        {"ip4": {"src": "a", "dst": "b", "length": 1, "id": 1, "ttl": 1, "protocol": 6, "checksum": 1}},
        {
            "ip4": {
                "src": "1.1.1.1",
                "dst": "1.1.1.1",
                "length": 1 << 40,
                "id": 1,
                "ttl": 1,
                "protocol": 6,
                "checksum": 1,
            }
        },
        {"adjacency": {"rewrite": None}, "data": "xyz"},
        {"adjacency": 3, "data": "00"},
        {"frame": {"ethernet": {"dst": "::::::", "type": 2048}, "payload": {}}},
        {"frame": {"ethernet": {"dst": "02:00:00:00:00:01", "src": 5, "type": 2048}}},
        {"dst": "02:00:00:00:00:01", "src": "x", "type": 2048},
        {"bd_index": 1, "dst": "02:00:00:00:00:01", "src": "02:00:00:00:00:02", "data": "zz"},
    ],
)
def test_an_entry_that_says_nonsense_shows_nothing(data):
    shown = shown_by(Step("x", 0.0, "", data, {}))
    assert shown is None or not any(shown.octets)


OCTETS = st.lists(st.one_of(st.none(), st.integers(0, 255)), max_size=80)


@given(OCTETS, OCTETS)
def test_fields_of_any_bytes(link, network):
    for value in named(link, network).values():
        assert value is None or isinstance(value, str)


@given(st.binary(min_size=14, max_size=100))
def test_a_frame_is_its_own_image(frame):
    image = Image.of(frame)
    assert image.frame() == frame
    assert image.agrees(frame)


@given(OCTETS, OCTETS)
def test_what_is_laid_over_is_seen(below, above):
    image = Image([], below).overlaid(Image([], above))
    for at, octet in enumerate(image.network):
        top = above[at] if at < len(above) else None
        assert octet == (below[at] if at < len(below) and top is None else top)
    assert (
        Image([], below).with_unknown(Image([], above)).network == Image([], above).overlaid(Image([], below)).network
    )
