"""Where the checksum of a packet stands, and filling it in (RFC 9293, RFC 768, RFC 1071)."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from ...core.buffer cimport BUFFER_GSO, buffer_current, buffer_length, buffer_t
from ...core.graph cimport worker_t
from ...wire.checksum cimport checksum_fold, ip4_pseudo_header_sum
from ...wire.headers cimport (
    ETHERTYPE_DOT1AD,
    ETHERTYPE_DOT1Q,
    ETHERTYPE_IP4,
    IP_PROTOCOL_TCP,
    IP_PROTOCOL_UDP,
    ip4_header_t,
    is_fragment,
    swap16,
    tcp_header_t,
)
from ..ip4.ip4 cimport chain_sum

cdef enum:
    ETHERNET_HEADER = 14
    VLAN_HEADER = 4
    IP_HEADER = 20
    TCP_HEADER = 20
    UDP_HEADER = 8
    TCP_CHECKSUM = 16           # bytes from the L4 header to the checksum
    UDP_CHECKSUM = 6


cdef inline uint16_t load16(const uint8_t* at) noexcept nogil:
    cdef uint16_t value
    memcpy(&value, at, 2)
    return value


cdef uint32_t skip_ethernet(buffer_t* b) noexcept nogil:
    """Bytes before the IPv4 header; 0 when there is none in the first buffer."""
    cdef uint8_t* data = buffer_current(b)
    cdef uint32_t n = ETHERNET_HEADER, depth = 0
    cdef uint16_t ethertype
    if b.current_length < ETHERNET_HEADER:
        return 0
    ethertype = swap16(load16(data + 12))
    while depth < 2 and (ethertype == ETHERTYPE_DOT1Q or ethertype == ETHERTYPE_DOT1AD):
        if b.current_length < n + VLAN_HEADER:
            return 0
        ethertype = swap16(load16(data + n + 2))
        n += VLAN_HEADER
        depth += 1
    return n if ethertype == ETHERTYPE_IP4 else 0


cdef bint find_l4(buffer_t* b, bint at_ip, l4_place_t* place) noexcept nogil:
    """Whether a packet is whole TCP or UDP over IPv4 with its headers in the first buffer, and where they stand.

    at_ip: the packet starts with its IPv4 header, otherwise with Ethernet's, tags included.
    """
    cdef ip4_header_t* ip
    cdef uint32_t header
    place.ip = 0 if at_ip else skip_ethernet(b)
    if (place.ip == 0 and not at_ip) or b.current_length < place.ip + IP_HEADER:
        return False
    ip = <ip4_header_t*> (buffer_current(b) + place.ip)
    header = (ip.version_and_length & 0xf) * 4
    if ip.version_and_length >> 4 != 4 or header < IP_HEADER or is_fragment(ip) or swap16(ip.length) < header:
        return False
    place.l4, place.protocol = place.ip + header, ip.protocol
    place.l4_length = swap16(ip.length) - header
    if place.ip + swap16(ip.length) > buffer_length(b):
        return False
    return find_ports(b, place)


cdef bint find_ports(buffer_t* b, l4_place_t* place) noexcept nogil:
    cdef uint32_t least = TCP_HEADER
    if place.protocol == IP_PROTOCOL_UDP:
        least = UDP_HEADER
    elif place.protocol != IP_PROTOCOL_TCP:
        return False
    if place.l4_length < least or b.current_length < place.l4 + least:
        return False
    if place.protocol == IP_PROTOCOL_TCP:
        least = ((<tcp_header_t*> (buffer_current(b) + place.l4)).data_offset >> 4) * 4
        if least < TCP_HEADER or place.l4_length < least or b.current_length < place.l4 + least:
            return False
    place.payload = place.l4 + least
    place.checksum = place.l4 + (UDP_CHECKSUM if place.protocol == IP_PROTOCOL_UDP else TCP_CHECKSUM)
    return True


cdef inline void store_checksum(buffer_t* b, uint32_t at, uint16_t checksum) noexcept nogil:
    memcpy(buffer_current(b) + at, &checksum, 2)


cdef inline uint64_t pseudo_header(buffer_t* b, l4_place_t* place) noexcept nogil:
    cdef ip4_header_t* ip = <ip4_header_t*> (buffer_current(b) + place.ip)
    return ip4_pseudo_header_sum(ip.src, ip.dst, place.protocol, <uint16_t> place.l4_length)


cdef void begin_checksum(buffer_t* b, l4_place_t* place) noexcept nogil:
    """Put the pseudo header's sum into the field: what a card, and Linux behind a tap, goes on from."""
    store_checksum(b, place.checksum, checksum_fold(pseudo_header(b, place)))


cdef void finish_checksum(worker_t* w, buffer_t* b, l4_place_t* place) noexcept nogil:
    """Put the whole checksum into the field; never 0, which would mean none in UDP and is as good as 0xffff in TCP."""
    cdef uint16_t checksum
    store_checksum(b, place.checksum, 0)
    checksum = <uint16_t> ~checksum_fold(pseudo_header(b, place) + chain_sum(w, b, place.l4, place.l4_length))
    store_checksum(b, place.checksum, checksum if checksum else <uint16_t> 0xffff)


cdef bint finish_checksum_at(worker_t* w, buffer_t* b, uint32_t start, uint32_t field) noexcept nogil:
    """Sum from byte `start` to the packet's end into the two bytes at `field`, which hold the pseudo header's sum.

    For whatever protocol; False, and nothing done, when that is not in the first buffer.
    """
    cdef uint16_t checksum
    if start > field or field + 2 > b.current_length:
        return False
    checksum = <uint16_t> ~checksum_fold(chain_sum(w, b, start, buffer_length(b) - start))
    store_checksum(b, field, checksum if checksum else <uint16_t> 0xffff)
    return True


cdef bint segments_fit(buffer_t* b, uint32_t mtu) noexcept nogil:
    """Whether a packet at its IPv4 header stands for segments that are no longer than an MTU."""
    cdef l4_place_t place
    return b.flags & BUFFER_GSO != 0 and find_l4(b, True, &place) and place.payload + b.gso_size <= mtu
