"""VPP's answers to bad and odd commands, word for word."""

import pytest

from .cli_errors import answer, equal, help_entries, ours


@pytest.mark.parametrize(("command", "expected"), ours(), ids=[command for command, _ in ours()])
def test_answer(command, expected):
    actual = answer(command)
    assert equal(command, expected, actual), f"VPP:\n{expected}\nvppsh:\n{actual}"


HELP = """\
  show ip arp                              show ip arp
  show ip fib                              show ip fib [summary] [table <table-id>]
  [index <fib-id>]
  show ip local                            show ip local
"""


def test_what_concerns_what_there_is():
    commands = [command for command, _ in ours()]
    assert len(commands) > 80
    assert "nat44 add static mapping" in commands
    assert "show acl-plugin ?" in commands


def test_help_entries():
    assert [name for name, _ in help_entries(HELP)] == ["show ip arp", "show ip fib", "show ip local"]
    assert help_entries(HELP)[1][1].endswith("\n  [index <fib-id>]")


@pytest.mark.parametrize(
    ("actual", "verdict"),
    [
        (HELP, True),
        ("".join(HELP.splitlines(True)[:1]), True),
        (HELP + "  show ip own                              show ip own\n", True),
        ("".join(HELP.splitlines(True)[:2]), False),
        (HELP.replace("summary", "sum"), False),
        ("".join(reversed(HELP.splitlines(True)[:1] + HELP.splitlines(True)[3:])), False),
        ("", False),
    ],
)
def test_a_list_may_lack_commands_but_not_change_them(actual, verdict):
    assert equal("show ip ?", HELP, actual) == verdict
