import contextlib
import itertools
import socket
import stat
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.server.server import Server
from tests.transcripts.cli_errors import equal, fresh_engine, ours

from .vppctl import Terminal, Vppctl, at_once

GREETING = bytes.fromhex("fffc22 fffe22 fffb03 fffd03 fffb01 fffe01 fffd18 fffa1801fff0 fffd1f fffa1f01fff0")
BANNER = (
    "\r    _______    _        _   _____  ___ \r\n __/ __/ _ \\  (_)__    | | / / _ \\/ _ \\\r\n"
    " _/ _// // / / / _ \\   | |/ / ___/ ___/\r\n /_/ /____(_)_/\\___/   |___/_/  /_/    \r\n\r\nvpp# "
)


@pytest.fixture
def path(server, tmp_path):
    path = str(tmp_path / "cli.sock")
    server.listen_cli(path)
    return path


@pytest.fixture
def terminal():
    """Terminals that are gone after the test."""
    with contextlib.ExitStack() as stack:

        def sit_down(path, **how):
            seat = Terminal(path, **how)
            stack.callback(seat.socket.close)
            seat.wait("vpp# ")
            return seat

        yield sit_down


def test_the_socket_is_its_owners(path, tmp_path):
    assert stat.S_IMODE((tmp_path / "cli.sock").stat().st_mode) == 0o600


def test_first_words(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as raw:
        raw.connect(path)
        assert raw.recv(100) == GREETING


# ---- vppctl COMMAND, and lines piped to vppctl


def test_a_command(path, vpp):
    assert Vppctl(path, "show version").run().decode() == vpp.cli("show version").replace("\n", "\r\n")


def test_a_command_that_prints_nothing_ends(path, vpp):
    assert Vppctl(path, "create packet-generator interface pg0").run().startswith(b"pg0") or "pg0" in vpp.cli("sh int")
    assert Vppctl(path, "set interface state pg0 up").run() == b""
    assert "up" in vpp.cli("show interface pg0")


def test_output_of_any_length_arrives_whole(path, vpp):
    for number in range(400):
        vpp.cli(f"create packet-generator interface pg{number}")
    text = vpp.cli("show interface")
    assert Vppctl(path, "show interface").run().decode() == text.replace("\n", "\r\n")


def test_piped_lines(path):
    lines = b"create packet-generator interface pg0\nset interface state pg0 up\nshow interface pg0\nfoo\n"
    output = Vppctl(path, stdin=lines).run().decode()
    assert output.startswith("              Name") or "pg0" in output
    assert output.endswith("unknown input `foo'\r\n")
    assert "vpp#" not in output


def test_a_line_longer_than_what_vppctl_reads_at_once(path):
    line = b"comment { " + b"x" * 500 + b" } show version"
    assert Vppctl(path, stdin=line + b"\n").run().startswith(b"vpp v18.10")


def test_a_last_line_without_its_end(path):
    assert Vppctl(path, stdin=b"show version").run().startswith(b"vpp v18.10")


# ---- a session of commands, abbreviated and wrong ones among them, as recorded


def lasting(command, answer):
    """Whether it changes what later commands answer; those that VPP refuses change nothing."""
    return not answer.strip() or "loop1" in answer or "loop2" in answer


RECORDED = [(command, answer) for command, answer in ours() if not lasting(command, answer)]


@pytest.fixture
def recorded(server, tmp_path):
    """A CLI socket of an engine in the state in which the commands were recorded."""
    with fresh_engine() as vpp:
        server.vpp = vpp
        server.listen_cli(str(tmp_path / "recorded.sock"))
        yield str(tmp_path / "recorded.sock")


def test_a_session_of_recorded_commands(recorded, terminal):
    commands = [(command, answer) for command, answer in RECORDED if command != "history"]  # a terminal has one
    assert len(commands) > 80
    seat = terminal(recorded, terminal="dumb", size=(200, 512))
    differing = []
    for command, expected in commands:
        seat.type(command + "\n")
        shown = seat.wait("\nvpp# ").replace("\r", "").removesuffix("vpp# ")
        echoed, _, answer = shown.partition("\n")
        if echoed != command or not equal(command, expected.rstrip("\n"), answer.rstrip("\n")):
            differing.append((command, expected, shown))
    assert differing == []


def test_recorded_answers_by_vppctl_command(recorded):
    differing = []
    for command, expected in RECORDED:
        answer = Vppctl(recorded, command).run().decode().replace("\r", "")
        if not equal(command, expected.rstrip("\n"), answer.rstrip("\n")):
            differing.append((command, expected, answer))
    assert differing == []


# ---- at a terminal


def test_banner_and_echo(path, terminal):
    seat = terminal(path, terminal="dumb")
    assert seat.seen == BANNER
    seat.type("show version\n")
    assert seat.wait("vpp# ").startswith("show version\r\nvpp v18.10")


def test_colour_where_the_terminal_has_it(path, terminal):
    assert "\x1b[1;31m    _______" in terminal(path, terminal="xterm-256color").seen


def test_quit_and_control_d(path, terminal):
    for keys in ("quit\n", "q\n", "\x04"):
        seat = terminal(path)
        seat.type(keys)
        assert seat.ends()


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("show versionX\b", "show version"),
        ("how version\x01s", "show version"),
        ("show vrsion\x1b[D\x1b[D\x1b[D\x1b[D\x1b[De", "show version"),
        ("xshow version\x01\x04", "show version"),
        ("show version junk\x1b[1;5D\x0b", "show version "),
        ("junk show version\x01\x1bf\x15", "show version"),
        ("junk\x15show version", "show version"),
        ("junk\x03show version", "show version"),
        ("show vers\x0cion", "show version"),
        ("show versio\x01\x05n", "show version"),
        ("show ver\t", "show version "),
        ("sho ver\x1bZsion", "sho version"),
    ],
)
def test_editing(path, keys, line, terminal):
    seat = terminal(path)
    seat.type(keys + "\n")
    seat.wait("vpp v18.10")
    seat.wait("vpp# ")
    seat.type("history\n")
    assert f"1  {line}\r\n2  history\r\n" in seat.wait("2  history\r\n")


def test_history(path, terminal):
    seat = terminal(path)
    for line in ("show version", "foo", "foo"):
        seat.type(line + "\n")
        seat.wait("\nvpp# ")
    seat.type("\x1b[A\x1b[A\n")  # twice up: foo is there once
    assert "vpp v18.10" in seat.wait("\nvpp# ")
    seat.type("\x12fo\n")
    assert "unknown input `foo'" in seat.wait("\nvpp# ")
    seat.type("\x10\x0e\n")  # up and down again: an empty line
    seat.wait("\nvpp# ")


def test_tab(path, terminal):
    seat = terminal(path)
    seat.type("show ver\t")
    seat.wait("show ver\b\b\bversion ")
    seat.type("\x15show i\t")
    assert "interface" in seat.wait("\r\nvpp# show i")
    seat.type("\x15zzz\t")
    seat.wait("\a")


def test_pager(path, vpp, terminal):
    for number in range(50):
        vpp.cli(f"create packet-generator interface pg{number}")
    rows = vpp.cli("show interface").count("\n")
    seat = terminal(path, terminal="dumb", size=(80, 20))
    seat.type("show interface\n")
    assert seat.wait(f"-- more -- (1-19/{rows})").count("\r\n") == 20
    seat.type(" ")
    seat.wait(f"(20-38/{rows})")
    seat.type("\n")
    seat.wait(f"(21-39/{rows})")
    seat.type("\x1b[A")
    seat.wait(f"(20-38/{rows})")
    seat.type("\x1b[F")
    seat.wait(f"({rows - 18}-{rows}/{rows})")
    seat.type("\x1b[H")
    seat.wait(f"(1-19/{rows})")
    seat.type("q")
    seat.wait("vpp# ")
    seat.type("set terminal pager off\nshow interface\n")
    seat.wait("vpp# ")
    assert seat.wait("vpp# ").count("\r\n") == rows + 1


def test_terminal_settings(path, terminal):
    seat = terminal(path, terminal="xterm", size=(132, 50))
    seat.type("sh term\n")
    shown = seat.wait("\nvpp# ")
    assert "Terminal width:  132\r\nTerminal height: 50\r\nANSI capable:    yes\r\n" in shown


def test_a_client_that_tells_nothing_is_prompted_all_the_same(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as raw:
        raw.settimeout(5)
        raw.connect(path)
        began, text = time.monotonic(), b""
        while b"vpp# " not in text:
            text += raw.recv(1000)
        assert 0.5 < time.monotonic() - began < 4
        raw.sendall(b"show version\r\0")
        while b"vpp v18.10" not in text:
            text += raw.recv(1000)


def test_are_you_there(path):
    assert b"fd.io VPP\r\n" in at_once(path, b"\xff\xf6")


# ---- pieces and nonsense

TYPE = b"\xff\xfa\x18\x00vppctl\xff\xf0"


@given(cuts=st.lists(st.integers(1, len(TYPE) - 1), max_size=6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_options_in_pieces(path, cuts):
    edges = [0, *sorted(set(cuts)), len(TYPE)]
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as raw:
        raw.settimeout(5)
        raw.connect(path)
        for start, end in itertools.pairwise(edges):
            raw.sendall(TYPE[start:end])
        raw.sendall(b"show version\n")
        answer = b""
        while not answer.endswith(b"\0"):
            answer += raw.recv(1000)
    assert answer.removeprefix(GREETING).startswith(b"vpp v18.10")


@given(noise=st.binary(max_size=300), script=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_end_the_server(path, noise, script):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as raw:
        raw.connect(path)
        raw.sendall((TYPE if script else b"") + noise)
    assert Vppctl(path, "show version").run().startswith(b"vpp v18.10")


def test_endless_negotiation_and_endless_line(path):
    for flood in (b"\xff\xfa\x18" + b"x" * 100_000, TYPE + b"y" * 300_000, b"z" * 100_000):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as raw:
            raw.setblocking(False)
            raw.connect(path)
            with contextlib.suppress(BlockingIOError):
                raw.send(flood)
    assert Vppctl(path, "show version").run().startswith(b"vpp v18.10")


# ---- where it listens


def test_on_a_port_as_well(vpp, tmp_path):
    server = Server(vpp, str(tmp_path / "engine.sock"))
    server.listen_cli("localhost:0")
    with socket.create_connection(server.cli_addresses[0]) as client:
        client.settimeout(5)
        for _ in range(3):
            server.step(0.05)
        assert client.recv(100)
    server.close()


@pytest.mark.parametrize("address", ["localhost:port", "localhost:70000", ":"])
def test_addresses_that_are_none(vpp, tmp_path, address):
    server = Server(vpp, str(tmp_path / "engine.sock"))
    with pytest.raises(OSError, match="neither a path nor host:port"):
        server.listen_cli(address)
    server.close()
