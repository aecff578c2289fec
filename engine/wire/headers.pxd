"""Wire headers as packed structs; all fields in network order unless said otherwise."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t

cdef enum:
    ETHERTYPE_IP4 = 0x0800
    ETHERTYPE_ARP = 0x0806
    ETHERTYPE_DOT1Q = 0x8100
    ETHERTYPE_IP6 = 0x86dd
    ETHERTYPE_MPLS = 0x8847
    ETHERTYPE_DOT1AD = 0x88a8
    ETHERTYPE_QINQ_9100 = 0x9100
    ETHERTYPE_QINQ_9200 = 0x9200

cdef enum:
    IP_PROTOCOL_ICMP = 1
    IP_PROTOCOL_TCP = 6
    IP_PROTOCOL_UDP = 17

cdef enum:
    TCP_FLAG_FIN = 0x01
    TCP_FLAG_SYN = 0x02
    TCP_FLAG_RST = 0x04
    TCP_FLAG_ACK = 0x10

cdef enum:
    ICMP_ECHO_REPLY = 0
    ICMP_DESTINATION_UNREACHABLE = 3
    ICMP_ECHO_REQUEST = 8
    ICMP_TIME_EXCEEDED = 11
    ICMP_PARAMETER_PROBLEM = 12

ctypedef packed struct ethernet_header_t:
    uint8_t dst[6]
    uint8_t src[6]
    uint16_t type

ctypedef packed struct vlan_header_t:
    uint16_t priority_cfi_and_id
    uint16_t type

ctypedef packed struct ip4_header_t:
    uint8_t version_and_length      # 0x45 without options
    uint8_t tos
    uint16_t length                 # header and payload, bytes
    uint16_t fragment_id
    uint16_t flags_and_offset
    uint8_t ttl
    uint8_t protocol
    uint16_t checksum
    uint32_t src
    uint32_t dst

ctypedef packed struct tcp_header_t:
    uint16_t src_port
    uint16_t dst_port
    uint32_t sequence
    uint32_t acknowledgement
    uint8_t data_offset             # header length in words, high nibble
    uint8_t flags
    uint16_t window
    uint16_t checksum
    uint16_t urgent

ctypedef packed struct udp_header_t:
    uint16_t src_port
    uint16_t dst_port
    uint16_t length
    uint16_t checksum

ctypedef packed struct icmp4_header_t:
    uint8_t type
    uint8_t code
    uint16_t checksum
    uint16_t identifier             # of echo; otherwise the first half of the rest
    uint16_t sequence

ctypedef packed struct arp_header_t:
    uint16_t hardware_type
    uint16_t protocol_type
    uint8_t hardware_length
    uint8_t protocol_length
    uint16_t opcode
    uint8_t sender_mac[6]
    uint32_t sender_address
    uint8_t target_mac[6]
    uint32_t target_address

cdef extern from *:
    """
    #if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    #define vppsh_swap16(x) (x)
    #define vppsh_swap32(x) (x)
    #else
    #define vppsh_swap16(x) __builtin_bswap16(x)
    #define vppsh_swap32(x) __builtin_bswap32(x)
    #endif
    """
    uint16_t swap16 "vppsh_swap16"(uint16_t x) noexcept nogil   # network to host order, and back
    uint32_t swap32 "vppsh_swap32"(uint32_t x) noexcept nogil


cdef inline bint is_fragment(ip4_header_t* ip) noexcept nogil:
    """Any fragment, the first one included."""
    return (swap16(ip.flags_and_offset) & 0x3fff) != 0


cdef inline bint is_later_fragment(ip4_header_t* ip) noexcept nogil:
    """A fragment without the L4 header."""
    return (swap16(ip.flags_and_offset) & 0x1fff) != 0
