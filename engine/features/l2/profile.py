"""The L2 feature bitmaps of VPP releases: which bit is which feature, and which node serves it."""

from dataclasses import dataclass

Bits = tuple[tuple[str, str], ...]  # (name, node), bit 0 first


@dataclass(frozen=True)
class L2Profile:
    """input_bits, output_bits: features of l2-input and l2-output. Frames meet them from the highest bit down.

    absent: nodes that the release names but has not; they take no next index. acls_first: whether the classifiers
    have the nodes of the ACL plugin before those of the features, or behind. rehooks: whether a change of an ACL list
    gives up the classifier's tables and makes new ones.
    """

    input_bits: Bits
    output_bits: Bits
    absent: frozenset[str]
    acls_first: bool
    rehooks: bool

    def bits(self, is_input: bool) -> Bits:
        """Bits of one direction."""
        return self.input_bits if is_input else self.output_bits

    def feature_nodes(self, is_input: bool) -> tuple[str, ...]:
        """The nodes of the bits, bit 0 first, each once: the order in which feature nodes get their next indices."""
        return tuple(dict.fromkeys(node for _, node in self.bits(is_input) if node not in self.absent))


INPUT_18_01: Bits = (
    ("DROP", "feature-bitmap-drop"),
    ("XCONNECT", "l2-output"),
    ("FLOOD", "l2-flood"),
    ("ARP_TERM", "arp-term-l2bd"),
    ("UU_FLOOD", "l2-flood"),
    ("FWD", "l2-fwd"),
    ("RW", "l2-rw"),
    ("LEARN", "l2-learn"),
    ("L2_EMULATION", "l2-emulation"),
    ("VTR", "l2-input-vtr"),
    ("VPATH", "vpath-input-l2"),
    ("ACL", "l2-input-acl"),
    ("POLICER_CLAS", "l2-policer-classify"),
    ("INPUT_CLASSIFY", "l2-input-classify"),
    ("SPAN", "span-l2-input"),
)
INPUT_18_10: Bits = (
    ("DROP", "feature-bitmap-drop"),
    ("XCONNECT", "l2-output"),
    ("FLOOD", "l2-flood"),
    ("ARP_TERM", "arp-term-l2bd"),
    ("UU_FLOOD", "l2-flood"),
    ("UU_FWD", "l2-uu-fwd"),
    ("GBP_FWD", "gbp-fwd"),
    ("FWD", "l2-fwd"),
    ("RW", "l2-rw"),
    ("LEARN", "l2-learn"),
    ("L2_EMULATION", "l2-emulation"),
    ("GBP_NULL_CLASSIFY", "gbp-null-classify"),
    ("GBP_SRC_CLASSIFY", "gbp-src-classify"),
    ("VTR", "l2-input-vtr"),
    ("L2_IP_QOS_RECORD", "l2-ip-qos-record"),
    ("VPATH", "vpath-input-l2"),
    ("ACL", "l2-input-acl"),
    ("POLICER_CLAS", "l2-policer-classify"),
    ("INPUT_CLASSIFY", "l2-input-classify"),
    ("SPAN", "span-l2-input"),
)
OUTPUT: Bits = (
    ("OUTPUT", "interface-output"),
    ("SPAN", "span-l2-output"),
    ("CFM", "feature-bitmap-drop"),
    ("QOS", "feature-bitmap-drop"),
    ("ACL", "l2-output-acl"),
    ("L2PT", "feature-bitmap-drop"),
    ("EFP_FILTER", "l2-efp-filter"),
    ("IPIW", "feature-bitmap-drop"),
    ("STP_BLOCKED", "feature-bitmap-drop"),
    ("LINESTATUS_DOWN", "feature-bitmap-drop"),
    ("OUTPUT_CLASSIFY", "l2-output-classify"),
    ("XCRW", "l2-xcrw"),
)
NO_VPATH = frozenset({"vpath-input-l2"})
NO_GBP = frozenset({"gbp-fwd", "gbp-null-classify", "gbp-src-classify"})

PROFILES = {
    "18.01": L2Profile(INPUT_18_01, OUTPUT, NO_VPATH, acls_first=False, rehooks=True),
    "18.10": L2Profile(INPUT_18_10, OUTPUT, NO_VPATH | NO_GBP, acls_first=True, rehooks=False),
}
