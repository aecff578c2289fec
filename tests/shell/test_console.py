"""The console, typed through a pipe."""

import re
import threading
import time
from io import StringIO

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.data_structures import Size
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from shell.client import Client
from shell.completion import EngineCompleter
from shell.console import Console
from shell.history import history_file
from shell.pager import Pager, rows_of

ROWS = 10


@pytest.fixture
def keys():
    with create_pipe_input() as keys:
        yield keys


@pytest.fixture
def screen():
    text = StringIO()
    output = Vt100_Output(text, lambda: Size(rows=ROWS, columns=100), term="xterm")
    output.text = text
    return output


def plain(screen):
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.text.getvalue()).replace("\r", "")


@pytest.fixture
def console(engine, keys, screen):
    """Type lines; what the terminal shows, and the exit status."""

    def console(typed):
        keys.send_text(typed)
        with Client(engine) as client:
            status = Console(client, keys=keys, screen=screen, history=InMemoryHistory()).run()
        return status, plain(screen)

    return console


@pytest.mark.parametrize("leave", ["quit\r", "q\r", "exit\r", "\x04"])
def test_a_session(console, leave):
    status, text = console("show interface\r" + leave)
    assert status == 0
    assert "_/ \\___/_/" not in text
    assert " __/ __/ _ \\  (_)__" in text
    assert "vpp# show interface" in text
    assert "local0" in text


def test_errors_are_shown_and_the_session_goes_on(console):
    _, text = console("foo\rshow version\rq\r")
    assert "unknown input `foo'" in text
    assert "vpp v" in text


def test_interrupt_gives_the_line_up(console):
    status, text = console("show foo\x03show version\rq\r")
    assert status == 0
    assert "unknown input" not in text
    assert "vpp v" in text


def test_question_mark_at_the_end_of_a_line(console):
    assert "  show interface                           show interface" in console("show inter ?\rq\r")[1]


def test_history(console):
    _, text = console("show version\rshow version\r\rhistory\rq\r")
    assert "1  show version\n2  history\n" in text


def test_tab_completes(console, keys):
    def type_slowly():
        for piece in ("sh\t", "vers\t", "\r", "q\r"):
            time.sleep(0.3)  # completion comes from the engine, in the background
            keys.send_text(piece)

    typist = threading.Thread(target=type_slowly)
    typist.start()
    _, text = console("")
    typist.join()
    assert "vpp v" in text


def test_completion_comes_from_the_engine(engine):
    with Client(engine) as client:
        completer = EngineCompleter(client)

        def complete(text):
            return [
                (text[: len(text) + found.start_position] + found.text, found.display_meta_text)
                for found in completer.get_completions(Document(text), CompleteEvent())
            ]

        assert complete("set interface st")[0] == (
            "set interface state ",
            "set interface state <interface> [up|down|punt|enable]",
        )
        assert complete("set interface state ")[0][0] == "set interface state local0 "
        assert complete("  sh")[0][0] == "  show "
        assert complete("") != []


def test_completion_of_an_engine_that_is_gone(engine):
    with Client(engine) as client:
        client.close()
        assert list(EngineCompleter(client).get_completions(Document("sh"), CompleteEvent())) == []


def test_the_engine_goes_away(engine, keys, screen, capsys):
    with Client(engine) as client:
        client.close()
        keys.send_text("show version\r")
        assert Console(client, keys=keys, screen=screen, history=InMemoryHistory()).run() == 1
    assert "vppsh: " in capsys.readouterr().err


def test_the_history_file_is_the_users(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert history_file() == tmp_path / "vppsh" / "history"


class TestPager:
    LINES = "".join(f"line {number}\n" for number in range(1, 31))

    def page(self, keys, screen, typed):
        keys.send_text(typed)
        Pager(keys, screen).show(self.LINES)
        return plain(screen)

    def test_what_fits_is_not_paged(self, keys, screen):
        Pager(keys, screen).show("one\ntwo\n")
        assert plain(screen) == "one\ntwo\n"

    def test_a_page_and_the_end(self, keys, screen):
        text = self.page(keys, screen, "q")
        assert "-- more -- (1-9/30)" in text
        assert "line 9\n" in text
        assert "line 10\n" not in text

    def test_pages_and_lines(self, keys, screen):
        text = self.page(keys, screen, " \r\x1b[Bq")
        assert re.findall(r"-- more -- \((.*?)\)", text) == ["1-9/30", "10-18/30", "11-19/30", "12-20/30"]
        assert text.count("line 19\n") == 1

    def test_back_and_to_both_ends(self, keys, screen):
        text = self.page(keys, screen, "\x1b[F\x1b[A\x1b[5~\x1b[Hq")
        assert re.findall(r"-- more -- \((.*?)\)", text) == ["1-9/30", "22-30/30", "21-29/30", "12-20/30", "1-9/30"]

    def test_long_lines_take_several_rows(self, keys, screen):
        keys.send_text("q")
        Pager(keys, screen).show("".join(f"{number}{'x' * 150}\n" for number in range(9)))
        assert "-- more -- (1-9/18)" in plain(screen)
        assert "4x" in plain(screen) and "5x" not in plain(screen)

    @pytest.mark.parametrize(
        ("line", "rows"),
        [
            ("", ["\n"]),
            ("abcd", ["abcd\n"]),
            ("abcdef", ["abcd", "ef\n"]),
            ("abcdefgh", ["abcd", "efgh\n"]),
            ("ab\x1b[31mcd\x1b[0m", ["ab\x1b[31mcd\x1b[0m\n"]),
            ("ab\x1b[31mcdef\x1b[0mg", ["ab\x1b[31mcd", "ef\x1b[0mg\n"]),
        ],
    )
    def test_rows_of_a_line(self, line, rows):
        assert rows_of(line, 4) == rows

    def test_a_page_after_the_last_leaves(self, keys, screen):
        self.page(keys, screen, "\x1b[F ")

    def test_interrupt_leaves(self, keys, screen):
        self.page(keys, screen, "\x03")
