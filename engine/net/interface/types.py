"""The argument type that most commands have: the name of an interface."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from engine.cli import Cursor, Type
from engine.cli.types import MANY


class InterfaceName(Type):
    """An interface, by its exact name; gives the Interface. kind: only interfaces of that kind."""

    metavar = "<interface>"

    def __init__(self, kind: str | None = None) -> None:
        self.kind = kind

    def parse(self, cursor: Cursor, vpp: Any) -> Any:
        found = vpp.interfaces.by_name.get(cursor.word())
        return found if found is not None and self.kind in (None, found.kind) else None

    def complete(self, vpp: Any, prefix: str) -> Iterator[tuple[str, str]]:
        named = (
            (name, f"{interface.kind}, {'up' if interface.admin_up else 'down'}")
            for name, interface in vpp.interfaces.by_name.items()
            if name.startswith(prefix) and self.kind in (None, interface.kind)
        )
        return islice(named, MANY + 1)


INTERFACE = InterfaceName()
