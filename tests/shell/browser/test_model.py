"""What the browser chooses, filters and asks; and what stands in its panes."""

import re
import sys
from pathlib import Path

import pytest

from shell.browser import render
from shell.browser.capture import frames_of
from shell.browser.decision import MOST_LINES, decide, kind_of, question
from shell.browser.model import Browser, attach, changed
from shell.browser.sieve import FilterError, sieve
from shell.diagram.source import journeys_of
from shell.diagram.story import read
from shell.trace_text import parse
from tests.golden.compare import HERE
from tests.golden.test_golden import NODE1

FLOW = "pod-to-service-same-node"


def ask(asked, where=""):
    engine = asked.vpp[where] if where else asked.vpp
    return lambda line: iter(engine.cli(line, check=False).splitlines())


@pytest.fixture
def browser(same_node):
    return Browser(journeys_of(same_node), lambda where: ask(same_node), "same node")


@pytest.fixture
def lab(two_nodes):
    return Browser(journeys_of(two_nodes), lambda where: ask(two_nodes, where))


@pytest.fixture
def real():
    """The trace of a real VPP, as text."""
    return Browser([[path] for path in read(parse((HERE / FLOW / "01-request-node1.trace").read_text()))])


def node(browser):
    return browser.place[1].node


def shown(browser, filter):
    browser.sift(filter)
    assert not browser.wrong, browser.note
    return [item.number for item in browser.shown]


# ---- choosing


def test_moving_stays_within_the_ends(browser):
    for to, chosen in ((5, 1), (-3, 0), (1, 1)):
        browser.choose(to)
        assert browser.chosen == chosen
    browser.go(99)
    assert node(browser) == "tap2-output"
    browser.go(-1)
    assert browser.step == 0


def test_another_packet_is_shown_at_the_same_node(browser):
    browser.go_to(lambda step: browser.item.places[step][1].node == "ip4-rewrite")
    browser.choose(1)
    assert node(browser) == "ip4-rewrite"


def test_changes_one_after_the_other_and_round(browser):
    seen = []
    for _ in range(3):
        assert browser.next_change()
        seen.append(node(browser))
    assert seen == ["nat44-out2in", "ip4-rewrite", "nat44-out2in"]


def test_the_end_of_a_dropped_packet_is_worth_a_look(drops):
    browser = Browser(journeys_of(drops))
    seen = set()
    for _ in range(3):
        browser.next_change()
        seen.add(node(browser))
    assert seen == {"ip4-rewrite", "acl-plugin-out-ip4-fa", "error-drop"}


def test_an_empty_trace():
    browser = Browser([])
    browser.choose(3)
    browser.go(3)
    assert not browser.next_change()
    assert not browser.jump()
    assert not browser.jump("rule")
    browser.sift("tcp")
    for pane in (render.packets, render.trace, render.lower):
        pane(browser)
    assert "no packets in trace buffer" in "".join(render.plain(render.packets(browser)[0]))


# ---- what decided


def marked(browser):
    return [browser.decision.lines[number].strip() for number in sorted(browser.decision.marked)]


def test_the_rule(browser):
    assert browser.jump("rule")
    assert node(browser) == "acl-plugin-in-ip4-fa"
    assert browser.decision.title.endswith("acl 3 rule 0")
    assert marked(browser)[0].startswith("0: ipv4 permit+reflect")
    assert browser.jump("rule")
    assert node(browser) == "acl-plugin-out-ip4-fa"
    assert marked(browser)[0].startswith("0: ipv4 permit src 10.1.1.3/32")


def test_the_session_in_both_directions(browser):
    for packet in (0, 1):
        browser.choose(packet)
        assert browser.jump("session")
        text = "\n".join(browser.decision.lines)
        assert "i2o 10.1.1.5 proto tcp port 8080 fib 0" in text
        assert "external host 10.1.1.3:51082" in text


def test_the_route(browser, lab):
    assert browser.jump("route")
    assert browser.decision.lines[0] == "show ip fib 10.1.1.5"
    assert marked(browser)[0].startswith("10.1.1.5/32 fib:0")
    seen = {}
    for _ in range(12):
        lab.jump("route")
        seen[node(lab)] = lab.decision.lines[0]
    assert seen["ip4-rewrite"].startswith("show adj ")
    assert seen["vxlan4-encap"] == "show vxlan tunnel"
    assert seen["l2-fwd"] == "show l2fib verbose"


def test_here_and_nowhere_else(browser):
    assert not browser.jump()
    assert browser.step == 0
    browser.next_change()
    assert browser.jump()
    assert browser.decision.title.startswith("nat44-out2in")
    browser.go(browser.step + 1)
    assert browser.decision is None


def test_without_an_engine_the_trace_speaks(real):
    assert real.jump("rule")
    assert "  permit+reflect: acl 3 rule 0" in real.decision.lines
    assert any("no engine" in line for line in real.decision.lines)


SESSIONS = """NAT44 sessions:
  10.1.1.5: 0 dynamic translations, 2 static translations
    i2o 10.1.1.5 proto tcp port 8080 fib 0
    o2i 10.104.221.85 proto tcp port 80 fib 0
       external host 10.1.1.9:51082
       index 0
    i2o 10.1.1.5 proto tcp port 8080 fib 0
    o2i 10.104.221.85 proto tcp port 80 fib 0
       external host 10.1.1.3:51082
       index 1
    i2o 10.1.1.5 proto tcp port 8081 fib 0
""".splitlines()


def test_one_session_of_many_and_no_more_is_read(browser):
    read = []

    def answer(line):
        for number in range(MOST_LINES):
            read.append(number)
            yield SESSIONS[number] if number < len(SESSIONS) else "    i2o 10.9.9.9 proto tcp port 1 fib 0"

    browser.next_change()
    asked = question(browser.place[1], browser.sight)
    assert [line.strip() for line in decide(asked, answer).lines[2:]] == [
        "i2o 10.1.1.5 proto tcp port 8080 fib 0",
        "o2i 10.104.221.85 proto tcp port 80 fib 0",
        "external host 10.1.1.3:51082",
        "index 1",
    ]
    assert len(read) < 20
    assert decide(asked, lambda line: iter(["none"])).lines[-1] == "it is no longer there"


def test_every_node_can_be_asked_about(lab):
    for item in lab.items:
        for (path, step), sight in zip(item.places, item.sights, strict=True):
            asked = question(step, sight)
            assert (asked is None) == (kind_of(step) is None)
            if asked:
                assert decide(asked, lab.asking(path.where)).lines
                assert decide(asked, None).lines


# ---- the filter


@pytest.mark.parametrize(
    ("filter", "numbers"),
    [
        ("", [1, 2]),
        ("tcp", [1, 2]),
        ("udp", []),
        ("src host 10.1.1.3", [1]),
        ("host 10.104.221.85 and port 80", [1, 2]),
        ("dst 10.1.1.5 and dst port 8080", [1]),
        ("tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn", [1]),
        ("ip[8] = 63", [1, 2]),
        ("ether dst 02:fe:16:3f:5f:0f", [1]),
        ("greater 70", [1, 2]),
        ("/nat44-out2in", [1]),
        ("/sent TAP4", [1, 2]),
    ],
)
def test_filters(browser, filter, numbers):
    assert shown(browser, filter) == numbers


def test_both_sides_of_a_tunnel(lab):
    assert shown(lab, "udp port 4789 and src 192.168.16.1") == [1]
    assert shown(lab, "tcp and src 10.1.1.3") == [1]
    assert shown(lab, "/node2 dpdk-input") == [1, 2]


def test_while_it_makes_no_sense_the_last_one_holds(browser):
    assert shown(browser, "src host 10.1.1.3") == [1]
    browser.sift("src host 10.1.1.3 and")
    assert browser.wrong
    assert "syntax error" in browser.note
    assert [item.number for item in browser.shown] == [1]


def test_the_chosen_packet_stays_chosen(browser):
    browser.choose(1)
    browser.go(3)
    browser.sift("src host 10.1.1.5")
    assert (browser.item.number, browser.step) == (2, 3)
    browser.sift("src host 10.1.1.3 and dst port 80")
    assert (browser.item.number, browser.step) == (1, 0)


def test_text_without_headers_is_searched_for_words():
    packet = {"packet": 1, "entries": [{"time": 0, "node": "foo-input", "text": "some Words", "data": {}}]}
    browser = Browser([[path] for path in read({"packets": [packet]})])
    assert shown(browser, "words foo-input") == [1]
    assert browser.note == "this trace shows no headers: words in its text"
    assert shown(browser, "tcp") == []


def test_without_libpcap(monkeypatch):
    monkeypatch.setitem(sys.modules, "cypcap", None)
    assert "not installed" in sieve("tcp").note
    assert frames_of({"tap2": "x.pcap"}) == {}


def test_what_is_no_filter():
    for text in ("tcp and", "foo bar", "port", "host 1.2.3.4.5", "ü"):
        with pytest.raises(FilterError):
            sieve(text)


# ---- captures


def test_packets_find_their_frames(browser):
    contiv = NODE1.parent
    captures = {"tap2": f"{contiv}/{FLOW}-request.pcap", "tap4": f"{contiv}/{FLOW}-response.pcap", "tap9": "none.pcap"}
    frames = frames_of(captures)
    assert sorted(frames) == ["tap2", "tap4"]
    (wanted,) = frames["tap2"]
    assert attach(browser.items, {"tap2": [bytes(60), wanted, wanted], "tap4": []}) == 1
    assert browser.item.frame == wanted
    assert None not in browser.sight.before.octets
    assert "the captured frame" in "".join(render.plain(render.lower_title(browser)))


# ---- panes


def lines(fragments):
    return list(render.plain(fragments))


def test_the_list_says_before_after_and_verdict(browser):
    fragments, line = render.packets(browser)
    text = lines(fragments)
    assert line == 0
    assert text[0].split() == ["\N{BLACK RIGHT-POINTING TRIANGLE}", "1", "01:59:50:724476", "sent"]
    assert text[1].strip() == "tap2 → tap4"
    assert text[2].strip() == "tcp 10.1.1.3:51082 → 10.104.221.85:80"
    assert text[3].strip() == "→ tcp 10.1.1.3:51082 → 10.1.1.5:8080"
    browser.choose(1)
    assert render.packets(browser)[1] == 4


def test_the_list_says_why_packets_were_dropped(drops):
    text = lines(render.packets(Browser(journeys_of(drops)))[0])
    assert "dropped" in text[0]
    assert text[3].strip() == "✕ acl-plugin-out-ip4-fa: ACL deny packets"


def test_the_trace_is_vpps_text(browser, same_node):
    printed = [line[1:] for line in lines(render.trace(browser)[0])]
    wanted = same_node.vpp.cli("show trace").partition("Packet 1\n\n")[2].partition("\n\nPacket 2")[0]
    assert printed == wanted.rstrip().splitlines()


def test_the_trace_marks_what_changed(browser):
    fragments, _ = render.trace(browser)
    marks = {line[0]: line for line in lines(fragments) if "nat44-out2in" in line}
    assert list(marks) == [render.BAR]
    browser.next_change()
    assert lines(fragments)[render.trace(browser)[1]].endswith(": nat44-out2in")


def test_a_labs_trace_says_where(lab):
    text = lines(render.trace(lab)[0])
    assert [line for line in text if line.startswith("====")] == ["==== node1 ====", "==== node2 ===="]


@pytest.mark.parametrize(("width", "per_row"), [(100, 16), (50, 8)])
def test_the_bytes_before_and_after(browser, width, per_row):
    browser.next_change()
    text = lines(render.lower(browser, width)[0])
    assert f"{render.BAR}ip dst               10.104.221.85 → 10.1.1.5" in text
    rows = [line for line in text if line[1:5].isalnum() and line[5:6] == " "]
    assert all(len(line) <= width for line in rows)
    old = [line for line in rows if line.startswith("-")]
    new = [line for line in rows if line.startswith("+")]
    assert [line[1:5] for line in old] == [line[1:5] for line in new]
    assert len(rows) - len(new) == -(-len(browser.sight.after.octets) // per_row)


def test_a_tunnel_shows_both_packets(lab):
    lab.go_to(lambda step: lab.item.places[step][1].node == "vxlan4-encap")
    assert changed(lab.item, lab.step)
    text = lines(render.lower(lab)[0])
    assert any("wrapped in" in line and "192.168.16.2:4789" in line for line in text)
    assert any(line.startswith("-0000") for line in text)
    assert any(line.startswith("+0000") for line in text)


def test_the_page_about_the_browser_has_every_key():
    page = (Path(__file__).parents[3] / "docs" / "browser.md").read_text()
    keys = {line.split("|")[1].strip() for line in page.partition("## Keys")[2].splitlines() if line.startswith("| ")}
    documented = {key for entry in keys for key in re.split(r"[ ,()]+", entry)}
    assert {key for keys, _ in render.KEYS[1:] for key in (keys if keys != "[]" else "[]")} <= documented
    assert {"up", "down", "left", "right", "Enter"} <= documented
