"""The console on a terminal: tmux gives one, and what its screen shows."""

import shutil
import subprocess
import sys
import time
import uuid

import pytest
from dpkt.pcap import Writer

from .conftest import ROOT

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux, which is the terminal here")

WIDTH, HEIGHT = 110, 30
PATIENCE = 20  # seconds

ENGINE = """
import itertools, sys
from engine.commands import commands
from engine.server.main import main

@commands.command("show for ever", help="without an end", text=lambda data: (f"again {n}\\n" for n in data))
def show_for_ever(vpp, args):
    return itertools.count()

sys.exit(main())
"""
SHELL = """
import sys, shell.embedded
shell.embedded.COMMAND = {engine!r}
from shell.main import main
sys.exit(main({arguments!r}))
"""


class Terminal:
    """A tmux server of its own, with one window that runs a program."""

    def __init__(self, *program):
        self.name = f"vppsh-{uuid.uuid4().hex}"
        told = ["sh", "-c", '"$@"; echo "ended with $?"; sleep 1000', "sh", *program]
        self._run("-f", "/dev/null", "new-session", "-d", "-x", str(WIDTH), "-y", str(HEIGHT), *told)

    def _run(self, *arguments, **options):
        return subprocess.run(
            ["tmux", "-L", self.name, *arguments], capture_output=True, text=True, check=True, **options
        ).stdout

    def type(self, text):
        self._run("send-keys", "-l", text)

    def press(self, *keys):
        self._run("send-keys", *keys)

    def enter(self, line):
        self.type(line)
        self.press("Enter")

    def paste(self, text):
        self._run("load-buffer", "-", input=text)
        self._run("paste-buffer", "-p")

    def screen(self, colours=False):
        return self._run("capture-pane", "-p", *(["-e"] if colours else []))

    def wait(self, wanted, colours=False):
        """The screen, once it shows what is wanted (a text, or a function of the screen)."""
        deadline = time.monotonic() + PATIENCE
        while True:
            screen = self.screen(colours)
            if wanted(screen) if callable(wanted) else wanted in screen:
                return screen
            assert time.monotonic() < deadline, f"never saw {wanted}, but\n{screen}"
            time.sleep(0.05)

    def close(self):
        subprocess.run(["tmux", "-L", self.name, "kill-server"], check=False)


@pytest.fixture
def open_terminal(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("TERM", "xterm-256color")
    terminals = []

    def open_terminal(*arguments):
        engine = [sys.executable, "-c", ENGINE]
        code = SHELL.format(engine=engine, arguments=list(arguments))
        terminals.append(Terminal(sys.executable, "-c", code))
        return terminals[-1]

    yield open_terminal
    for terminal in terminals:
        terminal.close()


@pytest.fixture
def terminal(open_terminal):
    terminal = open_terminal()
    terminal.wait("vpp#")
    return terminal


def prompts(n):
    return lambda screen: screen.count("vpp#") >= n


def test_the_line_below_is_there_and_moves(terminal):
    screen = terminal.wait("sessions ACL 0 NAT 0 | drops 0 | trace 0")
    assert screen.rstrip("\n").splitlines()[-1].startswith(" 0 pps")
    terminal.enter("create tap id 2")
    terminal.enter("trace add virtio-input 7")
    terminal.wait("trace 0/7")


def test_tab_shows_what_could_follow(terminal):
    terminal.type("set int")
    terminal.press("Tab")
    terminal.press("Tab")
    screen = terminal.wait("nat44")
    assert "set interface state <interface> [up|down|punt|enable]" in screen


def test_colours_while_typing(terminal):
    terminal.type("show version 10.1.1.1")
    screen = terminal.wait("10.1.1.1", colours=True)
    line = next(line for line in screen.splitlines() if "version" in line)
    assert "\x1b[1m\x1b[32mshow" in line
    assert "\x1b[36m10.1.1.1" in line


def test_ctrl_c_stops_a_command_not_the_console(terminal):
    terminal.enter("set terminal pager off")
    terminal.enter("show for ever")
    terminal.wait(lambda screen: screen.count("again ") == HEIGHT - 1)
    terminal.press("C-c")
    terminal.wait("^C")
    terminal.enter("show version | count")
    terminal.wait(lambda screen: "\n1\n" in screen)


def test_ctrl_c_at_the_prompt_gives_the_line_up(terminal):
    terminal.type("show foo")
    terminal.wait("show foo")
    terminal.press("C-c")
    terminal.enter("show version")
    screen = terminal.wait("vpp v")
    assert "unknown input" not in screen


def test_the_first_page_of_what_has_no_end(terminal):
    terminal.enter("show for ever")
    screen = terminal.wait("-- more -- (1-29/")
    assert "again 28\n" in screen and "again 29\n" not in screen
    assert "+)" in screen
    terminal.press("Space")
    terminal.wait("again 57")
    terminal.press("q")
    terminal.enter("show version")
    terminal.wait("vpp v")


def test_watch_marks_what_changes(terminal):
    terminal.enter("watch 0.3 show runtime")
    terminal.wait("every 0.3s: show runtime")
    screen = terminal.wait("\x1b[7m", colours=True)
    assert "average vectors/node" in screen
    terminal.press("q")
    terminal.wait(lambda screen: "every 0.3s" not in screen and "vpp# watch 0.3 show runtime" in screen)
    terminal.enter("show version")
    terminal.wait("vpp v")


def test_watch_as_a_command(open_terminal):
    terminal = open_terminal("watch", "0.3", "show", "runtime")
    terminal.wait("every 0.3s: show runtime")
    terminal.press("C-c")
    terminal.wait("ended with 0")


def test_a_paste(terminal):
    terminal.paste("create tap id 5\nset interface state tap6 up\nshow version\n")
    screen = terminal.wait("pasted line 2 was refused, 1 behind it were not run")
    assert "vpp# set interface state tap6 up\n                         ^\n" in screen
    assert "vpp v" not in screen


def test_lines_of_another_console(open_terminal):
    one, two = open_terminal(), open_terminal()
    one.wait("vpp#")
    two.wait("vpp#")
    one.enter("show version")
    one.wait("vpp v")
    two.press("Enter")
    two.wait(prompts(2))
    two.press("C-r")
    two.type("vers")
    two.wait("show version")
    two.press("Enter")
    two.press("Enter")
    two.wait("vpp v")


def test_a_replay_at_its_own_pace_is_interrupted(terminal, tmp_path):
    with open(tmp_path / "in.pcap", "wb") as file:
        writer = Writer(file)
        for i in range(100):
            writer.writepkt(bytes.fromhex("ffffffffffff0200000000010800") + bytes(46), 1.0 + i * 0.5)
    terminal.enter("create packet-generator interface pg0")
    terminal.enter("set interface state pg0 up")
    terminal.enter(f"replay {tmp_path}/in.pcap interface pg0 speed realtime")
    terminal.wait("4 packets 240 bytes")
    terminal.press("C-c")
    screen = terminal.wait("interrupted after")
    assert "  received " in screen and "dropped by ip4-input" in screen
    terminal.enter("show version")
    terminal.wait("vpp v")
