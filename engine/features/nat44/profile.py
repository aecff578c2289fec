"""What NAT44 did in the releases of VPP that an engine can be."""

from dataclasses import dataclass

from ...core.trace import TraceFormat
from .constants import (
    ENDPOINT_DEPENDENT,
    FORWARD_BYPASS,
    FRAGMENTS_FIRST,
    IDENTITY_SESSIONS,
    PASS_FRAGMENTS,
    PROTOCOL_SESSIONS,
    TCP_STATES,
    TCP_SYNS,
)
from .trace import CLASSIFY

REASSEMBLY_ERRORS = ("Maximum reassemblies exceeded", "Maximum fragments per reassembly exceeded")


@dataclass(frozen=True)
class Profile:
    """policy: how far the nodes go. mixed: load-balanced, twice-nat and out2in-only mappings in the one mode there is.

    out2in_nexts, classify_nexts: declared next nodes. classify_trace: None where nat44-classify leaves no entry.
    """

    policy: int
    mixed: bool
    out2in_nexts: tuple[str, ...]
    classify_nexts: tuple[str, ...]
    classify_errors: tuple[str, ...]
    classify_trace: TraceFormat | None


_OUT2IN = ("error-drop", "ip4-lookup", "ip4-icmp-error", "nat44-out2in-reass")
_CLASSIFY = ("nat44-in2out", "nat44-out2in")

PROFILES = {
    "18.01": Profile(
        policy=IDENTITY_SESSIONS | TCP_STATES | FORWARD_BYPASS | PROTOCOL_SESSIONS | PASS_FRAGMENTS,
        mixed=True,
        out2in_nexts=(*_OUT2IN, "nat44-in2out"),
        classify_nexts=_CLASSIFY,
        classify_errors=(),
        classify_trace=None,
    ),
    "18.10": Profile(
        policy=FRAGMENTS_FIRST,
        mixed=False,
        out2in_nexts=_OUT2IN,
        classify_nexts=(*_CLASSIFY, "error-drop"),
        classify_errors=REASSEMBLY_ERRORS,
        classify_trace=CLASSIFY,
    ),
}

# With `nat { endpoint-dependent }`, which 18.01 did not have: there it is 18.10's
ENDPOINT_DEPENDENT_MODE = Profile(
    policy=FORWARD_BYPASS
    | PROTOCOL_SESSIONS
    | FRAGMENTS_FIRST
    | TCP_SYNS
    | TCP_STATES
    | ENDPOINT_DEPENDENT
    | PASS_FRAGMENTS,
    mixed=False,
    out2in_nexts=(
        "error-drop",
        "ip4-lookup",
        "ip4-icmp-error",
        "nat44-ed-in2out",
        "nat44-ed-out2in-slowpath",
        "nat44-ed-out2in-reass",
    ),
    classify_nexts=("nat44-ed-in2out", "nat44-ed-out2in", "error-drop"),
    classify_errors=REASSEMBLY_ERRORS,
    classify_trace=CLASSIFY,
)
