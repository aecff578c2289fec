"""The nodes of NAT44 and their places on the feature arcs."""

from typing import Any

from . import classify, ed_in2out, ed_out2in, fragments, hairpin, in2out, out2in, reassembly
from .profile import Profile
from .state import NatState

_ACL_IN, _ACL_OUT = ("acl-plugin-in-ip4-fa",), ("acl-plugin-out-ip4-fa",)

# (arc, node, runs before, runs after): the order in which VPP runs them; {} is "nat44" or "nat44-ed"
FEATURES: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("ip4-unicast", "{}-hairpin-dst", ("ip4-lookup",), _ACL_IN),
    ("ip4-unicast", "{}-classify", ("ip4-lookup",), (*_ACL_IN, "{}-hairpin-dst", "ip4-dhcp-client-detect")),
    ("ip4-unicast", "{}-out2in", ("ip4-lookup",), (*_ACL_IN, "{}-classify", "ip4-dhcp-client-detect")),
    ("ip4-unicast", "{}-in2out", ("abf-input-ip4", "ip4-not-enabled"), (*_ACL_IN, "{}-out2in")),
    ("ip4-output", "{}-hairpin-src", ("interface-output",), _ACL_OUT),
    ("ip4-output", "{}-in2out-output", ("interface-output",), (*_ACL_OUT, "{}-hairpin-src")),
    ("ip4-local", "{}-hairpinning", ("ip4-local-end-of-arc",), ()),
)


def register(graph: Any, features: Any, state: NatState, profile: Profile, prefix: str) -> None:
    """Add all nodes to the graph, in the order in which `show errors` lists them, and offer them to the arcs."""
    hairpin.register(graph, state, prefix)
    reassembly.register_out2in(graph, state, prefix, profile.out2in_nexts)
    if prefix == "nat44":
        out2in.register(graph, state, profile.out2in_nexts)
        reassembly.register_in2out(graph, state, prefix)
        in2out.register(graph, state)
    else:
        ed_out2in.register(graph, state, profile.out2in_nexts)
        reassembly.register_in2out(graph, state, prefix)
        ed_in2out.register(graph, state)
    classify.register(graph, state, f"{prefix}-classify", profile.classify_nexts, profile.classify_errors,
                      profile.classify_trace)  # fmt: skip
    fragments.register_expiry(graph, state)
    for arc, node, before, after in FEATURES:
        features.add_feature(arc, node.format(prefix), runs_before=tuple(each.format(prefix) for each in before),
                             runs_after=tuple(each.format(prefix) for each in after))  # fmt: skip
