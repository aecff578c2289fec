"""Lines of the log: each one event, which machines take apart again."""

import json
import logging
import shlex
from contextlib import ExitStack

import pytest

from engine.server.logs import FORMATTERS, Log, event


@pytest.fixture
def log(tmp_path):
    """A logger, and what opens its log; afterwards the root logger is as it was before."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    with ExitStack() as life:

        def opened(path, form):
            log = Log(str(path), form, logging.INFO)
            life.callback(log.close)
            return log

        yield logging.getLogger("vppengine.test"), opened
    root.handlers[:], root.level = before


def fields(line):
    return dict(word.split("=", 1) for word in shlex.split(line))


def record(message="ready", **given):
    found = logging.LogRecord("vppengine", logging.INFO, "file", 1, message, (), None)
    found.fields = given
    return found


HARD = {"path": "/run/x y", "line": 'show "all"\nnow', "none": None, "equal": "a=b", "number": 7, "on": True,
        "empty": ""}  # fmt: skip


def test_json_lines():
    line = FORMATTERS["json"].format(record(**HARD))
    assert "\n" not in line
    found = json.loads(line)
    assert (found["level"], found["logger"], found["msg"]) == ("info", "vppengine", "ready")
    assert {name: found[name] for name in HARD} == HARD


def test_key_value():
    line = FORMATTERS["text"].format(record("is ready", **HARD))
    assert "\n" not in line
    found = fields(line)
    assert found["msg"] == "is ready"
    assert (found["path"], found["equal"], found["number"], found["on"]) == ("/run/x y", "a=b", "7", "true")
    assert found["empty"] == ""


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_failure_is_one_line_too(form, tmp_path, log):
    log, opened = log
    opened(tmp_path / "log", form)
    try:
        raise ValueError("x")
    except ValueError:
        log.exception("failed")
    lines = (tmp_path / "log").read_text().splitlines()
    assert len(lines) == 1
    assert "Traceback" in lines[0]


def test_a_file_that_was_moved_away(tmp_path, log):
    path, moved = tmp_path / "log", tmp_path / "log.1"
    log, opened = log
    written = opened(path, "json")
    event(log, logging.INFO, "one")
    event(log, logging.DEBUG, "not told")
    path.rename(moved)
    event(log, logging.INFO, "two")
    written.reopen()
    event(log, logging.INFO, "three", number=3)
    assert [json.loads(line)["msg"] for line in moved.read_text().splitlines()] == ["one", "two"]
    assert [json.loads(line)["number"] for line in path.read_text().splitlines()] == [3]


def test_the_old_file_stays_where_no_new_one_can_be_made(tmp_path, log):
    folder = tmp_path / "logs"
    folder.mkdir()
    log, opened = log
    written = opened(folder / "log", "text")
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="No such file"):
        written.reopen()
    event(log, logging.INFO, "still here")
    assert "still here" in (tmp_path / "elsewhere" / "log").read_text()
