"""The pictures as a browser lays them out: with its fonts, nothing covers anything."""

import json
import re
import struct
from html import unescape
from xml.etree import ElementTree

import pytest

from shell.diagram.command import run
from shell.diagram.shot import browser, chromium, shoot

NEAR = 1.0  # what two things may share, in pixels
pytestmark = pytest.mark.skipif(browser() is None, reason="Chromium is not installed")

# what is where: [left, top, right, bottom] of texts and boxes, and points of lines
MEASURE = """
<script>
const box = e => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; };
const points = e => { const n = e.getTotalLength(), out = [];
  for (let i = 0; i <= n; i += 3) { const p = e.getPointAtLength(i); out.push([p.x, p.y]); } return out; };
const all = (name, what) => [...document.querySelectorAll(name)].map(what);
document.title = "";
const pre = document.createElement("pre");
pre.id = "measured";
pre.textContent = JSON.stringify({
  page: box(document.querySelector("svg")),
  texts: all("text", e => ({ text: e.textContent, box: box(e) })),
  boxes: all(".box", e => ({ text: "", box: box(e) })),
  edges: all(".edge", points),
});
document.body.appendChild(pre);
</script>
"""


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """measured(asked, line): what a browser makes of the picture that a line draws."""
    folder = tmp_path_factory.mktemp("chromium")

    def measured(asked, line):
        run(asked, f"{line} file {folder}/picture.svg")
        svg = (folder / "picture.svg").read_text()
        page = folder / "measure.html"
        page.write_text(f'<!doctype html><meta charset="utf-8"><body style="margin:0">{svg}{MEASURE}</body>')
        found = re.search(r'<pre id="measured">(.*?)</pre>', chromium(page, "--dump-dom"), re.DOTALL)
        return json.loads(unescape(found[1]))

    return measured


def shared(one, other):
    """How wide and high what two boxes have in common is."""
    return min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])


def covers(one, other):
    return min(shared(one, other)) > NEAR


def inside(one, other):
    return all(other[at] - NEAR <= one[at] for at in (0, 1)) and all(one[at] <= other[at] + NEAR for at in (2, 3))


def check(found):
    texts, boxes = found["texts"], found["boxes"]
    assert texts
    assert boxes
    for at, one in enumerate(texts):
        assert inside(one["box"], found["page"]), one
        for other in texts[:at]:
            assert not covers(one["box"], other["box"]), (one, other)
        for box in boxes:
            assert inside(one["box"], box["box"]) or not covers(one["box"], box["box"]), one
    for at, one in enumerate(boxes):
        assert not any(covers(one["box"], other["box"]) for other in boxes[:at])
    for points in found["edges"]:
        for left, top, right, bottom in (box["box"] for box in boxes):
            assert not any(left + 2 < x < right - 2 and top + 3 < y < bottom - 3 for x, y in points)


@pytest.mark.parametrize("line", ["show trace diagram", "show trace diagram packet 1", "show graph"])
@pytest.mark.parametrize("which", ["same_node", "two_nodes", "drops"])
def test_nothing_covers_anything(request, measured, which, line):
    check(measured(request.getfixturevalue(which), line))


def test_the_check_finds_what_covers():
    texts = [{"text": "a", "box": [0, 0, 50, 10]}, {"text": "b", "box": [40, 5, 90, 15]}]
    with pytest.raises(AssertionError):
        check({"page": [0, 0, 100, 100], "texts": texts, "boxes": [{"box": [0, 50, 9, 60]}], "edges": []})


def test_a_screenshot(same_node, tmp_path):
    run(same_node, f"show trace diagram packet 1 file {tmp_path}/one.svg")
    shoot(tmp_path / "one.svg", tmp_path / "one.png", 2)
    png = (tmp_path / "one.png").read_bytes()
    root = ElementTree.parse(tmp_path / "one.svg").getroot()
    assert png.startswith(b"\x89PNG")
    assert struct.unpack(">II", png[16:24]) == (2 * int(float(root.get("width"))), 2 * int(float(root.get("height"))))
