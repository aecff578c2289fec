"""The man pages and shell completions know every option that the programs have."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from engine.server import main as engine_main
from shell import main as shell_main
from shell import replay
from shell.browser import command as browser

ROOT = Path(__file__).parents[2]
PARSERS = {
    "vppsh": [shell_main.parser(), replay.parser(), browser.parser()],
    "vppengine": [engine_main.parser()],
}


def options(program):
    return {option for parser in PARSERS[program] for option in parser._option_string_actions if len(option) > 2}


def manual(program):
    return (ROOT / "docs" / "man" / f"{program}.1").read_text().replace("\\-", "-")


@pytest.mark.parametrize("program", PARSERS)
def test_the_manual_has_all_options_and_no_others(program):
    named = set(re.findall(r"--[a-z][a-z-]*", manual(program).partition(".SH EXAMPLES")[0]))
    assert named == options(program)


@pytest.mark.parametrize("path", ["completions/vppsh.bash", "completions/_vppsh"])
def test_completions_have_all_options_and_no_others(path):
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", (ROOT / path).read_text()))
    assert named == options("vppsh") | options("vppengine")


def completed(*words):
    script = f"""
        source {ROOT}/completions/vppsh.bash
        COMP_WORDS=({" ".join(words)} "$1"); COMP_CWORD={len(words)}
        _{words[0]}
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    return lambda prefix: subprocess.run(
        ["bash", "-c", script, "-", prefix], capture_output=True, text=True, check=True
    ).stdout.split()


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("words", "prefix", "expected"),
    [
        (["vppsh"], "re", ["replay"]),
        (["vppsh"], "--so", ["--socket"]),
        (["vppsh", "replay"], "--in", ["--input"]),
        (["vppsh", "replay", "--profile"], "", ["18.01", "18.10"]),
        (["vppsh", "replay"], "--so", []),
        (["vppengine"], "--cli", ["--cli-listen"]),
        (["vppengine", "--config"], f"{ROOT}/setup", [f"{ROOT}/setup.py"]),
    ],
)
def test_bash_completes(words, prefix, expected):
    assert completed(*words)(prefix) == expected


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh")
def test_zsh_reads_it():
    subprocess.run(["zsh", "-n", str(ROOT / "completions" / "_vppsh")], check=True)


@pytest.mark.skipif(shutil.which("man") is None, reason="there is no man")
@pytest.mark.parametrize("program", PARSERS)
def test_man_has_nothing_to_complain_of(program):
    page = ROOT / "docs" / "man" / f"{program}.1"
    run = subprocess.run(["man", "--warnings", "-l", str(page)], capture_output=True, text=True, check=True)
    assert run.stderr == "" and program in run.stdout


def test_they_are_installed():
    text = (ROOT / "pyproject.toml").read_text()
    for path in ("docs/man/vppsh.1", "docs/man/vppengine.1", "completions/vppsh.bash", "completions/_vppsh"):
        assert (ROOT / path).is_file() and path in text
