"""Pipes, watch, --json and warnings: in commands, files and piped lines alike."""

import io
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shell.pipes import PipeError, Pipeline, cut, parse, split
from shell.watch import MARKED, PLAIN, changes

from .conftest import ENGINE, ROOT

TEXT = ["one ", "1\ntwo 2\nthr", "ee 3\ntwo more\n"]


def through(line):
    return "".join(parse(line).through(TEXT))


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("x", "one 1\ntwo 2\nthree 3\ntwo more\n"),
        ("x | include two", "two 2\ntwo more\n"),
        ("x | include ^t", "two 2\nthree 3\ntwo more\n"),
        ("x | include one|three", "one 1\nthree 3\n"),
        ("x | include 'o m'", "two more\n"),
        ('x | include "one | three"', "one 1\n"),
        ("x | exclude [0-9]", "two more\n"),
        ("x | begin thr", "three 3\ntwo more\n"),
        ("x | begin none", ""),
        ("x | count", "4\n"),
        ("x | include two | count", "2\n"),
        ("x | b two | e more | i 3", "three 3\n"),
    ],
)
def test_stages(line, text):
    assert through(line) == text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("x | foo", "unknown pipe `foo'"),
        ("x |  ", "unknown pipe `'"),
        ("x | include", "include: expected RE"),
        ("x | include (", "include: bad regular expression `('"),
        ("x | count 3", "count: takes nothing"),
        ("x | count | json", "json: stands first"),
        ("x | json 3", "json: takes nothing"),
        ("x | save", "save: expected FILE"),
        ("watch", "watch: expected seconds"),
        ("watch x show", "watch: expected seconds"),
        ("watch 0 show", "watch: expected 0.1"),
        ("watch nan show", "watch: expected 0.1"),
        ("watch 1", "watch: expected a command"),
    ],
)
def test_what_makes_no_sense(line, said):
    with pytest.raises(PipeError) as error:
        parse(line)
    assert said in str(error.value)


def test_what_is_no_pipe():
    assert cut("comment { a | b } x|y") == ["comment { a | b } x|y"]
    assert cut("don't | count") == ["don't", "count"]


def test_json_is_the_engines():
    assert parse("show x | json | count").command == "show x | json"
    assert parse("show x", json=True).command == "show x | json"
    assert parse("show x | json", json=True).command == "show x | json"
    assert parse("show x | count", json=True).command == "show x | json"


def test_watch():
    pipeline = parse("watch 0.5 show runtime | include ip4")
    assert (pipeline.command, pipeline.watch, len(pipeline.stages)) == ("show runtime", 0.5, 1)


def test_a_file_is_there_whole_or_not_at_all(tmp_path):
    path = tmp_path / "out"
    pipeline = parse(f"x | exclude two | save {path}")
    assert "".join(pipeline.through(TEXT)) == f"2 lines saved to {path}\n"
    assert path.read_text() == "one 1\nthree 3\n"

    def breaks():
        yield "new\n"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(pipeline.through(breaks()))
    assert path.read_text() == "one 1\nthree 3\n"
    assert os.listdir(tmp_path) == ["out"]


def test_a_file_that_cannot_be_written(tmp_path):
    with pytest.raises(PipeError, match="save: cannot write"):
        through(f"x | save {tmp_path}/none/out")


@given(st.lists(st.text(alphabet="ab\n")))
def test_lines_do_not_depend_on_the_pieces(pieces):
    text = "".join(pieces)
    assert list(split(pieces)) == text.removesuffix("\n").split("\n") if text else not list(split(pieces))


@given(st.text())
def test_any_line(line):
    try:
        found = parse(line)
    except PipeError:
        return
    assert isinstance(found, Pipeline)


@pytest.mark.parametrize(
    ("before", "line", "shown"),
    [
        (None, "a 1", "a 1"),
        ("a 1", "a 1", "a 1"),
        ("a  1 x", "a  2 x", f"a  {MARKED}2{PLAIN} x"),
        ("a 1", "a 1 2", f"{MARKED}a 1 2{PLAIN}"),
        ("", "a", f"{MARKED}a{PLAIN}"),
    ],
)
def test_changes(before, line, shown):
    assert changes(before, line) == shown


# ---- as they are typed


def test_a_command(vppsh):
    assert vppsh("show", "interface", "|", "include", "local0", "|", "count") == (0, "1\n", "")
    assert vppsh("show interface | foo")[1].startswith("unknown pipe `foo'")


def test_an_error_is_not_filtered(vppsh):
    assert vppsh("show foo | include bar") == (0, "show: unknown input `foo'\n", "")


def test_json(vppsh):
    for arguments in (("--json", "show", "interface"), ("show", "interface", "|", "json")):
        status, out, err = vppsh(*arguments)
        assert (status, err) == (0, "")
        assert json.loads(out)["interfaces"][0]["name"] == "local0"


def test_a_file(vppsh, tmp_path):
    (tmp_path / "lines").write_text("create tap id 3\nshow interface | include tap\nshow foo | count\nshow version\n")
    status, out, err = vppsh("-f", "lines")
    assert (status, err) == (1, "vppsh: lines:3: show: unknown input `foo'\n")
    assert out.startswith("tap3 ") and out.count("\n") == 1


def test_piped_lines(vppsh, monkeypatch):
    lines = "show interface | count\nshow foo\nshow interface | inc loc | count\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
    assert vppsh() == (0, "2\nshow: unknown input `foo'\n1\n", "")


OOPS = "create packet-generator interface pg1 oops"
WARNING = "warning: create packet-generator: ignored `oops'\n"


def test_strict_files(vppsh, tmp_path):
    (tmp_path / "lines").write_text(f"# one\n{OOPS}\nexec inner\n")
    (tmp_path / "inner").write_text(f"\n\n{OOPS}\n")
    assert vppsh("-f", "lines") == (0, "", f"vppsh: lines:2: {WARNING}vppsh: inner:3: {WARNING}")
    assert vppsh("--no-strict", "-f", "lines") == (0, "", "")


def test_strict_piped_lines(vppsh, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"show version | count\n{OOPS}\n"))
    assert vppsh() == (0, "1\n", f"vppsh: <stdin>:2: {WARNING}")


def test_strict_commands(vppsh):
    assert vppsh(OOPS) == (0, "", "")
    assert vppsh("--strict", OOPS) == (0, "", f"vppsh: {WARNING}")


def test_strict_replay(vppsh, tmp_path):
    (tmp_path / "node.vpp").write_text(f"create packet-generator interface pg0\nset interface state pg0 up\n{OOPS}\n")
    (tmp_path / "in.pcap").write_bytes(bytes.fromhex("d4c3b2a102000400000000000000000000ff000001000000"))
    replay = ("replay", "--config", "node.vpp", "--input", "pg0=in.pcap", "--trace", "0")
    assert vppsh(*replay) == (0, "", f"vppsh: {tmp_path}/node.vpp:3: {WARNING}")
    assert vppsh(*replay, "--no-strict") == (0, "", "")


def test_watch_without_a_terminal():
    code = f"import sys, shell.embedded as e; e.COMMAND = {ENGINE!r}; from shell.main import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "watch", "0.2", "show", "version", "|", "count"],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert [process.stdout.readline() for _ in range(3)] == [b"1\n", b"\n", b"1\n"]
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    assert process.stderr.read() == b""
    process.stdout.close()
    process.stderr.close()
