"""What flow an ICMP message belongs to, and the rewriting of the message."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t

from ...core.buffer cimport buffer_t
from ...wire.headers cimport icmp4_header_t, ip4_header_t

ctypedef struct icmp_flow_t:
    icmp4_header_t* icmp
    bint is_error
    bint is_echo
    uint8_t protocol            # NAT_*: ICMP, or that of the quoted packet
    uint32_t address            # of the side asked for, network order
    uint16_t port               # or identifier
    uint32_t remote             # other side of the quoted packet
    uint16_t remote_port
    ip4_header_t* quoted        # of an error
    uint8_t* quoted_port        # where the port or identifier of the quoted packet stands

cdef bint icmp_parse(buffer_t* b, ip4_header_t* ip, bint from_inside, icmp_flow_t* flow) noexcept nogil
cdef bint icmp_checksum_ok(buffer_t* b, ip4_header_t* ip) noexcept nogil
cdef bint icmp_rewrite(ip4_header_t* ip, icmp_flow_t* flow, uint32_t address, uint16_t port,
                       bint from_inside) noexcept nogil
cdef void icmp_set_identifier(icmp4_header_t* icmp, uint16_t identifier) noexcept nogil
cdef void icmp_rewrite_quoted(icmp_flow_t* flow, void* quoted_address, uint32_t address,
                              uint16_t port) noexcept nogil
cdef void icmp_fix_quoted_checksum(icmp_flow_t* flow, uint32_t old_address, uint32_t address) noexcept nogil
