"""startup.conf: what it says, and what it may not say."""

import pytest

from engine import ControlError
from engine.startup import read_startup


def test_nothing():
    assert read_startup(None) == {}
    assert read_startup("") == {}


def test_flags_and_numbers():
    text = "nat { endpoint-dependent, translation hash buckets 1048576  max translations per user 10000 }"
    assert read_startup(text)["nat"] == {
        "endpoint-dependent": True,
        "translation hash buckets": 1048576,
        "max translations per user": 10000,
    }


def test_lines_comments_and_nesting(tmp_path):
    path = tmp_path / "startup.conf"
    path.write_text("unix {\n  nodaemon # stay\n}\ncpu {\n  inner {\n    a 1\n  }\n  workers 2\n}\n")
    assert read_startup(path) == {"unix": {"nodaemon": True}, "cpu": {"inner": {"a": 1}, "workers": 2}}


@pytest.mark.parametrize("text", ["{ }", "nat {", "nat { } }", "nat { a { }"])
def test_braces_must_match(text):
    with pytest.raises(ControlError, match="startup"):
        read_startup(text)


def test_a_file_that_is_not_there():
    with pytest.raises(ControlError, match="no-such-file"):
        read_startup("/no-such-file.conf")
