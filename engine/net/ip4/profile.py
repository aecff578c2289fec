"""What differs between releases in the IPv4 nodes."""

from dataclasses import dataclass

ERRORS = (
    "valid ip4 packets",
    "ip4 length < 20 bytes",
    "ip4 length > l2 length",
    "bad ip4 checksum",
    "ip4 version != 4",
    "ip4 options present",
    "ip4 fragment offset == 1",
    "ip4 ttl <= 1",
    "ip4 MTU exceeded and DF set",
    "ip4 destination lookup miss",
    "ip4 source lookup miss",
    "ip4 drop",
    "ip4 punt",
    "ip4 egress interface same as ingress",
    "unknown ip protocol",
    "bad tcp checksum",
    "bad udp checksum",
    "inconsistent udp/ip lengths",
    "ip4 unicast source check fails",
    "ip4 spoofed local-address packet drops",
    "input ACL table-miss drops",
    "input ACL session deny drops",
    "output ACL table-miss drops",
    "output ACL session deny drops",
    "Multicast RPF check failed",
)
REASSEMBLY_ERRORS = (
    "duplicate/overlapping fragments",
    "drops due to concurrent reassemblies limit",
    "fragments dropped due to reassembly timeout",
)
INPUT_NEXTS = ("error-drop", "error-punt", "ip4-options", "ip4-lookup", "ip4-mfib-forward-lookup", "ip4-icmp-error")
LOCAL_NEXTS = ("ip4-drop", "ip4-punt", "ip4-udp-lookup", "ip4-icmp-input")


@dataclass(frozen=True)
class Profile:
    """Next nodes and counters; local_fragment_next: where ip4-local sends fragments for the vswitch itself.

    source_verdict_sticks: in ip4-local a packet of the same source as the one before it fares as that one did.
    """

    errors: tuple[str, ...]
    input_nexts: tuple[str, ...]
    local_nexts: tuple[str, ...]
    local_fragment_next: int
    source_verdict_sticks: bool


PROFILES = {
    "18.01": Profile(ERRORS, INPUT_NEXTS, LOCAL_NEXTS, 1, False),
    "18.10": Profile(
        ERRORS + REASSEMBLY_ERRORS, (*INPUT_NEXTS, "ip4-reassembly"), (*LOCAL_NEXTS, "ip4-reassembly"), 4, True
    ),
}
