"""Keys: what is read of a packet, as sessions, rules and traces want it.

`direction` and `both` (the profile: entries for both directions of a session) are constants where these are called.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from ...tables.tuple_space cimport tuple_key_t
from ...wire.headers cimport (
    IP_PROTOCOL_ICMP,
    IP_PROTOCOL_TCP,
    IP_PROTOCOL_UDP,
    ip4_header_t,
    swap16,
    swap32,
)
from .acl cimport (
    DIRECTION_OUTPUT,
    KEY_FLAG_SLOW,
    KEY_FLAGS_SHIFT,
    KEY_INTERFACE_SHIFT,
    KEY_PROTOCOL_SHIFT,
    PACKET_L4_VALID,
    PACKET_LATER_FRAGMENT,
    PACKET_TCP_FLAGS,
    acl_packet_t,
)
from .sessions cimport key_protocol, swap_halves, swap_ports

cdef enum:
    IP4_HEADER = 20             # the L4 header is taken here whatever the header's length, as VPP does
    LEAST_L4 = 8
    TCP_FLAGS_OFFSET = 13


ctypedef struct acl_trace_t:
    uint64_t words[6]
    uint32_t lc_index
    uint32_t sw_if_index
    uint32_t next_index
    uint32_t action
    uint32_t acl_index
    uint32_t rule_index         # of a session: its number
    uint32_t trace_bits
    uint32_t direction


cdef inline uint64_t info_bits(uint8_t bits, int direction, bint both, bint is_ip6) noexcept nogil:
    """What stands above the TCP flags in the last word: in 18.01 the direction too."""
    cdef uint64_t tcp = (bits & PACKET_TCP_FLAGS) != 0
    cdef uint64_t rest = (bits & PACKET_L4_VALID) | (bits & PACKET_LATER_FRAGMENT) >> 1 | is_ip6 << 2
    return tcp | (rest << 1 if both else <uint64_t> direction << 1 | rest << 2)


cdef inline void fill_key(acl_packet_t* packet, const uint8_t* ip, uint32_t length, uint32_t sw_if_index,
                          int direction, bint both) noexcept nogil:
    """The packet's key, as the session table has it. length: bytes from the IP header to the buffer's end."""
    cdef uint64_t addresses, ports = 0, flags = direction
    cdef uint32_t both_ports
    cdef uint8_t proto = (<ip4_header_t*> ip).protocol
    memcpy(&addresses, ip + 12, 8)
    packet.tcp_flags, packet.bits = 0, 0
    if swap16((<ip4_header_t*> ip).flags_and_offset) & 0x0fff:
        packet.bits = PACKET_LATER_FRAGMENT
    elif length >= IP4_HEADER + LEAST_L4:
        if proto == IP_PROTOCOL_TCP or proto == IP_PROTOCOL_UDP:
            memcpy(&both_ports, ip + IP4_HEADER, 4)
            both_ports = swap32(both_ports)
            ports = both_ports >> 16 | both_ports << 16
            packet.tcp_flags = ip[IP4_HEADER + TCP_FLAGS_OFFSET]
            packet.bits = PACKET_L4_VALID | (PACKET_TCP_FLAGS if proto == IP_PROTOCOL_TCP else 0)
        else:
            packet.bits = PACKET_L4_VALID
            flags |= KEY_FLAG_SLOW
            if proto == IP_PROTOCOL_ICMP:
                ports = ip[IP4_HEADER] | <uint64_t> ip[IP4_HEADER + 1] << 16
    ports |= <uint64_t> proto << KEY_PROTOCOL_SHIFT | <uint64_t> (sw_if_index & 0xffff) << KEY_INTERFACE_SHIFT
    if both:
        ports |= flags << KEY_FLAGS_SHIFT
    elif direction == DIRECTION_OUTPUT:
        addresses, ports = swap_halves(addresses), swap_ports(ports)
    packet.key[0], packet.key[1] = addresses, ports
    packet.sw_if_index = sw_if_index


cdef inline void fill_match_key(tuple_key_t* key, acl_packet_t* packet, int direction, bint both) noexcept nogil:
    """What rules look at: the packet as it was seen."""
    cdef uint64_t addresses = packet.key[0], l4 = packet.key[1]
    if direction == DIRECTION_OUTPUT and not both:
        addresses, l4 = swap_halves(addresses), swap_ports(l4)
    key.saddr, key.daddr = <uint32_t> addresses, <uint32_t> (addresses >> 32)
    key.sport, key.dport = <uint16_t> l4, <uint16_t> (l4 >> 16)
    key.proto = key_protocol(l4)
    key.tcp_flags, key.flags = packet.tcp_flags, packet.bits


cdef inline void fill_words(uint64_t* words, acl_packet_t* packet, uint32_t lc_index,
                            int direction, bint both) noexcept nogil:
    """The six words of `pkt info`, as the packet was seen."""
    cdef uint64_t addresses = packet.key[0], l4 = packet.key[1]
    cdef uint64_t info = info_bits(packet.bits, direction, both, False)
    if both:
        words[3], words[4] = addresses, l4
        words[5] = lc_index
    else:
        if direction == DIRECTION_OUTPUT:
            addresses, l4 = swap_halves(addresses), swap_ports(l4)
        words[1], words[3] = addresses << 32, addresses & 0xffffffff00000000U
        words[4], words[5] = l4, packet.sw_if_index
    words[5] |= <uint64_t> 0xffff << 32 | <uint64_t> packet.tcp_flags << 48 | info << 56
