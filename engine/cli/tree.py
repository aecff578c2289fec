"""The tree of command words."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .declare import Command


@dataclass
class Node:
    """A word of the tree."""

    path: str = ""
    children: dict[str, "Node"] = field(default_factory=dict)
    command: Command | None = None
    level_help: str | None = None

    @property
    def help(self) -> str:
        """The help of its command or level."""
        if self.command is not None:
            return self.command.help
        return self.level_help or f"{self.path} commands"

    def child(self, word: str) -> "Node | None":
        """The child a word means: that very word, or the only one it begins."""
        if word in self.children:
            return self.children[word]
        matches = [child for name, child in self.children.items() if name.startswith(word)]
        return matches[0] if len(matches) == 1 else None

    def add(self, path: str) -> "Node":
        """The node of a path below, made where it is missing."""
        node = self
        for word in path.split():
            node = node.children.setdefault(word, Node(f"{node.path} {word}".strip()))
        return node

    def words(self) -> dict[str, Any]:
        """The words below, each with those below it."""
        return {word: child.words() for word, child in self.children.items()}

    def runnable(self) -> Iterator["Node"]:
        """Itself and all below that are commands."""
        if self.command is not None:
            yield self
        for child in self.children.values():
            yield from child.runnable()


def by_path(node: Node) -> str:
    """Sort key: by name, what is the beginning of another after it."""
    return node.path + "\x7f"
