"""The recorded transcripts, from data.tar.xz: configuration, frames and what VPP 18.10 showed.

A scenario is a folder: `config.cli` (lines, one by one), `config-answers.txt` (what they printed),
`startup.conf` (where there is one), `steps.json`, and the files that the steps name.
"""

import json
import tarfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from engine.devices.pcap.reader import PcapFile

ARCHIVE = Path(__file__).with_name("data.tar.xz")
CLI_ERRORS = "cli-errors"
PROMPT = "vpp# "


@dataclass(frozen=True)
class Step:
    """One step: everything as VPP was given it, and as it answered."""

    number: int
    before: list[tuple[str, str]]  # line, answer
    wait_seconds: float
    trace: list[str]
    inputs: dict[str, list[bytes]]  # in the order of injection
    outputs: dict[str, list[bytes]]
    shows: list[tuple[str, str]]  # command, text


@dataclass(frozen=True)
class Scenario:
    name: str
    config: list[tuple[str, str]]  # line, answer
    startup: str | None = None
    steps: list[Step] = field(default_factory=list)


@cache
def _files() -> dict[str, dict[str, bytes]]:
    """Content by folder and file name."""
    files: dict[str, dict[str, bytes]] = {}
    with tarfile.open(ARCHIVE) as archive:
        for member in archive:
            if member.isfile():
                folder, _, name = member.name.partition("/")
                files.setdefault(folder, {})[name] = archive.extractfile(member).read()
    return files


def names() -> list[str]:
    """The scenarios, in order."""
    return sorted(name for name in _files() if name != CLI_ERRORS)


def conversation(text: str) -> list[tuple[str, str]]:
    """(command, answer) for each `vpp# command` with the lines that follow it."""
    pairs = []
    for part in ("\n" + text).split("\n" + PROMPT)[1:]:
        command, _, answer = part.partition("\n")
        pairs.append((command, answer))
    return pairs


def _answered(lines: list[str], answers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each line with its answer: those that printed something are listed in the order they were given."""
    left = list(answers)
    out = []
    for line in lines:
        out.append((line, left.pop(0)[1]) if left and left[0][0] == line else (line, ""))
    assert not left, f"answers to no line: {left}"
    return out


def _frames(content: bytes) -> list[bytes]:
    return [frame for _, frame, _, _ in PcapFile(content)]


def _step(number: int, raw: dict, files: dict[str, bytes]) -> Step:
    return Step(
        number=number,
        before=[(entry["cmd"], entry["answer"]) for entry in raw.get("before", ())],
        wait_seconds=raw.get("wait_seconds", 0),
        trace=raw.get("trace", []),
        inputs={name: _frames(files[path]) for name, path in raw.get("inputs", {}).items()},
        outputs={name: _frames(files[path]) for name, path in raw.get("outputs", {}).items()},
        shows=[(entry["cmd"], files[entry["file"]].decode()) for entry in raw.get("shows", ())],
    )


@cache
def load(name: str) -> Scenario:
    """A scenario by the name of its folder."""
    files = _files()[name]
    lines = files["config.cli"].decode().splitlines()
    answers = conversation(files.get("config-answers.txt", b"").decode())
    startup = files.get("startup.conf")
    steps = [_step(number, raw, files) for number, raw in enumerate(json.loads(files["steps.json"]), 1)]
    return Scenario(name, _answered(lines, answers), startup.decode() if startup else None, steps)


def cli_errors() -> tuple[list[str], list[tuple[str, str]]]:
    """The lines that make the state of cli-errors, and the commands with their answers."""
    files = _files()[CLI_ERRORS]
    return files["setup.cli"].decode().splitlines(), conversation(files["transcript.txt"].decode())
