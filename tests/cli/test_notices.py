"""What VPP swallows silently: told to who asks, and VPP's own text stays as it is."""

import pytest

from engine import CliError, Engine
from engine.cli import PORT, Clause, CommandTable, Cursor, Reads, Registry


@pytest.fixture
def vpp():
    with Engine() as vpp:
        vpp.cli("create tap id 2")
        yield vpp


def heard(vpp, line):
    """What is told of the line; an engine nobody asks prints the same."""
    notices = []
    with Engine() as other:
        other.cli("create tap id 2")
        other.cli("set interface state tap2 up")
        vpp.cli("set interface state tap2 up")
        assert vpp.registry.run(vpp, line, notices) == other.cli(line)
    return [(notice.message, notice.unread) for notice in notices]


def test_nothing_to_tell(vpp):
    assert heard(vpp, "set interface state tap2 down") == []
    assert heard(vpp, "show interface tap2") == []


def test_a_command_that_does_nothing_without_arguments(vpp):
    assert heard(vpp, "ip route") == [("ip route: does nothing without arguments", None)]


def test_words_that_are_not_read(vpp):
    ((message, unread),) = heard(vpp, "create packet-generator interface pg1 and so on")
    assert message == "create packet-generator: ignored `and so on'"
    assert unread.strip() == "and so on"


def test_numbers_that_are_cut(vpp):
    ((message, unread),) = heard(vpp, "set acl-plugin acl permit proto 6 dport 65616")
    assert message == "set acl-plugin acl: 65616 is cut to 16 bits: 80"
    assert unread.strip() == "65616"
    assert vpp.cli_data("show acl-plugin acl index 0")[0]["rules"][0]["dport"] == [80, 80]


def test_half_a_mapping(vpp):
    ((message, _),) = heard(vpp, "nat44 add static mapping tcp local 10.0.0.1")
    assert "nothing is done" in message


def test_the_error_of_a_sub_command_that_its_parent_hides():
    commands = CommandTable()
    commands.command("set thing", help="", reads=Reads.OPTIONAL_LINE)(lambda vpp, args: None)
    commands.command("set thing colour", help="", syntax=Clause("red", error="no colour `{rest}'"))(
        lambda vpp, args: None
    )
    registry, notices = Registry([commands]), []
    assert registry.run(None, "set thing colour blue", notices) == ""
    assert [(notice.message, notice.unread and notice.unread.strip()) for notice in notices] == [
        ("set thing: ignored `colour blue'", "colour blue"),
        ("`set thing' hides an error: set thing colour: no colour `blue'", "blue"),
    ]
    notices.clear()
    registry.run(None, "set thing", notices)
    registry.run(None, "set thing colour red", notices)
    assert notices == []


def test_within_exec_it_is_told_with_file_and_line(vpp, tmp_path):
    path = tmp_path / "lines"
    path.write_text("show version\n\ncreate packet-generator interface pg1 oops\n")
    notices = []
    vpp.registry.run(vpp, f"exec {path}", notices)
    assert [(notice.file, notice.line) for notice in notices] == [(str(path), 3)]


def test_what_is_in_front_of_an_error_is_told(vpp, tmp_path):
    notices = []
    with pytest.raises(CliError) as error:
        vpp.registry.run(vpp, "set acl-plugin acl permit dport 65537 oops", notices)
    assert error.value.unread.strip() == "oops"
    assert [notice.message for notice in notices] == ["set acl-plugin acl: 65537 is cut to 16 bits: 1"]


@pytest.mark.parametrize(
    ("line", "unread"),
    [
        ("foo bar", "foo bar"),
        ("show foo", "foo"),
        ("set interface state tap9 up", "tap9 up"),
        ("set interface state tap2 sideways", "sideways"),
        ("set interface nat44 in tap2 foo", "foo"),
        ("show version foo", "foo"),
    ],
)
def test_an_error_knows_where_the_line_is_wrong(vpp, line, unread):
    with pytest.raises(CliError) as error:
        vpp.cli(line)
    assert error.value.unread.strip() == unread


@pytest.mark.parametrize(
    ("text", "value", "cuts"),
    [
        ("80", 80, 0),
        ("65535", 65535, 0),
        ("65536", 0, 1),
        ("4294967295", 65535, 1),
        ("4294967296", None, 0),
        ("x", None, 0),
    ],
)
def test_ports(text, value, cuts):
    cursor = Cursor(text)
    assert PORT.parse(cursor, None) == value
    assert len(cursor.cuts) == cuts
