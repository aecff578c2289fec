"""Rewriting of packets: addresses, ports and checksums, as VPP does it.

TCP and IPv4 checksums are updated in one's complement; a UDP checksum becomes 0, "none", on any translation.
"""

from libc.stdint cimport uint16_t, uint32_t, uint64_t, uint8_t

from ...wire.checksum cimport checksum_fold, checksum_replace, checksum_update32
from ...wire.headers cimport (
    IP_PROTOCOL_TCP,
    TCP_FLAG_SYN,
    ip4_header_t,
    tcp_header_t,
    udp_header_t,
)
from .nat44 cimport ip4_payload, nat_main_t


cdef inline void rewrite_source_address(ip4_header_t* ip, uint32_t address) noexcept nogil:
    ip.checksum = checksum_update32(ip.checksum, ip.src, address)
    ip.src = address


cdef inline void rewrite_destination_address(ip4_header_t* ip, uint32_t address) noexcept nogil:
    ip.checksum = checksum_update32(ip.checksum, ip.dst, address)
    ip.dst = address


cdef inline void rewrite_source(ip4_header_t* ip, uint32_t address, uint16_t port) noexcept nogil:
    """New source of a TCP or UDP packet."""
    cdef tcp_header_t* tcp = <tcp_header_t*> ip4_payload(ip)
    cdef uint64_t checksum
    if ip.protocol == IP_PROTOCOL_TCP:
        checksum = checksum_replace(tcp.checksum, ip.src, address)
        tcp.checksum = checksum_fold(checksum_replace(checksum, tcp.src_port, port))
    else:
        (<udp_header_t*> tcp).checksum = 0
    tcp.src_port = port
    rewrite_source_address(ip, address)


cdef inline void rewrite_destination(ip4_header_t* ip, uint32_t address, uint16_t port) noexcept nogil:
    """New destination of a TCP or UDP packet."""
    cdef tcp_header_t* tcp = <tcp_header_t*> ip4_payload(ip)
    cdef uint64_t checksum
    if ip.protocol == IP_PROTOCOL_TCP:
        checksum = checksum_replace(tcp.checksum, ip.dst, address)
        tcp.checksum = checksum_fold(checksum_replace(checksum, tcp.dst_port, port))
    else:
        (<udp_header_t*> tcp).checksum = 0
    tcp.dst_port = port
    rewrite_destination_address(ip, address)


cdef void clamp_mss(nat_main_t* nm, ip4_header_t* ip, uint32_t n_bytes) noexcept nogil
