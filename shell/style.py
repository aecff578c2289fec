"""Colours: of the line being typed, and of what the engine prints."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style

from .pipes import VERBS, cut

STYLE = Style.from_dict(
    {
        "command": "ansigreen bold",
        "unknown": "ansired",
        "address": "ansicyan",
        "number": "ansiyellow",
        "drop": "ansired bold",
        "pipe": "ansimagenta",
        "bottom-toolbar": "noreverse ansibrightblack",
        "bottom-toolbar.fresh": "noreverse ansired",
    }
)

ADDRESS = r"(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?(?::\d{1,5})?|(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}"
DROP = r"\b(?:error-drop|drops?|dropped|deny|denied|punt(?:ed)?)\b|\S*-drop\b"
RED, CYAN, YELLOW, PLAIN = "\x1b[1;31m", "\x1b[36m", "\x1b[33m", "\x1b[0m"

_OUTPUT = re.compile(rf"(?P<address>(?<![\w.:])(?:{ADDRESS})(?![\w.]))|(?P<drop>{DROP})")
_WORD = re.compile(r"\s+|\S+")
_KINDS = (
    ("class:address", re.compile(rf"(?:{ADDRESS})\Z")),
    ("class:drop", re.compile(r"(?:drop|deny|discard)\Z")),
    ("class:number", re.compile(r"(?:\d+|0x[0-9a-fA-F]+)(?:-\d+)?\Z")),
)

Words = dict[str, Any]  # the words that may stand here, each with those that may follow it


def coloured(text: str) -> str:
    """Output with addresses and drops marked; nothing but escape sequences is added."""
    return _OUTPUT.sub(lambda found: f"{RED if found['drop'] else CYAN}{found[0]}{PLAIN}", text)


def warning(text: str) -> str:
    """A line of the console's own, beside what VPP says; a newline at its end stays there."""
    line = text.removesuffix("\n")
    return f"{YELLOW}{line}{PLAIN}{text[len(line) :]}"


def meant(words: Words, word: str) -> str | None:
    """The word that is meant: that very one, or the only one that begins so."""
    if word in words:
        return word
    found = [each for each in words if each.startswith(word)]
    return found[0] if len(found) == 1 else None


class LineLexer(Lexer):
    """Colours a line as it is typed.

    Args:
        tree: gives the command words there are, the console's own among them.
    """

    def __init__(self, tree: Callable[[], Words]) -> None:
        self._tree = tree

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """The pieces of a line with their styles."""
        lines = document.lines

        def line(number: int) -> StyleAndTextTuples:
            return list(self.pieces(lines[number])) if number < len(lines) else []

        return line

    def pieces(self, text: str) -> Iterable[tuple[str, str]]:
        """(style, piece) of all the text."""
        command = text
        if "|" in text:
            piped = len(cut(text)) - 1
            for _ in range(piped):
                command = command[: command.rfind("|")]
        yield from self._command(command)
        verb = False
        for piece in re.findall(r"\||\s+|[^\s|]+", text[len(command) :]):
            known = verb and any(each.startswith(piece) for each in VERBS)
            yield ("class:pipe" if piece == "|" or known else ""), piece
            verb = piece == "|" or (verb and piece.isspace())

    def _command(self, text: str) -> Iterable[tuple[str, str]]:
        words: Words = self._tree()
        known = True
        for found in _WORD.finditer(text):
            piece, finished = found[0], found.end() < len(text)
            if piece.isspace():
                yield "", piece
                continue
            if known and words:
                word = meant(words, piece)
                if word is not None:
                    words = words[word]
                    yield "class:command", piece
                    continue
                if words is self._tree() and finished and piece not in ("?", "help"):
                    yield "class:unknown", piece
                    known = False
                    continue
            known = False
            yield next((style for style, pattern in _KINDS if pattern.match(piece)), ""), piece
