"""Counters of ICMP, shared by name between ip4-icmp-input and ip4-icmp-error."""

ERRORS = (
    "valid packets",
    "unknown type",
    "invalid code for type",
    "hop_limit != 255",
    "payload length too small for type",
    "option has zero length",
    "echo replies sent",
    "icmp6 dst address lookup misses",
    "destination unreachable response sent",
    "hop limit exceeded response sent",
    "parameter problem response sent",
    "error message dropped",
)
