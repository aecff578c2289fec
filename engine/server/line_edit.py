"""VPP's line editor: keys in, what the terminal is to show out."""

from collections.abc import Callable

Complete = Callable[[str], list[str]]  # the words that the last one of a line could be

LONGEST = 1 << 14  # characters of a line
BELL = "\a"
GAP = 2  # blanks between columns of completions


class LineEditor:
    """A line being typed, and those typed before.

    Args:
        prompt: printed again where the line has to be.
        complete: what Tab asks.
        limit: lines that are remembered.
    """

    def __init__(self, prompt: str, complete: Complete, limit: int = 50) -> None:
        self.prompt = prompt
        self.history: list[str] = []
        self.limit = limit
        self.width = 80
        self.text = ""
        self._typed = 0  # lines ever remembered
        self._complete = complete
        self._cursor = 0
        self._place = 0  # in the history
        self._search: str | None = None
        self._actions: dict[str, Callable[[], str]] = {
            "left": lambda: self._go(self._cursor - 1),
            "right": lambda: self._go(self._cursor + 1),
            "home": lambda: self._go(0),
            "end": lambda: self._go(len(self.text)),
            "word left": lambda: self._go(
                len(self.text[: self._cursor].rstrip().rpartition(" ")[0]) + self._word_gap()
            ),
            "word right": lambda: self._go(self._next_word()),
            "erase": lambda: self._replace(self._cursor - 1, self._cursor, ""),
            "delete": lambda: self._replace(self._cursor, self._cursor + 1, ""),
            "kill left": lambda: self._replace(0, self._cursor, ""),
            "kill right": lambda: self._replace(self._cursor, len(self.text), ""),
            "interrupt": lambda: "^C\n" + self.prompt + self._set(""),
            "up": lambda: self._recall(-1),
            "down": lambda: self._recall(1),
            "tab": self._tab,
            "redraw": lambda: "\n" + self.prompt + self.text + "\b" * (len(self.text) - self._cursor),
            "search back": lambda: self._look(""),
            "search on": lambda: self._look(""),
        }

    def key(self, key: str) -> str:
        """Do what a key (not Enter) asks; returns what the terminal shows."""
        if self._search is not None and len(key) == 1:
            return self._look(key)
        if not key.startswith("search"):
            self._search = None
        if len(key) > 1:
            return self._actions[key]() if key in self._actions else ""
        return self._replace(self._cursor, self._cursor, key) if len(self.text) < LONGEST else BELL

    def enter(self) -> str:
        """The finished line; the next one is empty."""
        line, self.text = self.text, ""
        self._cursor, self._search = 0, None
        if line.strip() and self.limit and self.history[-1:] != [line]:
            self.history = [*self.history, line][-self.limit :]
            self._typed += 1
        self._place = len(self.history)
        return line

    def numbered(self) -> list[tuple[int, str]]:
        """The lines that are remembered, with the numbers they were given."""
        return list(enumerate(self.history, self._typed - len(self.history) + 1))

    # what keys do: change the line, and tell what to print for it

    def _go(self, to: int) -> str:
        to = max(0, min(to, len(self.text)))
        shown = "\b" * (self._cursor - to) + self.text[self._cursor : to]
        self._cursor = to
        return shown

    def _replace(self, start: int, end: int, by: str) -> str:
        """Put `by` between start and end; the cursor stands behind it."""
        if start < 0:
            return ""
        old = len(self.text)
        back = self._go(start)
        tail = self.text[end:]
        self.text = self.text[:start] + by + tail
        blanks = " " * (old - len(self.text))
        self._cursor = start + len(by)
        return back + by + tail + blanks + "\b" * (len(tail) + len(blanks))

    def _set(self, text: str) -> str:
        """Put another line in the place of this one."""
        return self._replace(0, len(self.text), text)

    def _word_gap(self) -> int:
        return 1 if " " in self.text[: self._cursor].rstrip() else 0

    def _next_word(self) -> int:
        rest = self.text[self._cursor :]
        word = len(rest) - len(rest.partition(" ")[2].lstrip())
        return self._cursor + (word if " " in rest else len(rest))

    def _recall(self, step: int) -> str:
        """Another line of the history; beyond either end is an empty one."""
        self._place = (self._place + step) % (len(self.history) + 1)
        return self._set(self.history[self._place] if self._place < len(self.history) else "")

    def _look(self, letter: str) -> str:
        """Search the history backwards for what is typed from now on; asked again, for an older line."""
        again = self._search is not None and not letter
        if self._search is None:
            self._place = len(self.history)
        self._search = (self._search or "") + letter
        last = self._place if again else min(self._place + 1, len(self.history))
        for place in range(last - 1, -1, -1):
            if self._search and self._search in self.history[place]:
                self._place = place
                return self._set(self.history[place])
        return self._set("") if not self._search else BELL

    def _tab(self) -> str:
        """Complete the word before the cursor, or show what it could be."""
        head, tail = self.text[: self._cursor], self.text[self._cursor :]
        if tail and not tail[0].isspace():
            return BELL
        words = self._complete(head)
        begun = 0 if head[-1:].isspace() or not head else len(head.split()[-1])
        if len(words) == 1:
            return self._replace(self._cursor - begun, self._cursor, words[0] + ("" if tail else " "))
        if not words:
            return BELL
        return "\n" + columns(words, self.width) + self.prompt + self.text + "\b" * len(tail)


def columns(words: list[str], width: int) -> str:
    """Words in columns as wide as the longest and a gap."""
    column = max(map(len, words)) + GAP
    per_line = max(width // column, 1)
    rows = [words[at : at + per_line] for at in range(0, len(words), per_line)]
    return "".join("".join(word.ljust(column) for word in row) + "\n" for row in rows)
