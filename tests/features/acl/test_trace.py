"""Trace entries against those that VPP printed (entries-18.01.txt, entries-18.10.txt: node, then its three lines)."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine import Engine
from engine.features.acl import trace
from engine.features.acl.profile import PROFILES

from .packets import TCP, UDP, Packet, send

HEAD = re.compile(
    r"acl-plugin: (?:lc_index: (?P<lc>\d+), )?sw_if_index (?P<sw>\d+), next index (?P<next>\d+), "
    r"action: (?P<action>\d), match: acl (?P<acl>-?\d+) rule (?P<rule>-?\d+) trace_bits (?P<bits>[0-9a-f]{8})$"
)


def entries(profile: str) -> list[list[str]]:
    text = (Path(__file__).parent / f"entries-{profile}.txt").read_text()
    return [entry.split("\n") for entry in text.strip().split("\n\n")]


def words_of(entry: list[str]) -> tuple[int, ...]:
    return tuple(int(word, 16) for word in entry[2].split()[2:])


CASES = [
    pytest.param(profile, entry, id=f"{profile}-{i}")
    for profile in PROFILES
    for i, entry in enumerate(entries(profile))
]


@pytest.mark.parametrize(("profile", "entry"), CASES)
def test_record_reads_as_vpp_prints_it(profile, entry):
    head = {
        name: int(value or "0", 16 if name == "bits" else 10)
        for name, value in HEAD.match(entry[1]).groupdict().items()
    }
    unsigned = [value & 0xFFFFFFFF for value in (head["acl"], head["rule"])]
    record = trace.ENTRY.pack(
        *words_of(entry),
        head["lc"],
        head["sw"],
        head["next"],
        head["action"],
        *unsigned,
        head["bits"],
        "-in-" in entry[0],
    )
    vpp = SimpleNamespace(acl=SimpleNamespace(profile=PROFILES[profile]))
    assert trace.text(trace.decode(record, vpp)).split("\n") == entry[1:]


def packet_of(profile: str, words: tuple[int, ...]) -> Packet:
    said = trace.describe_words(words, PROFILES[profile].has_lc_index)
    return Packet(
        said["src"],
        said["dst"],
        said["proto"],
        said["sport"],
        said["dport"],
        said["tcp_flags"],
        later_fragment=bool(said["later_fragment"]),
        short=not said["l4_valid"] and not said["later_fragment"],
    )


@pytest.mark.parametrize(("profile", "entry"), [case for case in CASES if "-in-ip4-fa" in case.values[1][0]])
def test_words_are_made_as_vpp_makes_them(profile, entry):
    """The packet an entry shows enters by an interface of that number, where an ACL permits everything."""
    words = words_of(entry)
    packet = packet_of(profile, words)
    sw_if_index = int(HEAD.match(entry[1])["sw"])
    vpp = Engine(profile=profile)
    for number in range(sw_if_index):
        vpp.cli(f"create packet-generator interface pg{number}")
    vpp.cli("set acl-plugin acl permit")
    name = f"pg{sw_if_index - 1}"
    for line in (f"mac address {name} 02:fe:00:00:00:{sw_if_index - 1:02x}", f"state {name} up"):
        vpp.cli(f"set interface {line}")
    vpp.cli(f"set interface ip address {name} 192.0.2.1/24")
    vpp.cli(f"set acl-plugin interface {name} input acl 0")
    made = send(vpp, sw_if_index - 1, packet)[0][0]["words"]
    context = 0xFFFFFFFF if profile == "18.10" else 0  # which depends on the configuration
    tcp_byte = 0 if packet.proto == TCP else 0xFF << 48  # of other protocols it is payload
    ignored = context | tcp_byte
    assert made[:5] == list(words[:5])
    assert made[5] & ~ignored == words[5] & ~ignored


@pytest.mark.parametrize(("profile", "expected"), [("18.01", 0x0466), ("18.10", 0x0266)])
def test_byte_of_tcp_flags_of_udp_is_payload(profile, expected):
    vpp = Engine(profile=profile)
    for line in (
        "create packet-generator interface pg0",
        "set interface mac address pg0 02:fe:00:00:00:00",
        "set interface state pg0 up",
        "set interface ip address pg0 192.0.2.1/24",
        "set acl-plugin acl permit",
        "set acl-plugin interface pg0 input acl 0",
    ):
        vpp.cli(line)
    frame = bytearray(Packet("192.0.2.2", "192.0.2.3", UDP).frame())
    frame[14 + 20 + 8 : 14 + 20 + 14] = b"abcdef"
    vpp.cli("trace add pg-input 1")
    vpp.replay({"pg0": [bytes(frame)]})
    entry = vpp.cli_data("show trace")["packets"][0]["entries"][3]
    is_input = 0x0200 if profile == "18.01" else 0
    assert entry["data"]["words"][5] >> 48 == expected | is_input
