"""A session as at vppctl, typed into the console: VPP 18.10's own answers, word for word.

What is looked at is the screen, as a terminal shows it; the answers are those of the recordings.
"""

import os
import re
import subprocess
from contextlib import contextmanager
from io import StringIO

import pyte
import pytest
from prompt_toolkit.data_structures import Size
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from shell.client import Client
from shell.console import Console
from tests.transcripts import data, masks
from tests.transcripts.cli_errors import equal

from .conftest import ENGINE, ROOT

SCENARIO = "001-ip4-forward"
COLUMNS, ROWS = 250, 50
PROMPT = "vpp# "
SHORT = {
    "create packet-generator interface": "create packet interface",
    "set interface": "set int",
    "show trace": "sh tr",
    "show interface": "sh int",
    "show errors": "sh err",
    "show hardware-interfaces": "sh hard",
    "show ip arp": "sho ip arp",
    "show ip": "sh ip",
    "clear trace": "cle tr",
}
# answers that do not depend on what is configured
WRONG = """
foo
show
sho ip
sh int pg9
show ip fib table 99
show trace max
show errors foo
trace add
trace add pg-input foo
trace filter foo
set int
set interface foo
set interface state
set interface state pg9 up
set interface ip address pg9 10.0.9.1/24
set interface mtu foo pg0
set interface l2 bridge pg0 foo
ip route add 10.8.0.0/16 via 10.0.1.2 pg9
ip route frobnicate 10.8.0.0/16 via 10.0.1.2 pg1
ip table add foo
set ip arp pg9 10.0.0.2 02:00:00:00:00:02
create sub-interfaces pg9 10
nat44 add address 10.0.1.105 - 10.0.1.101
nat44 add interface address pg9
nat44 forwarding maybe
set nat timeout foo
show acl-plugin interface sw_if_index 99
create bridge-domain 16777216
l2fib add 02:00:00:00:00:02 99 pg0
""".strip().splitlines()


@contextmanager
def started(folder, *options):
    """A vppengine of the recorded release: the path of its socket."""
    path = str(folder / "engine.sock")
    command = [*ENGINE, "--socket", path, "--profile", "18.10", *options]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env=environment) as process:
        assert process.stdout.readline().startswith(b"listening on")
        yield path
        process.terminate()


@pytest.fixture
def engine(tmp_path):
    with started(tmp_path) as path:
        yield path


def short(line):
    """As an engineer types it."""
    full = next((words for words in SHORT if line.startswith(words)), None)
    return line if full is None else SHORT[full] + line.removeprefix(full)


def typed(engine, lines):
    """What stands on the screen below each line."""
    text = StringIO()
    screen = Vt100_Output(text, lambda: Size(rows=ROWS, columns=COLUMNS), term="xterm")
    with create_pipe_input() as keys, Client(engine) as client:
        keys.send_text("".join(f"{line}\r" for line in ["set terminal pager off", *lines, "quit"]))
        assert Console(client, keys=keys, screen=screen, history=InMemoryHistory()).run() == 0
    terminal = pyte.HistoryScreen(COLUMNS, ROWS, history=100_000)
    pyte.Stream(terminal).feed(text.getvalue().replace("\n", "\r\n"))
    above = ["".join(row[column].data for column in range(COLUMNS)) for row in terminal.history.top]
    shown = "\n".join(line.rstrip() for line in [*above, *terminal.display])
    answers = [(line.rstrip(), answer) for line, answer in data.conversation(shown)]
    assert [line for line, _ in answers] == ["set terminal pager off", *lines, "quit"]
    return answers[1:-1]


def without_marks(line, answer):
    """An answer without what the console adds: a caret below the wrong word, the line again if need be, warnings."""
    return "\n".join(
        each for each in answer.split("\n") if not re.fullmatch(r" *\^|warning: .*", each) and each != f"  {line}"
    )


def same(command, expected, actual):
    """Whether it is the recorded text; blanks at the ends of lines cannot be seen on a screen."""
    wanted, shown = (masks.mask(command, "\n".join(line.rstrip() for line in text.split("\n")))
                     for text in (expected, actual))  # fmt: skip
    return [line.rstrip() for line in wanted] == [line.rstrip() for line in shown]


def recorded(tmp_path):
    """(line as in the recording, line as typed, recorded answer or None) of the scenario, then of the wrong ones."""
    scenario = data.load(SCENARIO)
    for line, answer in scenario.config:
        yield line, short(line), answer
    files = data._files()[SCENARIO]
    for step in scenario.steps:
        for line in step.trace:
            yield line, short(line), ""
        for name in step.inputs:
            path = tmp_path / f"in{step.number}-{name}.pcap"
            path.write_bytes(files[path.name])
            yield "replay", f"replay {path} interface {name}", None
        for line, answer in step.shows:
            yield line, short(line), answer
    answers = dict(data.cli_errors()[1])
    for line in WRONG:
        yield line, line, answers[line]


def test_answers_are_vpps(engine, tmp_path):
    session = list(recorded(tmp_path))
    assert len(session) > 40
    shown = typed(engine, [line for _, line, _ in session])
    different = []
    for (full, line, expected), (_, screen) in zip(session, shown, strict=True):
        actual = without_marks(line, screen)
        if expected is not None and not same(full, expected, actual) and not equal(full, expected, actual):
            different.append(f"vpp# {line}\nVPP:\n{expected}\nconsole:\n{actual}")
    assert not different, "\n".join(different)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("sh int pg9", "pg9"),
        ("set interface state pg9 up", "pg9"),
        ("trace filter foo", "foo"),
        ("shwo interface", "shwo"),
        ("ip route add 10.8.0.0/16 via 10.0.1.2 pg9", "via"),
    ],
)
def test_a_caret_stands_below_the_wrong_word(engine, line, word):
    ((_, shown),) = typed(engine, [line])
    assert shown.split("\n")[0] == " " * (len(PROMPT) + line.index(word)) + "^"


def test_a_warning_is_one_line(engine):
    ((_, shown), _) = typed(engine, ["create packet-generator interface pg7 oops", "show version"])
    assert shown == "warning: create packet-generator: ignored `oops'"


def test_behind_output_the_line_is_shown_again(engine):
    ((_, shown),) = typed(engine, ["show version foo"])
    assert shown.split("\n")[-2:] == ["  show version foo", "               ^"]


def test_a_whole_configuration_is_pasted(tmp_path):
    """The switch of a Contiv node: 120 lines and comments, one by one, none refused."""
    configuration = (ROOT / "pcaps" / "contiv" / "node1.vpp").read_text()
    text = StringIO()
    screen = Vt100_Output(text, lambda: Size(rows=ROWS, columns=COLUMNS), term="xterm")
    with (
        started(tmp_path, "--startup", "nat { endpoint-dependent }") as engine,
        create_pipe_input() as keys,
        Client(engine) as client,
    ):
        keys.send_text(f"\x1b[200~{configuration}\x1b[201~q\r")
        assert Console(client, keys=keys, screen=screen, history=InMemoryHistory()).run() == 0
        names = [each.interface_name for each in client.api.sw_interface_dump()]
        assert len(client.api.acl_dump()) == 5
    assert "refused" not in text.getvalue()
    assert names[:4] == ["local0", "GigabitEthernet0/8/0", "tap0", "loop0"]
    assert len(names) == 10
