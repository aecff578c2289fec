"""Roles of interfaces: inside, outside, both, or one of them by the output feature."""

from typing import Any

from .constants import IN, OUT, OUTPUT_IN, OUTPUT_OUT
from .errors import NatError, NoSuchEntry

BOTH = IN | OUT
OUTPUT = OUTPUT_IN | OUTPUT_OUT

# Features by role, as (arc, node)
_FEATURES: dict[int, tuple[tuple[str, str], ...]] = {
    0: (),
    IN: (("ip4-unicast", "{}-in2out"), ("ip4-local", "{}-hairpinning")),
    OUT: (("ip4-unicast", "{}-out2in"),),
    BOTH: (("ip4-unicast", "{}-classify"),),
    OUTPUT_IN: (("ip4-unicast", "{}-hairpin-dst"), ("ip4-output", "{}-hairpin-src")),
    OUTPUT_OUT: (("ip4-unicast", "{}-out2in"), ("ip4-output", "{}-in2out-output")),
}


class Roles:
    """The roles of all interfaces, in the order in which they got them; turns the nodes on and off.

    prefix: of the nodes' names, "nat44" or "nat44-ed".
    """

    def __init__(self, features: Any, prefix: str):
        self.features, self.prefix = features, prefix
        self.by_index: dict[int, int] = {}

    def _nodes(self, role: int) -> list[tuple[str, str]]:
        listed = _FEATURES.get(role)
        if listed is None:  # both by the output feature
            listed = _FEATURES[OUTPUT_IN] + _FEATURES[OUTPUT_OUT]
        return [(arc, node.format(self.prefix)) for arc, node in listed]

    def _change(self, sw_if_index: int, role: int) -> None:
        """Old nodes off, then new ones on: the order in which VPP makes next indices."""
        old, new = self._nodes(self.by_index.get(sw_if_index, 0)), self._nodes(role)
        for arc, node in old:
            if (arc, node) not in new:
                self.features.enable(arc, node, sw_if_index, False)
        for arc, node in new:
            if (arc, node) not in old:
                self.features.enable(arc, node, sw_if_index, True)
        if role:
            self.by_index[sw_if_index] = role
        else:
            self.by_index.pop(sw_if_index, None)

    def check(self, interface: Any, output_feature: bool, add: bool) -> None:
        """Raises NatError for a role that does not go with what the interface has, or has not."""
        role = self.by_index.get(interface.sw_if_index, 0)
        if add and role & (BOTH if output_feature else OUTPUT):
            raise NatError(f"add {interface.name} failed")
        if not add and not role & (OUTPUT if output_feature else BOTH):
            raise NoSuchEntry(f"del {interface.name} failed")

    def set(self, sw_if_index: int, inside: bool, output_feature: bool, add: bool) -> None:
        """Give or take a role; what an interface has, or has not, stays so silently."""
        bit = (OUTPUT_IN if inside else OUTPUT_OUT) if output_feature else (IN if inside else OUT)
        role = self.by_index.get(sw_if_index, 0)
        self._change(sw_if_index, role | bit if add else role & ~bit)

    def forget(self, sw_if_index: int) -> None:
        """An interface is deleted; its features go with it."""
        self.by_index.pop(sw_if_index, None)

    def outside(self) -> list[int]:
        """Interfaces that are outside, in order."""
        return [index for index, role in self.by_index.items() if role & (OUT | OUTPUT_OUT)]
