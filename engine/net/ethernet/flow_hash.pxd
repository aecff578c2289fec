"""The flow hash of an Ethernet frame, as tunnels use it for their source port (behaviour of VPP 18.x)."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from ...core.buffer cimport buffer_current, buffer_t
from ...wire.headers cimport (
    ETHERTYPE_IP4,
    ETHERTYPE_IP6,
    IP_PROTOCOL_TCP,
    IP_PROTOCOL_UDP,
    ip4_header_t,
    swap16,
)
from ..fib.fib cimport FLOW_HASH_DEFAULT
from ..fib.flow_hash cimport ip4_flow_hash, mix_flow

cdef enum:
    IP6_HEADER = 40
    IP6_PROTOCOL_AT = 6
    IP6_ADDRESSES_AT = 8


cdef inline uint32_t mix_flow64(uint64_t a, uint64_t b, uint64_t c) noexcept nogil:
    """Hash of three long words (Bob Jenkins's 64-bit mix)."""
    a = (a - b - c) ^ c >> 43
    b = (b - c - a) ^ a << 9
    c = (c - a - b) ^ b >> 8
    a = (a - b - c) ^ c >> 38
    b = (b - c - a) ^ a << 23
    c = (c - a - b) ^ b >> 5
    a = (a - b - c) ^ c >> 35
    b = (b - c - a) ^ a << 49
    c = (c - a - b) ^ b >> 11
    a = (a - b - c) ^ c >> 12
    b = (b - c - a) ^ a << 18
    c = (c - a - b) ^ b >> 22
    return <uint32_t> c


cdef inline uint32_t ip6_flow_hash(const uint8_t* ip) noexcept nogil:
    """Hash of an IPv6 packet's addresses, protocol and ports; ports are read right behind the fixed header."""
    cdef uint64_t words[4]
    cdef uint16_t ports[2]
    cdef uint8_t protocol = ip[IP6_PROTOCOL_AT]
    memcpy(words, ip + IP6_ADDRESSES_AT, sizeof(words))
    ports[0] = ports[1] = 0
    if protocol == IP_PROTOCOL_TCP or protocol == IP_PROTOCOL_UDP:
        memcpy(ports, ip + IP6_HEADER, sizeof(ports))
    return mix_flow64(words[0] ^ words[1], words[2] ^ words[3] ^ protocol, <uint64_t> ports[1] << 16 | ports[0])


cdef inline uint32_t frame_flow_hash(buffer_t* b) noexcept nogil:
    """Hash of the flow a frame belongs to; l2_len says where its payload begins.

    IPv4 and IPv6 by addresses, protocol and ports, all else by MAC addresses and ethertype.
    """
    cdef uint8_t* data = buffer_current(b)
    cdef uint8_t* l3 = data + b.u.l2.l2_len
    cdef uint16_t ethertype
    cdef uint32_t dst, src
    memcpy(&ethertype, l3 - 2, 2)
    if ethertype == swap16(ETHERTYPE_IP4):
        return ip4_flow_hash(<ip4_header_t*> l3, FLOW_HASH_DEFAULT)
    if ethertype == swap16(ETHERTYPE_IP6):
        return ip6_flow_hash(l3)
    memcpy(&dst, data + 2, 4)
    memcpy(&src, data + 8, 4)
    return mix_flow(dst, src, swap16(ethertype))
