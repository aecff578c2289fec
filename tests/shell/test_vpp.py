import contextlib
import json
import socket

import pytest
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from shell.client import RemoteError, UnreachableError
from shell.trace_text import pieces
from shell.vpp_client import VppClient
from shell.vpp_socket import VppSocket, without_options
from shell.vpp_words import WordTree
from tests.transcripts import data

from .stand_in import StandIn

TRACE = next(text for cmd, text in data.load("051-nat-ed-dynamic").steps[0].shows if cmd.startswith("show trace"))
ANSWERS = {command: text.rstrip("\n") + "\n" if text else "" for command, text in data.cli_errors()[1]}
LISTING = "".join(sorted(
    {entry for command, text in ANSWERS.items() if command.endswith("?") for entry in text.splitlines(True)
     if entry.startswith("  ")}
))  # fmt: skip


@pytest.fixture
def vpp(tmp_path):
    answers = ANSWERS | {
        "show trace": TRACE,
        "sho trace": TRACE,
        "?": LISTING,
        "long": "line of output\n" * 50_000,
        "slow": None,
    }
    stand_in = StandIn(str(tmp_path / "cli.sock"), answers)
    yield stand_in
    stand_in.close()


@pytest.fixture
def client(vpp):
    with VppClient(vpp.path) as client:
        yield client


# ---- the dialogue


def test_recorded_answers(client):
    for command, text in ANSWERS.items():
        assert client.cli(command) == text, command


def test_an_answer_of_any_length(client):
    assert client.cli("long") == "line of output\n" * 50_000
    assert client.cli("foo") == "unknown input `foo'\n"


def test_one_line_is_one_answer(client, vpp):
    client.cli("show version\nfoo")
    assert vpp.heard[-1] == "show version foo"


@pytest.mark.parametrize("piece", [1, 2, 3, 7])
def test_answers_in_pieces(tmp_path, piece):
    stand_in = StandIn(str(tmp_path / "cli.sock"), {"a": "täxt\n", "b": ""}, piece=piece)
    with VppSocket(stand_in.path) as talk:
        assert [talk.run("a"), talk.run("b"), talk.run("a")] == ["täxt\n", "", "täxt\n"]
    stand_in.close()


def test_quit_ends_the_session_and_the_next_line_begins_another(client, vpp):
    assert client.cli("quit") == ""
    assert client.cli("foo") == "unknown input `foo'\n"
    assert vpp.sessions == 2


def test_an_answer_given_up_does_not_spoil_the_next(client, vpp):
    stream = client.stream("cli_stream", cmd="slow")
    assert next(stream) == ("output", "begun\n")
    with contextlib.suppress(KeyboardInterrupt):
        stream.throw(KeyboardInterrupt)
    vpp.release.set()
    assert client.cli("foo") == "unknown input `foo'\n"
    assert vpp.sessions == 2


def test_nobody_there(tmp_path):
    with pytest.raises(UnreachableError, match="No such file"):
        VppClient(str(tmp_path / "none.sock"))


def test_not_a_vpp(tmp_path, monkeypatch):
    monkeypatch.setattr("shell.vpp_socket.PATIENCE", 0.2)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as silent:
        silent.bind(str(tmp_path / "silent.sock"))
        silent.listen()
        with pytest.raises(UnreachableError, match="does not answer as VPP's CLI socket does"):
            VppClient(str(tmp_path / "silent.sock"))


def test_vpp_goes_away(client):
    with pytest.raises(UnreachableError, match="VPP has closed the connection"):
        client.cli("crash")
    assert client.cli("foo") == "unknown input `foo'\n"


@pytest.mark.parametrize(
    ("received", "text"),
    [
        (b"text", b"text"),
        (b"\xff\xfd\x18te\xff\xfa\x18\x01\xff\xf0xt\xff\xf1", b"text"),
        (b"text\xff", b"text"),
        (b"te\xff\xfa\x18", b"te"),
    ],
)
def test_options_are_no_text(received, text):
    assert without_options(received) == text


# ---- completion


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sho", ["show"]),
        ("show ip f", ["fib"]),
        ("sh ip f", ["fib"]),
        ("set interface ", None),
        ("nat44 add st", ["static"]),
        ("nonsense ", []),
        ("show ip fib ", []),
    ],
)
def test_completion_from_what_vpp_lists(client, text, words):
    found = [word for word, _ in client.complete(text)]
    if words is None:
        assert {"ip", "mac", "mtu", "state"} <= set(found)
    else:
        assert found == words


def test_a_question_mark_is_asked_once_and_never_behind_a_command(client, vpp):
    client.complete("show version ")
    client.complete("clear trace ")
    assert [line for line in vpp.heard if line] == ["?"]


def test_help_of_commands_and_of_levels():
    tree = WordTree(
        "  show ip fib                              show ip fib [summary]\n"
        "  [index <fib-id>]\n"
        "  show version                             Show version\n"
        "  set interface something-that-is-much-lon help\n"
    )
    assert tree.complete("show ") == [("ip", "show ip commands"), ("version", "Show version")]
    assert tree.complete("show ip ") == [("fib", "show ip fib [summary]")]
    assert tree.complete("set interface ") == []  # what is cut at the column's end is no word
    assert tree.tree() == {"show": {"ip": {"fib": {}}, "version": {}}, "set": {"interface": {}}}


# ---- data


def test_the_trace_as_data(client):
    trace = client.data("sho trace")
    assert "".join(pieces(trace)) == TRACE
    assert trace["packets"][0]["entries"][0]["node"] == "pg-input"


def test_other_text_is_not_read_as_data(client):
    with pytest.raises(RemoteError, match="show version: VPP gives text"):
        client.data("show version")
    with pytest.raises(RemoteError, match="no such method"):
        client.call("acl_dump")


# ---- vppsh --vpp


def test_vppsh_runs_a_command(vppsh, vpp):
    assert vppsh("--vpp", vpp.path, "show", "adj", "foo") == (0, ANSWERS["show adj foo"], "")


def test_vppsh_pipes(vppsh, vpp):
    status, out, _ = vppsh("--vpp", vpp.path, "show inter pg0 | include pg0 | count")
    assert (status, out) == (0, "1\n")
    status, out, _ = vppsh("--vpp", vpp.path, "show trace | json")
    assert status == 0
    assert len(json.loads(out)["packets"]) == TRACE.count("\nPacket ")


def test_vppsh_runs_a_file(vppsh, vpp, tmp_path):
    (tmp_path / "lines").write_text("# a comment\n\nfoo\nshow adj foo\n")
    status, out, err = vppsh("--vpp", vpp.path, "-f", str(tmp_path / "lines"))
    assert (status, out, err) == (0, "unknown input `foo'\n" + ANSWERS["show adj foo"], "")


def test_vppsh_without_a_vpp(vppsh, tmp_path):
    status, out, err = vppsh("--vpp", str(tmp_path / "none.sock"), "show version")
    assert (status, out) == (1, "")
    assert err == f"vppsh: cannot connect to {tmp_path}/none.sock: No such file or directory\n"
    assert vppsh("--vpp", "x", "--socket", "y", "show version")[0] == 2


def test_the_console(client, vpp):
    from shell.console import Console, EngineCompleter

    with create_pipe_input() as keys:
        shown = []
        console = Console(client, keys=keys, screen=DummyOutput())
        console._screen.write_raw = shown.append
        console._screen.write = shown.append
        keys.send_text("show foo\rquit\r")
        assert console.run() == 0
    assert "show foo" in vpp.heard
    found = EngineCompleter(client).get_completions(Document("show ip f"), None)
    assert [completion.text.strip() for completion in found] == ["fib"]
