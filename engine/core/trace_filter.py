"""`trace filter`: which of the traced packets are shown."""

from typing import Any


class TraceFilter:
    """Keeps packets whose path has, or lacks, a node; at most so many of them."""

    def __init__(self) -> None:
        self.set(None, None, 0)

    def set(self, include: str | None, exclude: str | None, count: int | None) -> None:
        """One of include and exclude names a node; neither: everything is shown."""
        self.include, self.exclude, self.count = include, exclude, count or 0

    def as_dict(self) -> dict[str, Any] | None:
        """The filter in force; None when everything is shown."""
        if self.include is None and self.exclude is None:
            return None
        return {"include": self.include, "exclude": self.exclude, "count": self.count}

    def choose(self, packets: list[list[Any]]) -> list[list[Any]]:
        """The packets to show; each is a list of (time, node, data)."""
        node = self.include or self.exclude
        if node is None:
            return packets
        wanted = self.include is not None
        chosen = [entries for entries in packets if any(info.name == node for _, info, _ in entries) == wanted]
        return chosen[: self.count]
