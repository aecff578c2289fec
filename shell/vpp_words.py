"""VPP's tree of command words, as its `?` lists the commands."""

import re
from typing import Any

COLUMN = 40  # of a command's path; what is longer is cut there
ENTRY = re.compile(rf"  ([\w-](?:.{{{COLUMN - 1}}})) (\S.*)")


class WordTree:
    """The commands of a VPP: (words, help) each.

    Args:
        listing: what `?` prints.
    """

    def __init__(self, listing: str) -> None:
        self._commands: list[tuple[list[str], str]] = []
        for line in listing.splitlines():
            entry = ENTRY.fullmatch(line)
            if entry is None:
                continue  # a long help goes on here
            words = entry[1].split()
            if len(entry[1].rstrip()) == COLUMN:
                words.pop()  # it may have been cut
            self._commands.append((words, entry[2]))

    def complete(self, text: str) -> list[tuple[str, str]]:
        """What the last word of `text` could be: (word, one line about it)."""
        *before, prefix = re.split(r"\s+", text.lstrip()) if text.strip() else [""]
        found: dict[str, str] = {}
        place = len(before)
        for words, about in self._below(before):
            if len(words) > place and words[place].startswith(prefix):
                whole = about if len(words) == place + 1 else " ".join([*words[: place + 1], "commands"])
                if len(words) == place + 1 or words[place] not in found:
                    found[words[place]] = whole
        return sorted(found.items())

    def tree(self) -> dict[str, Any]:
        """Words, each with those that may follow it."""
        root: dict[str, Any] = {}
        for words, _ in self._commands:
            node = root
            for word in words:
                node = node.setdefault(word, {})
        return root

    def _below(self, typed: list[str]) -> list[tuple[list[str], str]]:
        """The commands that the words typed, shortened as VPP allows, lead to."""
        commands = self._commands
        for place, word in enumerate(typed):
            at = [(words, about) for words, about in commands if len(words) > place and words[place].startswith(word)]
            meant = {words[place] for words, _ in at}
            if len(meant) > 1 and word not in meant:
                return []
            commands = [(words, about) for words, about in at if len(meant) == 1 or words[place] == word]
        return commands
