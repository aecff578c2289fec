"""The order in which `show interface features` lists the arcs; those of protocols we do not carry stay empty."""

ARC_ORDER = (
    "nsh-output",
    "mpls-output",
    "mpls-input",
    "ip6-drop",
    "ip6-punt",
    "ip6-local",
    "ip6-output",
    "ip6-multicast",
    "ip6-unicast",
    "ip4-drop",
    "ip4-punt",
    "ip4-local",
    "ip4-output",
    "ip4-multicast",
    "ip4-unicast",
    "ethernet-output",
    "interface-output",
    "device-input",
)
