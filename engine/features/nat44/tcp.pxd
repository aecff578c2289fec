"""TCP connections as NAT follows them: to the ACKs of both FINs."""

from libc.stdint cimport uint8_t, uint32_t

from ...wire.headers cimport IP_PROTOCOL_TCP, TCP_FLAG_FIN, TCP_FLAG_SYN, ip4_header_t, tcp_header_t
from .nat44 cimport POLICY_TCP_SYNS, ip4_payload, nat_main_t, session_t

cdef bint tcp_advance(nat_main_t* nm, uint32_t index, tcp_header_t* tcp, bint from_inside) noexcept nogil


cdef inline bint tcp_follow(nat_main_t* nm, uint32_t index, session_t* s, ip4_header_t* ip,
                            bint from_inside) noexcept nogil:
    """Take a packet's flags into its session's state; true if it closed the session, which is then deleted."""
    cdef tcp_header_t* tcp
    if ip.protocol != IP_PROTOCOL_TCP:
        return False
    tcp = <tcp_header_t*> ip4_payload(ip)
    if s.tcp_state == 0 and not tcp.flags & (TCP_FLAG_FIN | TCP_FLAG_SYN):
        return False
    return tcp_advance(nm, index, tcp, from_inside)
