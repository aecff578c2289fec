"""What all input nodes of devices have in common."""

# They are siblings in VPP: one table of next nodes for all
INPUT_NEXT_NODES = (
    "ip4-input-no-checksum",
    "ip4-input",
    "ip6-input",
    "mpls-input",
    "ethernet-input",
    "error-drop",
)
