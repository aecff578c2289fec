"""Tag rewrite, as it is configured and shown."""

import struct
from dataclasses import dataclass

DOT1Q, DOT1AD = 0x8100, 0x88A8
# l2_vtr_op of the binary API: (tags taken off, tags put on)
OPERATIONS = ((0, 0), (0, 1), (0, 2), (1, 0), (2, 0), (1, 1), (1, 2), (2, 1), (2, 2))


@dataclass(frozen=True)
class Rewrite:
    """Tags taken off (how many) and put on (ids, outer first) when a frame comes in. dot1q: 802.1q, else 802.1ad."""

    pops: int = 0
    ids: tuple[int, ...] = ()
    dot1q: bool = True

    @property
    def push_bytes(self) -> bytes:
        """The tags that are put on, as they stand in a frame. An inner tag is always 802.1q."""
        types = [DOT1Q if self.dot1q else DOT1AD, DOT1Q]
        return b"".join(struct.pack(">HH", kind, tag) for kind, tag in zip(types, self.ids, strict=False))

    @property
    def text(self) -> str:
        """As `show bridge-domain detail` has it."""
        if not self.pops and not self.ids:
            return "none"
        if not self.ids:
            return f"pop-{self.pops}"
        name = f"translate-{self.pops}-{len(self.ids)}" if self.pops else f"push-{len(self.ids)}"
        return " ".join([name, "dot1q" if self.dot1q else "dot1ad", *map(str, self.ids)])

    def fields(self) -> dict[str, int]:
        """As sw_interface_details has it."""
        tag1, tag2 = (*self.ids, 0, 0)[:2]
        return {
            "vtr_op": OPERATIONS.index((self.pops, len(self.ids))),
            "vtr_push_dot1q": int(self.dot1q and bool(self.ids)),
            "vtr_tag1": tag1,
            "vtr_tag2": tag2,
        }


NO_REWRITE = Rewrite()
