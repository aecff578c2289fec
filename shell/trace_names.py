"""Numbers of the names that VPP prints in traces; the engine prints by tables of its own."""

ETHERTYPES = {
    "IP4": 0x0800,
    "ARP": 0x0806,
    "BRIDGE": 0x6558,
    "REVERSE_ARP": 0x8035,
    "VLAN": 0x8100,
    "IP6": 0x86DD,
    "MPLS": 0x8847,
    "MPLS_MULTICAST": 0x8848,
    "802_1_LLDP": 0x88CC,
}
IP_PROTOCOLS = {
    "ICMP": 1,
    "IGMP": 2,
    "IP_IN_IP": 4,
    "TCP": 6,
    "UDP": 17,
    "IPV6": 41,
    "GRE": 47,
    "IPSEC_ESP": 50,
    "IPSEC_AH": 51,
    "ICMP6": 58,
    "OSPF": 89,
    "VRRP": 112,
    "SCTP": 132,
}
ICMP4_TYPES = {
    "echo_reply": 0,
    "destination_unreachable": 3,
    "source_quench": 4,
    "redirect": 5,
    "echo_request": 8,
    "router_advertisement": 9,
    "router_solicitation": 10,
    "time_exceeded": 11,
    "parameter_problem": 12,
    "timestamp_request": 13,
    "timestamp_reply": 14,
    "traceroute": 30,
}
ICMP4_CODES = {
    "destination_unreachable_net": 0,
    "destination_unreachable_host": 1,
    "protocol_unreachable": 2,
    "port_unreachable": 3,
    "fragmentation_needed_and_dont_fragment_set": 4,
    "source_route_failed": 5,
    "destination_network_unknown": 6,
    "destination_host_unknown": 7,
    "network_administratively_prohibited": 9,
    "host_administratively_prohibited": 10,
    "communication_administratively_prohibited": 13,
    "network_redirect": 0,
    "host_redirect": 1,
    "ttl_exceeded_in_transit": 0,
    "fragment_reassembly_time_exceeded": 1,
    "pointer_indicates_error": 0,
}
ARP_HARDWARE_TYPES = {"ethernet": 1, "ieee_802": 6}
ARP_OPCODES = {"request": 1, "reply": 2}
GRE_PROTOCOLS = {"ip4": 0x0800, "ip6": 0x86DD, "teb": 0x6558}
