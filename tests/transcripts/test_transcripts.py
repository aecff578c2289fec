"""The recorded scenarios, replayed under profile 18.10."""

import pytest

from . import data, report
from .player import play, play_apart

WHOLLY_EQUAL = ("001", "003", "004", "009", "010", "011", "012", "014", "025", "026", "030", "031", "032", "040", "042",
                "046", "054", "081", "116", "117", "120", "121")  # fmt: skip


@pytest.mark.parametrize("name", [name for name in data.names() if name.startswith(WHOLLY_EQUAL)])
def test_wholly_equal(name):
    differs = list(report.diffs(play(name)))
    assert not differs, "\n".join([name, *differs])


def test_nothing_falls_back():
    """Of all scenarios; `python -m tests.transcripts.report --update` writes down what has become equal."""
    before = report.committed()
    assert sorted(before) == data.names()
    lost = [report.fallen_back(name, play_apart(name), before[name]) for name in data.names()]
    assert not any(lost), "\n".join(filter(None, lost))
