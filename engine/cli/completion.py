"""Completion: what could be the last word of a line, and one line about it."""

import re
from contextlib import suppress
from typing import Any

from .errors import CliError
from .tree import Node
from .types import MANY
from .unformat import Cursor


def complete(root: Node, vpp: Any, text: str, errors: tuple[type[Exception], ...] = ()) -> list[tuple[str, str]]:
    """What could be the last word of `text` (or the next one, after a blank): (word, one line about it).

    Of more than MANY there are the first ones and, as the last, an empty word that says so: then nothing can be
    common to all. errors: what a type may raise besides CliError.
    """
    prefix = re.search(r"\S*$", text)[0]  # type: ignore[index]
    cursor = Cursor(text[: len(text) - len(prefix)], [], prefix)
    assert cursor.suggestions is not None
    _suggest(root, vpp, cursor, errors)
    unique = dict(reversed(cursor.suggestions))
    found = sorted((word, about) for word, about in unique.items() if word and word.startswith(prefix))
    return found if len(found) <= MANY else [*found[:MANY], ("", "there are more: go on typing")]


def _suggest(node: Node, vpp: Any, cursor: Cursor, errors: tuple[type[Exception], ...]) -> None:
    assert cursor.suggestions is not None
    start = cursor.pos
    if cursor.at_end:
        cursor.suggestions += ((word, child.help.partition("\n")[0]) for word, child in node.children.items())
    else:
        word = cursor.command_word()
        child = node.child(word) if word else None
        if child is not None:
            _suggest(child, vpp, cursor, errors)
    if node.command is not None:
        cursor.pos = start
        with suppress(CliError, *errors):  # what was collected on the way is what fits
            node.command.syntax.parse(cursor, vpp)
