"""Completion on the console: the engine's words and live values, the console's own words, pipes and files."""

import re
from collections.abc import Iterable
from pathlib import Path

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from .client import Client, RemoteError, UnreachableError
from .diagram.command import begins
from .lab import Session
from .pipes import VERBS, cut
from .style import Words

OWN = {
    "history": "the lines typed here",
    "quit": "leave; q and exit do too",
    "replay": "FILE interface NAME: packets through the engine, with a bar",
    "set": "",
    "watch": "SECONDS COMMAND: run it again and again, changes marked",
}
TERMINAL = {
    "strict": "on|off: warn of what VPP swallows silently",
    "pager": "on|off: long output page by page",
    "colour": "on|off: addresses and drops in colour",
}
SHOW = {
    "trace": {"browse": "look through the traced packets on the whole screen"},
    "show": {"graph": "[file PATH]: draw the nodes, and how many packets went where, as SVG (or a page, .html)"},
    "show trace": {"diagram": "[packet N] [file PATH]: draw the way of the packets, as SVG and a page"},
}
OPTIONS = {
    "show trace diagram": {"packet": "N: that one alone", "file": "PATH: .svg with a page beside it, or .html"},
    "show graph": {"file": "PATH: .svg, or .html for a page that reloads itself"},
}
REPLAY = {
    "interface": "where the packets enter",
    "speed": "N times the capture's own, realtime, or max",
    "trace": "how many packets to trace",
}

Pairs = list[tuple[str, str]]


def with_own_words(engine: Words) -> Words:
    """The engine's tree of command words, and the console's own in it."""
    tree = own_words()
    _merge(tree, engine)
    return tree


def _merge(tree: Words, more: Words) -> None:
    for word, below in more.items():
        _merge(tree.setdefault(word, {}), below)


def own_words() -> Words:
    """The console's own command words, as a tree."""
    tree: Words = {word: {} for word in OWN}
    tree["show"] = {"graph": {"file": {}}, "trace": {"diagram": {"packet": {}, "file": {}}}}
    tree["trace"] = {"browse": {}}
    tree["set"] = {"terminal": {word: {"on": {}, "off": {}} for word in TERMINAL}}
    return tree


class EngineCompleter(Completer):
    """Asks the engine's command tree, live values included, and knows the console's own words."""

    def __init__(self, client: Client | Session) -> None:
        self._client = client

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """What could be the word before the cursor."""
        text = document.text_before_cursor
        begun = begun_word(text)
        try:
            found = self._found(text)
        except (UnreachableError, RemoteError):
            return  # the next line typed will tell
        for word, about in found:
            if not word:  # there are too many: nothing is common to all of them
                yield Completion("", display="...", display_meta=about)
                continue
            end = "" if word.endswith("/") else " "
            yield Completion(word + end, start_position=-len(begun), display=word, display_meta=about)

    def _found(self, text: str) -> Pairs:
        *before, last = cut(text)
        if before:
            return pipe_words(last if not text[-1:].isspace() else last + " ")
        words, begun = text.split(), begun_word(text)
        if begun:
            words.pop()
        if words[:1] == ["watch"]:
            watched = re.match(r"\s*watch\s+\S+\s+(.*)", text)
            return self._client.complete(watched[1]) if watched else []
        if words[:1] == ["replay"]:
            return self._replay(words[1:], begun)
        if words[:1] == ["set"] and "terminal".startswith(words[1] if len(words) > 1 else "-"):
            return matching(TERMINAL if len(words) == 2 else {"on": "", "off": ""}, begun)
        option = self._drawing(words, begun)
        if option is not None:
            return option
        own = matching(OWN, begun) if not words else matching(_named(SHOW, words) or {}, begun)
        own += [("terminal", "of this console")] if words == ["set"] and "terminal".startswith(begun) else []
        known = self._client.complete(text)
        return sorted({word: about for word, about in [*own, *known] if word}.items()) + [
            pair for pair in known if not pair[0]
        ]

    def _drawing(self, words: list[str], begun: str) -> Pairs | None:
        """What may follow behind the words of a picture; None where these are other words."""
        behind = next((n for n in (2, 3) if _named(OPTIONS, words[:n])), None)
        if behind is None:
            return None
        if len(words) > behind and words[-1] in ("file", "packet"):
            return files(begun) if words[-1] == "file" else []
        return matching(_named(OPTIONS, words[:behind]) or {}, begun)

    def _replay(self, words: list[str], begun: str) -> Pairs:
        match words:
            case [*_, "interface"]:
                return self._client.complete("set interface state " + begun)
            case [*_, "speed"]:
                return matching({"realtime": "as it was captured", "max": "as fast as it goes"}, begun)
            case [*_, "interface", _] | [*_, "speed" | "trace", _]:
                return matching(REPLAY, begun) + files(begun)
            case [] | [*_, "trace"]:
                return files(begun) if not words else []
        return matching(REPLAY, begun)


def _named(trees: dict[str, dict[str, str]], words: list[str]) -> dict[str, str] | None:
    """What stands under a name that these words are, or shorten."""
    paths = {tuple(name.split()): tree for name, tree in trees.items()}
    return next((tree for path, tree in paths.items() if len(words) == len(path) and begins(words, path)), None)


def begun_word(text: str) -> str:
    """The beginning of the word before the cursor."""
    return "" if text[-1:].isspace() or not text else text.split()[-1]


def matching(words: dict[str, str], begun: str) -> Pairs:
    """Those that begin so."""
    return [(word, about) for word, about in words.items() if word.startswith(begun)]


def pipe_words(pipe: str) -> Pairs:
    """What could stand in a pipe."""
    words = pipe.split()
    if not words or (len(words) == 1 and not pipe[-1:].isspace()):
        return matching(VERBS, words[0] if words else "")
    return files(begun_word(pipe)) if "save".startswith(words[0]) else []


def files(begun: str) -> Pairs:
    """Files whose path begins so."""
    folder = begun[: begun.rfind("/") + 1]
    try:
        entries = list(Path(folder or ".").expanduser().iterdir())
    except OSError:
        return []
    shown = [each for each in entries if (folder + each.name).startswith(begun) and not each.name.startswith(".")]
    return sorted((f"{folder}{each.name}/", "folder") if each.is_dir() else (folder + each.name, "") for each in shown)
