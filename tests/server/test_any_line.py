"""Whatever is typed at the engine's own commands, the answer is text or a CliError, and the engine goes on."""

import re
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import CliError, Engine

VALUES = [
    *(
        "pg0",
        "pg1",
        "loop0",
        "local0",
        "tap2",
        "pg9",
        "pg0.10",
        "0",
        "1",
        "5",
        "-1",
        "0x10",
        "65535",
        "65536",
        "4294967295",
    ),
    *("99999999999999999999", "10.0.0.1", "10.0.0.1/24", "0.0.0.0/0", "255.255.255.255/32", "300.1.1.1", "10.0.0.1:80"),
    *(
        "02:fe:00:00:00:01",
        "0200.0000.0001",
        "ff:ff:ff:ff:ff:ff",
        "{",
        "}",
        ",",
        "-",
        "?",
        "help",
        "| json",
        "ethernet-input",
    ),
]
SETUP = [
    "create packet-generator interface pg0",
    "create packet-generator interface pg1",
    "create loopback interface",
    "set interface state pg0 up",
    "set interface ip address pg0 10.0.0.1/24",
]


@pytest.fixture(scope="module")
def vpp():
    with Engine(profile="18.10") as vpp:
        for line in SETUP:
            vpp.cli(line, check=False)
        yield vpp


def lines():
    """Command paths, followed by words of their help and values of all kinds."""
    with Engine(profile="18.10") as vpp:
        commands = [each for each in vpp.registry.commands() if each.path not in ("exec", "uncomment")]
    words = {each.path: re.findall(r"[\w+-]+", each.help) for each in commands}
    return st.sampled_from(sorted(words)).flatmap(
        lambda path: st.lists(st.sampled_from([*words[path], *VALUES]), max_size=8).map(
            lambda arguments: " ".join([path, *arguments])
        )
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=1500, deadline=None)
@given(lines())
def test_any_line(vpp, line):
    with suppress(CliError):
        assert isinstance(vpp.cli(line), str)
    assert all(word and isinstance(about, str) for word, about in vpp.registry.complete(vpp, line))
