"""MAC addresses for interfaces that nobody gave one."""

import random


class MacGenerator:
    """02:fe and four drawn bytes, as VPP makes them; the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def __call__(self) -> bytes:
        return b"\x02\xfe" + self._random.randbytes(4)
