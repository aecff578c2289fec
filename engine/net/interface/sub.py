"""Sub-interfaces: which frames of their parent they take."""

import struct
from dataclasses import dataclass

DOT1Q, DOT1AD = 0x8100, 0x88A8
ANY = 4096  # as an id


@dataclass(frozen=True)
class SubMatch:
    """The tags of the frames a sub-interface takes.

    kind: "tags", "untagged", or "default" for what nobody else takes. outer, inner: ids, ANY for any; inner None for
    one tag. dot1ad: type of the outer tag, else 802.1Q. exact: with it no more tags may follow.
    """

    kind: str = "tags"
    outer: int = ANY
    inner: int | None = None
    dot1ad: bool = False
    exact: bool = False

    @property
    def tags(self) -> bytes:
        """What frames that leave by the sub-interface have behind their MAC addresses; ids that may be any are not."""
        if self.kind != "tags" or self.outer == ANY:
            return b""
        tags = struct.pack(">HH", DOT1AD if self.dot1ad else DOT1Q, self.outer)
        if self.inner is None or self.inner == ANY:
            return tags
        return tags + struct.pack(">HH", DOT1Q, self.inner)
