import json
from pathlib import Path

import pytest

from engine import Engine
from engine.wire import names as engine_names
from shell import trace_names
from shell.trace_text import TraceTextError, parse, pieces
from tests.transcripts import data
from tests.transcripts.player import Player

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*/*.trace"))


def recorded():
    for name in data.names():
        for step in data.load(name).steps:
            for command, text in step.shows:
                if command.startswith("show trace"):
                    yield f"{name}-{step.number}-{command}", text


RECORDED = list(recorded())


def test_there_are_traces():
    assert len(GOLDEN) == 10
    assert len(RECORDED) > 100


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_bare_traces_print_unchanged(path):
    text = path.read_text()
    trace = parse(text)
    assert "".join(pieces(trace)) == text
    assert [packet["packet"] for packet in trace["packets"]] == [1]
    assert all(entry["data"] for entry in trace["packets"][0]["entries"])


@pytest.mark.parametrize(("name", "text"), RECORDED, ids=[name for name, _ in RECORDED])
def test_recorded_traces_print_unchanged(name, text):
    assert "".join(pieces(parse(text))) == text


def told(whole, part):
    """Whether what the text tells is what the engine has: every field of `part` is in `whole`, and equal."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(name in whole and told(whole[name], part[name]) for name in part)
    return whole == part


def differing(ours, read):
    return [
        (entry["node"], theirs["data"], entry["data"])
        for packet, other in zip(ours["packets"], read["packets"], strict=True)
        for entry, theirs in zip(packet["entries"], other["entries"], strict=True)
        if not told(entry["data"], theirs["data"]) or not theirs["data"]
    ]


# What these nodes print has no layout of its own here.
OPAQUE = {"ip4-options", "ip4-reassembly"}


@pytest.mark.parametrize("name", data.names())
def test_the_text_gives_the_fields_of_the_data(name):
    scenario = data.load(name)
    with Engine(profile="18.10", startup=scenario.startup) as vpp:
        for _ in Player(vpp, scenario).play():
            pass
        ours = json.loads(json.dumps(vpp.cli_data("show trace max 500"), default=list))
        text = vpp.cli("show trace max 500")
    assert [each for each in differing(ours, parse(text)) if each[0] not in OPAQUE] == []


def test_threads_and_their_packets():
    text = (
        "------------------- Start of thread 0 vpp_main -------------------\nNo packets in trace buffer\n"
        "------------------- Start of thread 1 vpp_wk_0 -------------------\n"
        "Packet 1\n\n00:00:01:000002: memif-input\n  memif: hw_if_index 1 next-index 4\n    slot: ring 0\n\n"
    )
    trace = parse(text)
    assert [(each["name"], each["packets"]) for each in trace["threads"]] == [("vpp_main", 0), ("vpp_wk_0", 1)]
    assert trace["packets"][0]["entries"] == [
        {
            "time": 1.000002,
            "node": "memif-input",
            "data": {},
            "text": "memif: hw_if_index 1 next-index 4\n  slot: ring 0",
        }
    ]
    assert "".join(pieces(trace)) == text


def test_said_again_at_the_end():
    limited = "Limiting display to 1 packets. To display more specify max.\n"
    text = (
        f"{limited}------------------- Start of thread 0 vpp_main -------------------\n"
        f"Packet 1\n\n00:00:01:000002: drop\n  arp-disabled: ARP Disabled\n\n{limited}"
    )
    assert parse(text)["limited"] == 1
    assert "".join(pieces(parse(text))) == text


@pytest.mark.parametrize("text", ["show trace\n", "Packet 1\n\nnonsense: here\n", "  indented first\n"])
def test_what_is_no_trace(text):
    with pytest.raises(TraceTextError, match=r"line [123]: not part of a trace"):
        parse(text)


def test_carriage_returns_are_the_terminals():
    text = GOLDEN[0].read_text()
    assert parse(text.replace("\n", "\r\n")) == parse(text)


def codes():
    return {name: code for names in engine_names.ICMP4_CODES.values() for code, name in enumerate(names)}


@pytest.mark.parametrize(
    ("ours", "engines"),
    [
        (trace_names.ETHERTYPES, {name: number for number, name in engine_names.ETHERTYPES.items()}),
        (trace_names.IP_PROTOCOLS, {name: number for number, name in engine_names.IP_PROTOCOLS.items()}),
        (trace_names.ICMP4_TYPES, {name: number for number, name in engine_names.ICMP4_TYPES.items()}),
        (trace_names.ICMP4_CODES, codes()),
        (trace_names.ARP_OPCODES, {name: number for number, name in engine_names.ARP_OPCODES.items()}),
        (trace_names.ARP_HARDWARE_TYPES, {name: number for number, name in engine_names.ARP_HARDWARE_TYPES.items()}),
        (trace_names.GRE_PROTOCOLS, {name: number for number, name in engine_names.GRE_PROTOCOLS.items()}),
    ],
)
def test_names_mean_the_same_on_both_sides(ours, engines):
    assert ours.items() <= engines.items()
