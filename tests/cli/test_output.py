"""Output in pieces."""

import json

from hypothesis import given
from hypothesis import strategies as st

from engine.cli import Clause, CliError, CommandTable, Loop, Registry
from engine.cli.output import json_pieces, plain

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda each: st.lists(each, max_size=4) | st.dictionaries(st.text(), each, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_json_is_laid_out_as_python_does(value):
    assert "".join(json_pieces(value)) == json.dumps(value, indent=2)


def test_json_of_what_is_still_to_come():
    value = {"rows": ({"n": n, "more": iter([n])} for n in range(2)), 3: b"\x01\xff"}
    assert json.loads("".join(json_pieces(value))) == {
        "rows": [{"n": 0, "more": [0]}, {"n": 1, "more": [1]}],
        "3": "01ff",
    }


def test_plain_data_of_what_is_still_to_come():
    assert plain({"rows": ({"more": iter([n])} for n in range(2))}) == {"rows": [{"more": [0]}, {"more": [1]}]}


def test_a_listing_is_made_as_it_is_read():
    made = []
    commands = CommandTable()

    @commands.command("show numbers", help="", syntax=Loop(), text=lambda data: (f"{n}\n" for n in data))
    def show_numbers(vpp, args):
        return (made.append(n) or n for n in range(1000))

    pieces = Registry([commands]).stream(None, "show numbers")
    assert [next(pieces), next(pieces)] == ["0\n", "1\n"]
    assert made == [0, 1]


def test_an_error_comes_behind_what_was_printed():
    commands = CommandTable()
    commands.command("say", help="")(lambda vpp, args: "said")

    @commands.command("fail", help="", syntax=Clause("now", error="not `{rest}'"))
    def fail(vpp, args):
        pass

    seen = []
    try:
        for piece in Registry([commands]).stream(None, "say fail then"):
            seen.append(piece)
    except CliError as error:
        seen.append(str(error))
    assert seen == ["said", "\n", "fail: not `then'"]
