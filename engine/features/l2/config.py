"""What is enabled on the L2 path of each interface."""

from collections.abc import Iterable
from typing import Any

from .profile import PROFILES, Bits


class L2:
    """The L2 feature bitmaps of a vswitch's interfaces, by sw_if_index."""

    def __init__(self, interfaces: Any, profile: str = "18.01") -> None:
        self.profile = PROFILES[profile]
        self.bitmaps: dict[tuple[int, bool], int] = {}  # by sw_if_index and whether it is input
        interfaces.observe(self)

    def bits(self, is_input: bool) -> Bits:
        return self.profile.input_bits if is_input else self.profile.output_bits

    def set_feature(self, sw_if_index: int, is_input: bool, name: str, on: bool) -> None:
        """Turn a feature of an interface on or off. Raises KeyError for a name that has no bit."""
        names = [bit for bit, _ in self.bits(is_input)]
        if name not in names:
            raise KeyError(name)
        bit = 1 << names.index(name)
        bitmap = self.bitmaps.get((sw_if_index, is_input), 0)
        self.bitmaps[sw_if_index, is_input] = bitmap | bit if on else bitmap & ~bit

    def features(self, sw_if_index: int, is_input: bool) -> Iterable[tuple[str, str]]:
        """(name, node) of what is on, in the order in which frames meet them."""
        bitmap = self.bitmaps.get((sw_if_index, is_input), 0)
        return [pair for bit, pair in reversed(list(enumerate(self.bits(is_input)))) if bitmap >> bit & 1]

    def interface_deleted(self, interface: Any) -> None:
        for is_input in (True, False):
            self.bitmaps.pop((interface.sw_if_index, is_input), None)
