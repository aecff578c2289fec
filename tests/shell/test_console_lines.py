"""What the console does with a line: carets, warnings, pastes, watch, replays, and what it says below."""

import re
import threading
import time
from io import StringIO

import pytest
from dpkt.pcap import Writer
from prompt_toolkit.data_structures import Size
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from shell.client import Client
from shell.completion import EngineCompleter
from shell.console import Console
from shell.history import SharedHistory
from shell.replaying import Plan
from shell.replaying import parse as parse_replay
from shell.standing import fragments, short
from shell.style import CYAN, RED, LineLexer, coloured

ROWS, COLUMNS = 40, 100


@pytest.fixture
def keys():
    with create_pipe_input() as keys:
        yield keys


@pytest.fixture
def screen():
    text = StringIO()
    output = Vt100_Output(text, lambda: Size(rows=ROWS, columns=COLUMNS), term="xterm")
    output.text = text
    return output


def plain(text):
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text).replace("\r", "")


@pytest.fixture
def console(engine, keys, screen):
    """Type lines; what the terminal shows."""

    def console(typed, **options):
        keys.send_text(typed)
        with Client(engine) as client:
            Console(client, keys=keys, screen=screen, history=InMemoryHistory(), **options).run()
        return plain(screen.text.getvalue())

    return console


# ---- errors and warnings


@pytest.mark.parametrize(
    ("line", "column", "said"),
    [
        ("foo", 0, "unknown input `foo'"),
        ("show foo", 5, "show: unknown input `foo'"),
        ("set interface state tap9 up", 20, "set interface state: unknown interface `tap9 up'"),
        ("show foo | count", 5, "show: unknown input `foo'"),
    ],
)
def test_a_caret_below_the_offending_word(console, line, column, said):
    text = console(f"{line}\rq\r")
    assert f"\n{' ' * (len('vpp# ') + column)}^\n{said}\n" in text


def test_a_caret_behind_output_has_the_line_again(console):
    text = console("show version foo\rq\r")
    assert "unknown input `foo'\n  show version foo\n               ^\n" in text


def test_a_line_that_is_too_long_for_a_caret_below_has_it_again(console):
    line = "set interface state " + "x" * COLUMNS
    assert f"...'\n  {line}\n{' ' * 22}^\n" in console(f"{line}\rq\r")


def test_warnings(console):
    warning = "warning: create packet-generator: ignored `oops'\n"
    line = "create packet-generator interface pg1 oops\r"
    assert console(line + "q\r").count(warning) == 1
    assert console("set terminal strict off\r" + line + "q\r").count(warning) == 1  # that of the console before
    assert console("set term strict on\r" + line + "q\r").count(warning) == 2


def test_set_terminal(console, screen):
    assert "set terminal: expected strict|pager|colour on|off" in console("set terminal foo\rq\r")
    screen.text.truncate(0)
    console("set terminal colour off\rshow foo\rq\r")
    assert "\x1b[33m" not in screen.text.getvalue()


# ---- pastes


def paste(text):
    return f"\x1b[200~{text}\x1b[201~"


def test_a_paste_runs_line_by_line(console):
    pasted = "create tap id 4\n# a comment\n\nset interface state \\\n  tap4 up\nshow interface tap4\n"
    text = console(paste(pasted) + "q\r")
    assert text.index("vpp# create tap id 4\n") < text.index("vpp# show interface tap4\n") < text.index("tap4    ")
    assert re.search(r"tap4 +1 +up", text)


def test_a_paste_stops_at_the_first_error(console):
    text = console(paste("show clock\nshow foo\nshow version\n") + "q\r")
    assert "Time now" in text
    assert "show: unknown input `foo'" in text
    assert "pasted line 2 was refused, 1 behind it were not run" in text
    assert "vpp v" not in text


def test_the_last_line_of_a_paste_waits_for_its_end(console):
    text = console(paste("show clock\nshow ver") + "sion\rq\r")
    assert text.index("Time now") < text.index("vpp v")


def test_one_line_is_pasted_as_it_is_typed(console):
    assert "vpp v" in console("show " + paste("version") + "\rq\r")


# ---- pipes, watch


def test_pipes(console):
    assert "\n1\n" in console("show interface | include local0 | count\rq\r")
    assert "unknown pipe `foo'" in console("show interface | foo\rq\r")


def test_watch(console, keys):
    def leave():
        time.sleep(1.0)
        keys.send_text("q")
        time.sleep(0.3)
        keys.send_text("show clock\rq\r")

    threading.Thread(target=leave).start()
    text = console("watch 0.2 show version\r")
    assert text.count("every 0.2s: show version") > 2
    assert "Time now" in text


def test_watch_of_nonsense(console):
    assert "watch: expected seconds and a command, got `soon'" in console("watch soon\rq\r")


# ---- replay


def write(path, n):
    with open(path, "wb") as file:
        writer = Writer(file)
        for i in range(n):
            writer.writepkt(bytes.fromhex("ffffffffffff0200000000010800") + bytes(46), 1.0 + i)
    return path


def test_replay(console, tmp_path):
    path = write(tmp_path / "in.pcap", 20)
    setup = "create packet-generator interface pg0\rset interface state pg0 up\r"
    text = console(f"{setup}replay {path} interface pg0 trace 2\rshow trace | include ^Packet\rq\r")
    assert "20 packets 1,200 bytes" in text
    assert re.search(r"replayed in \d+\.\d\d s, [\d,]+ packets per second\n  received 20, sent 0, dropped 20\n", text)
    assert "  dropped by ip4-input: " in text
    assert "  NAT44 sessions: 0 (+0)" in text
    assert "Packet 2\n" in text and "Packet 3\n" not in text


def test_replay_into_what_is_down(console, tmp_path):
    path = write(tmp_path / "in.pcap", 3)
    text = console(f"create packet-generator interface pg0\rreplay {path} interface pg0\rq\r")
    assert "  pg0 is down and missed 3\n" in text


def test_a_replay_that_is_refused(console):
    assert "no interface pg9" in console("replay none.pcap interface pg9\rq\r")
    assert "replay: expected FILE interface NAME" in console("replay x\rq\r")


@pytest.mark.parametrize(
    ("words", "plan"),
    [
        ("/a interface x", Plan({"x": "/a"})),
        ("'/a b' interface x /c interface y", Plan({"x": "/a b", "y": "/c"})),
        ("/a interface x speed realtime", Plan({"x": "/a"}, 1.0)),
        ("/a interface x speed 2.5 trace 3", Plan({"x": "/a"}, 2.5, 3)),
        ("/a interface x speed max", Plan({"x": "/a"})),
    ],
)
def test_words_of_replay(words, plan):
    assert parse_replay(words) == plan


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "expected FILE"),
        ("/a", "expected FILE"),
        ("/a interface", "expected FILE"),
        ("/a interface x speed", "expected speed"),
        ("/a interface x speed 0", "expected speed"),
        ("/a interface x trace -1", "expected trace"),
        ("/a interface x /b interface x", "given twice"),
        ("'/a interface x", "quotation"),
    ],
)
def test_words_that_replay_refuses(words, said):
    with pytest.raises(Exception, match=said):
        parse_replay(words)


# ---- completion, colours, history, the line below


def test_completion(engine, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.pcap").touch()
    (tmp_path / "folder").mkdir()
    with Client(engine) as client:
        client.cli("create tap id 2")
        client.cli("set interface ip address tap2 10.0.0.1/24")
        client.cli("set acl-plugin acl permit src 10.0.0.0/8 dst 0.0.0.0/0 tag web")

        def words(text):
            found = EngineCompleter(client).get_completions(Document(text), None)
            return [(text[: len(text) + each.start_position] + each.text, each.display_meta_text) for each in found]

        assert words("wat") == [("watch ", "SECONDS COMMAND: run it again and again, changes marked")]
        assert words("watch 1 show vers")[0][0] == "watch 1 show version "
        assert words("show version | inc") == [("show version | include ", "RE: only lines that match")]
        assert words("show version | save fo") == [("show version | save folder/", "folder")]
        assert words("replay on") == [("replay one.pcap ", "")]
        assert words("replay one.pcap ")[0][0] == "replay one.pcap interface "
        assert words("replay one.pcap interface ta") == [("replay one.pcap interface tap2 ", "tap, down")]
        assert words("replay one.pcap interface tap2 speed r")[0][0].endswith("speed realtime ")
        assert words("set ter")[0][0] == "set terminal "
        assert words("set terminal s")[0][0] == "set terminal strict "
        assert words("show acl-plugin acl index ") == [("show acl-plugin acl index 0 ", "web, 1 rules")]
        assert ("ip route del 10.0.0.0/24 ", "route of table 0") in words("ip route del 10.0.0.0")
        assert words("set interface ip address del tap2 1")[0] == (
            "set interface ip address del tap2 10.0.0.1/24 ",
            "address of tap2",
        )


def test_of_too_many_words_nothing_is_common(engine):
    with Client(engine) as client:
        for number in range(250):
            client.cli(f"create packet-generator interface pg{number + 1000}")
        found = list(EngineCompleter(client).get_completions(Document("set interface state pg"), None))
        assert len(found) == 201
        assert (found[-1].text, found[-1].display_meta_text) == ("", "there are more: go on typing")


def test_colours_of_a_line():
    tree = {"show": {"version": {}, "interface": {}}, "ip": {"route": {}}}
    lexer = LineLexer(lambda: tree)

    def styles(text):
        assert "".join(piece for _, piece in lexer.pieces(text)) == text
        return [(style.removeprefix("class:"), piece) for style, piece in lexer.pieces(text) if style]

    assert styles("sh int tap2") == [("command", "sh"), ("command", "int")]
    assert styles("foo bar") == [("unknown", "foo")]
    assert styles("fo") == []
    assert styles("ip route 10.0.0.0/8 via drop") == [
        ("command", "ip"), ("command", "route"), ("address", "10.0.0.0/8"), ("drop", "drop"),
    ]  # fmt: skip
    assert styles("show version | include x | count") == [
        ("command", "show"), ("command", "version"),
        ("pipe", "|"), ("pipe", "include"), ("pipe", "|"), ("pipe", "count"),
    ]  # fmt: skip


def test_colours_of_output():
    text = "error-drop 10.1.1.3:80 aa:bb:cc:dd:ee:ff up 1.2\n"
    assert plain(coloured(text)) == text
    assert f"{RED}error-drop" in coloured(text)
    assert f"{CYAN}10.1.1.3:80" in coloured(text) and f"{CYAN}aa:bb:cc:dd:ee:ff" in coloured(text)
    assert coloured("up 1.2 v18.10\n") == "up 1.2 v18.10\n"


def test_history_is_shared_between_consoles(tmp_path):
    async def lines(history):
        return [line async for line in history.load()]

    import asyncio

    one, two = (SharedHistory(str(tmp_path / "history")) for _ in range(2))
    one.append_string("show version")
    assert asyncio.run(lines(two)) == ["show version"]
    one.append_string("show clock")
    assert asyncio.run(lines(two)) == ["show clock", "show version"]


def test_the_line_below():
    now = {
        "received": 1000, "dropped": 5, "sessions": {"acl": 1234, "nat44": 2}, "traced": 3, "trace_room": 50,
        "monotonic": 10.0,
    }  # fmt: skip

    def text(before):
        return "".join(piece for _, piece in fragments(before, now))

    assert text(None) == " 0 pps | sessions ACL 1,234 NAT 2 | drops 5 | trace 3/50 "
    assert text(now | {"received": 0, "dropped": 3, "monotonic": 9.5}).startswith(" 2.0 kpps")
    assert "drops 5 (+2)" in text(now | {"dropped": 3})
    assert [style for style, piece in fragments(now | {"dropped": 3}, now) if "drops" in piece] != [""]
    assert [short(n) for n in (0, 950, 1500, 2e6, 3e9)] == ["0 ", "950 ", "1.5 k", "2.0 M", "3.0 G"]
