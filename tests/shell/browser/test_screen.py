"""The browser on a terminal: tmux gives one, and what its screen shows."""

import json
import shutil

import pytest

from tests.golden.compare import HERE
from tests.golden.test_golden import NODE1
from tests.shell.stand_in import StandIn
from tests.shell.test_console_tmux import HEIGHT, open_terminal  # noqa: F401

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux, which is the terminal here")

CONTIV = NODE1.parent
SAME = CONTIV / "pod-to-service-same-node"
ACROSS = CONTIV / "pod-to-service-different-nodes"
REAL = HERE / "pod-to-service-different-nodes" / "01-request-node1.trace"


@pytest.fixture
def browser(open_terminal):  # noqa: F811
    """A replay of node1, browsed."""
    inputs = [f"--input=tap2={SAME}-request.pcap", f"--input=tap4={SAME}-response.pcap"]
    terminal = open_terminal("browse", "--config", str(NODE1), *inputs)
    terminal.wait("trace browser   2 packets")
    return terminal


def test_packets_trace_and_bytes(browser):
    screen = browser.wait("virtio-input: bytes, the captured frame")
    assert "tcp 10.1.1.3:51082 → 10.104.221.85:80" in screen
    assert "→ tcp 10.1.1.3:51082 → 10.1.1.5:8080" in screen
    assert "01:59:50:724476: ethernet-input" in screen
    assert "0000  02 fe 16 3f 5f 0f 00 00" in screen
    assert len(screen.splitlines()) == HEIGHT
    browser.press("q")
    browser.wait("ended with 0")


def test_walking_through_the_nodes(browser):
    browser.press("c")
    screen = browser.wait("nat44-out2in: bytes")
    assert "ip dst               10.104.221.85 → 10.1.1.5" in screen
    browser.press("Right")
    browser.wait("ip4-lookup: bytes")
    browser.press("Down")
    browser.wait("▶  2 01:59:50:724579")
    browser.press("Left")
    browser.wait("nat44-in2out-slowpath: bytes")


def test_what_decided(browser):
    browser.press("s")
    screen = browser.wait("nat44-out2in: session 0")
    assert "o2i 10.104.221.85 proto tcp port 80 fib 0" in screen
    browser.press("a")
    browser.wait("show acl-plugin acl index 4")
    browser.wait("▶     0: ipv4 permit src 10.1.1.3/32")
    browser.press("r")
    browser.wait("show ip fib 10.1.1.5")
    browser.press("d")
    browser.wait(": bytes, the captured frame")


def test_filtering_while_typing(browser):
    browser.type("/src host 10.1.1.5")
    screen = browser.wait("1 of 2 packets")
    assert "51082 → 10.104.221.85:80" not in screen
    browser.type(" and")
    browser.wait("syntax error")
    browser.type(" port 1")
    browser.wait("no packet passes the filter")
    browser.press("Escape")
    browser.wait("  2 packets")
    browser.type("//nat44-in2out")
    browser.wait("words in the trace")
    browser.press("Enter")
    browser.press("q")  # back among the packets: a key, no text
    browser.wait("ended with 0")


def test_a_lab(open_terminal):  # noqa: F811
    inputs = [f"--input=node1:tap2={ACROSS}-request.pcap", f"--input=node2:tap3={ACROSS}-response.pcap"]
    terminal = open_terminal("browse", "--lab", str(CONTIV / "lab.toml"), *inputs)
    screen = terminal.wait("node1:tap2 → node2:tap3")
    assert "==== node1 ====" in screen
    terminal.type("/udp and src 192.168.16.2")
    terminal.wait("1 of 2 packets")
    terminal.press("Enter")
    terminal.type("rrrrr")
    terminal.wait("show vxlan tunnel")


def test_the_trace_of_a_real_vpp(open_terminal):  # noqa: F811
    terminal = open_terminal("browse", str(REAL))
    terminal.wait("01-request-node1.trace")
    terminal.press("c")
    screen = terminal.wait("nat44-out2in: bytes, as the trace shows them")
    assert "ip dst               10.97.193.160 → 10.1.2.4" in screen
    terminal.type("/vxlan and foo")
    terminal.wait("syntax error")
    terminal.press("C-c")
    terminal.type("/udp port 4789")
    terminal.wait("1 packet")
    terminal.press("Enter")
    terminal.press("a")
    terminal.wait("There is no engine to ask")


def test_from_the_console(open_terminal):  # noqa: F811
    terminal = open_terminal("--file", str(NODE1))
    terminal.wait("ended with 0")  # files alone open no console
    terminal = open_terminal()
    terminal.wait("vpp#")
    terminal.enter("trace browse")
    terminal.wait("no packets in trace buffer")
    terminal.press("q")
    terminal.wait("vpp# ")
    terminal.enter(f"exec {NODE1}")
    terminal.enter(f"replay {SAME}-request.pcap interface tap2 trace 5")
    terminal.wait("received 1, sent 1")
    terminal.enter("tr browse")
    terminal.wait("trace browser   1 packet")
    terminal.wait("virtio-input: bytes, the captured frame")
    terminal.press("s")
    terminal.wait("show nat44 sessions detail")
    terminal.press("q")
    terminal.wait(lambda screen: screen.count("vpp#") == 5)
    terminal.enter("show version")
    terminal.wait("vpp v")


def test_reading_the_trace_anew(open_terminal, tmp_path):  # noqa: F811
    answers = {
        "show trace max 1000": REAL.read_text(),
        "show acl-plugin acl index 3": "acl-index 3 count 1\n     0: ipv4 permit\n",
    }
    vpp = StandIn(str(tmp_path / "vpp.sock"), answers)
    try:
        terminal = open_terminal("--vpp", vpp.path, "browse")
        terminal.wait("trace browser   1 packet")
        terminal.press("a")
        screen = terminal.wait("acl-index 3 count 1")
        assert "▶     0: ipv4 permit" in screen
        answers["show trace max 1000"] = ""
        terminal.press("u")
        terminal.wait("no packets in trace buffer")
        terminal.press("q")
        terminal.wait("ended with 0")
    finally:
        vpp.close()


# ---- where there is no terminal


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["browse"], "expected a TRACE"),
        (["browse", "x", "--input", "tap2=y"], "expected a TRACE"),
        (["browse", "--input", "tap2=y"], "expected a TRACE"),
        (["browse", "--config", "x"], "expected a TRACE"),
        (["browse", "x"], "standard output is no terminal"),
        (["--socket", "x", "browse", "more"], "takes nothing more"),
    ],
)
def test_wrong_usage(vppsh, arguments, said):
    status, out, err = vppsh(*arguments)
    assert (status, out) == (2, "")
    assert said in err


def test_piped_lines_do_not_browse(vppsh, engine):
    assert vppsh("-s", engine, "trace", "browse") == (
        1,
        "",
        "vppsh: the trace browser fills the screen, and there is no terminal\n",
    )


def test_a_saved_trace_as_json(open_terminal, same_node, tmp_path):  # noqa: F811
    (tmp_path / "trace.json").write_text(json.dumps(same_node.data("show trace")))
    terminal = open_terminal("browse", str(tmp_path / "trace.json"))
    terminal.wait("trace browser   2 packets   trace.json")


def test_a_line_of_a_file_does_not_browse(vppsh, tmp_path):
    (tmp_path / "lines").write_text("trace browse\n")
    _, out, err = vppsh("-f", "lines")
    assert "trace browse: it fills the screen, and there is no terminal here" in out + err
