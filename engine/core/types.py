"""Argument types of the core's own things."""

from typing import Any

from engine.cli import CliError, Cursor, Type


class NodeName(Type):
    """A node of the graph, by its name. only_inputs: complete with those that can start traces."""

    metavar = "<node>"

    def __init__(self, only_inputs: bool = False) -> None:
        self.only_inputs = only_inputs

    def parse(self, cursor: Cursor, vpp: Any) -> str | None:
        name = cursor.word()
        return name if name in vpp.graph.by_name else None

    def complete(self, vpp: Any, prefix: str) -> list[tuple[str, str]]:
        return [(node.name, node.kind) for node in vpp.graph.nodes if node.traceable or not self.only_inputs]


class FilterText(Type):
    """A tcpdump expression: in quotes of either kind, in braces, or a single word."""

    metavar = '"<expression>"'

    def parse(self, cursor: Cursor, vpp: Any) -> str | None:
        for quote in "\"'":
            if cursor.literal(quote):
                text, closed, _ = cursor.text[cursor.pos :].partition(quote)
                cursor.pos += len(text) + 1
                if not closed:
                    raise CliError(f"the filter's closing {quote} is missing")
                return text
        return cursor.group()
