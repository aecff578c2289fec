"""Whatever is typed, the answer is text or a CliError."""

from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.cli import CliError

WORDS = [
    "show",
    "sh",
    "interface",
    "int",
    "set",
    "state",
    "pg0",
    "pg9",
    "up",
    "ip",
    "arp",
    "trace",
    "add",
    "max",
    "5",
    "-1",
    "10.0.0.1",
    "10.0.0.1/24",
    "02:fe:00:00:00:01",
    "acl-plugin",
    "acl",
    "permit",
    ",",
    "src",
    "{",
    "}",
    "?",
    "help",
    "version",
    "nat44",
    "local",
    "1.2.3.4:80",
    "probability",
    "|",
    "json",
    "\t",
    "features",
    "'",
    "`",
]

lines = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400)
@given(lines)
def test_any_line(vpp, line):
    with suppress(CliError):
        assert isinstance(vpp.registry.run(vpp, line), str)
    for word, about in vpp.registry.complete(vpp, line):
        assert isinstance(word, str)
        assert isinstance(about, str)
