"""The rooms of the house, in the order in which their nodes and features are registered."""

from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .engine import Engine


def add_rooms(vpp: "Engine") -> tuple[list[ModuleType], list[ModuleType]]:
    """Build every protocol and feature onto the engine; returns their command and message modules."""
    return [], []
