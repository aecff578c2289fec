"""What is generated is up to date, and says what there is."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine import Engine
from engine.server.document import pages

ROOT = Path(__file__).parents[2]
PAGES = dict(pages())


@pytest.mark.parametrize("path", sorted(PAGES))
def test_up_to_date(path):
    text = (ROOT / path).read_text()
    assert text == PAGES[path], "out of date: run python -m engine.server.document --write"


def test_every_message_and_every_command_is_there():
    with Engine(profile="18.10") as vpp:
        for name in vpp.api.handlers():
            assert name in PAGES["docs/api.md"]
            assert f"    def {name}(" in PAGES["shell/messages.py"]
        for command in vpp.registry.commands():
            assert f"### {command.path}\n" in PAGES["docs/cli.md"]


def test_every_message_says_what_it_does():
    with Engine(profile="18.10") as vpp:
        silent = [name for name, handler in vpp.api.handlers().items() if not handler.__doc__]
    assert silent == []


def test_the_program_prints_a_page():
    run = subprocess.run(
        [sys.executable, "-m", "engine.server.document", "api"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout == PAGES["docs/api.md"]
