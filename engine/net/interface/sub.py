"""Sub-interfaces: which frames of their parent they take."""

import struct
from dataclasses import dataclass

DOT1Q, DOT1AD = 0x8100, 0x88A8
ANY = 4096  # as an id
# sub_if_flags of the binary API
FLAGS = {"no_tags": 1, "one_tag": 2, "two_tags": 4, "dot1ad": 8, "exact": 16, "default": 32, "outer_any": 64,
         "inner_any": 128}  # fmt: skip


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

    @property
    def n_tags(self) -> int:
        """How many tags its frames have, at least."""
        return 0 if self.kind != "tags" else 1 if self.inner is None else 2

    @property
    def flags(self) -> int:
        """The same as flags of the binary API."""
        names = {"untagged": "no_tags", "default": "default"}
        if self.kind in names:
            return FLAGS[names[self.kind]]
        on = {
            "one_tag": self.inner is None,
            "two_tags": self.inner is not None,
            "dot1ad": self.dot1ad,
            "exact": self.exact,
            "outer_any": self.outer == ANY,
            "inner_any": self.inner == ANY,
        }
        return sum(FLAGS[name] for name, is_on in on.items() if is_on)
