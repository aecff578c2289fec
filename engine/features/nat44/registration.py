"""The nodes of NAT44 and their places on the feature arcs."""

from typing import Any

from . import classify, hairpin, in2out, out2in
from .profile import Profile
from .state import NatState

_ACL_IN, _ACL_OUT = ("acl-plugin-in-ip4-fa",), ("acl-plugin-out-ip4-fa",)

# (arc, node, runs before, runs after): the order in which VPP runs them
FEATURES: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("ip4-unicast", "nat44-hairpin-dst", ("ip4-lookup",), _ACL_IN),
    ("ip4-unicast", "nat44-classify", ("ip4-lookup",), (*_ACL_IN, "nat44-hairpin-dst", "ip4-dhcp-client-detect")),
    ("ip4-unicast", "nat44-out2in", ("ip4-lookup",), (*_ACL_IN, "nat44-classify", "ip4-dhcp-client-detect")),
    ("ip4-unicast", "nat44-in2out", ("abf-input-ip4", "ip4-not-enabled"), (*_ACL_IN, "nat44-out2in")),
    ("ip4-output", "nat44-hairpin-src", ("interface-output",), _ACL_OUT),
    ("ip4-output", "nat44-in2out-output", ("interface-output",), (*_ACL_OUT, "nat44-hairpin-src")),
    ("ip4-local", "nat44-hairpinning", ("ip4-local-end-of-arc",), ()),
)


def register(graph: Any, features: Any, state: NatState, profile: Profile) -> None:
    """Add all nodes to the graph and offer them to the arcs."""
    out2in.register(graph, state, profile.out2in_nexts)
    in2out.register(graph, state)
    classify.register(graph, state, "nat44-classify", profile.classify_nexts, profile.classify_errors,
                      profile.classify_trace)  # fmt: skip
    hairpin.register(graph, state)
    for arc, node, before, after in FEATURES:
        features.add_feature(arc, node, runs_before=before, runs_after=after)
