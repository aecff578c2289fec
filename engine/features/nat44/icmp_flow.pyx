"""What flow an ICMP message belongs to, and the rewriting of the message."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memcpy

from ...core.buffer cimport BUFFER_NEXT_PRESENT, buffer_current, buffer_t
from ...wire.checksum cimport checksum_of, checksum_update16, checksum_update32, ip4_header_checksum_ok
from ...wire.headers cimport (
    ICMP_DESTINATION_UNREACHABLE,
    ICMP_ECHO_REPLY,
    ICMP_ECHO_REQUEST,
    ICMP_PARAMETER_PROBLEM,
    ICMP_TIME_EXCEEDED,
    icmp4_header_t,
    ip4_header_t,
    swap16,
)
from .nat44 cimport NAT_ICMP, NAT_OTHER, ip4_payload, nat_protocol
from .rewrite cimport rewrite_destination_address, rewrite_source_address

cdef enum:
    ICMP_SOURCE_QUENCH = 4
    ICMP_REDIRECT = 5
    ICMP_ALTERNATE_HOST = 6
    ICMP_HEADER = 8
    PORTS = 4                   # bytes of the quoted L4 header that hold both ports
    ECHO_IDENTIFIER_END = 6     # bytes of a quoted ICMP header up to its identifier's end


cdef inline bint is_error_type(uint8_t type) noexcept nogil:
    return (type == ICMP_DESTINATION_UNREACHABLE or type == ICMP_TIME_EXCEEDED or type == ICMP_PARAMETER_PROBLEM
            or type == ICMP_SOURCE_QUENCH or type == ICMP_REDIRECT or type == ICMP_ALTERNATE_HOST)


cdef inline uint8_t* data_end(buffer_t* b, ip4_header_t* ip) noexcept nogil:
    """Where the packet ends, by its IP header and by what its first buffer holds."""
    cdef uint8_t* by_length = <uint8_t*> ip + swap16(ip.length)
    cdef uint8_t* by_buffer = buffer_current(b) + b.current_length
    return by_length if by_length < by_buffer else by_buffer


cdef bint parse_quoted(icmp_flow_t* flow, uint8_t* end, bint from_inside) noexcept nogil:
    """The flow of the packet an error quotes: from inside its destination, from outside its source."""
    cdef ip4_header_t* quoted = <ip4_header_t*> (<uint8_t*> flow.icmp + ICMP_HEADER)
    cdef uint8_t* l4
    if <uint8_t*> (quoted + 1) > end:
        return False
    l4 = <uint8_t*> ip4_payload(quoted)
    flow.quoted = quoted
    flow.protocol = nat_protocol(quoted.protocol)
    if l4 < <uint8_t*> (quoted + 1) or flow.protocol == NAT_OTHER:
        return False
    flow.address = quoted.dst if from_inside else quoted.src
    flow.remote = quoted.src if from_inside else quoted.dst
    flow.remote_port = 0
    if flow.protocol == NAT_ICMP:
        if l4 + ECHO_IDENTIFIER_END > end:
            return False
        flow.quoted_port = l4 + 4
    else:
        if l4 + PORTS > end:
            return False
        flow.quoted_port = l4 + 2 if from_inside else l4
        memcpy(&flow.remote_port, l4 if from_inside else l4 + 2, 2)
    memcpy(&flow.port, flow.quoted_port, 2)
    return True


cdef bint icmp_parse(buffer_t* b, ip4_header_t* ip, bint from_inside, icmp_flow_t* flow) noexcept nogil:
    """Find the flow; false for an error that quotes no translatable packet, and for what is cut short."""
    cdef uint8_t* end = data_end(b, ip)
    cdef icmp4_header_t* icmp = <icmp4_header_t*> ip4_payload(ip)
    if <uint8_t*> (icmp + 1) > end:
        return False
    flow.icmp = icmp
    flow.is_error = is_error_type(icmp.type)
    flow.is_echo = icmp.type == ICMP_ECHO_REQUEST or icmp.type == ICMP_ECHO_REPLY
    flow.quoted = NULL
    if flow.is_error:
        return parse_quoted(flow, end, from_inside)
    flow.protocol = NAT_ICMP
    flow.address = ip.src if from_inside else ip.dst
    flow.port = icmp.identifier
    return True


cdef bint icmp_checksum_ok(buffer_t* b, ip4_header_t* ip) noexcept nogil:
    """Whether the ICMP checksum fits; a message in several buffers is taken on trust."""
    cdef uint8_t* start = <uint8_t*> ip4_payload(ip)
    cdef uint8_t* end = data_end(b, ip)
    cdef uint16_t checksum
    if b.flags & BUFFER_NEXT_PRESENT:
        return True
    if start > end:
        return False
    checksum = checksum_of(start, end - start)
    return checksum == 0 or checksum == 0xffff


cdef void icmp_set_identifier(icmp4_header_t* icmp, uint16_t identifier) noexcept nogil:
    icmp.checksum = checksum_update16(icmp.checksum, icmp.identifier, identifier)
    icmp.identifier = identifier


cdef void icmp_rewrite_quoted(icmp_flow_t* flow, void* quoted_address, uint32_t address,
                              uint16_t port) noexcept nogil:
    """New address and port in the quoted packet; neither of its checksums is touched."""
    cdef icmp4_header_t* icmp = flow.icmp
    cdef uint32_t old_address
    memcpy(&old_address, quoted_address, 4)
    icmp.checksum = checksum_update32(icmp.checksum, old_address, address)
    memcpy(quoted_address, &address, 4)
    icmp.checksum = checksum_update16(icmp.checksum, flow.port, port)
    memcpy(flow.quoted_port, &port, 2)


cdef void icmp_fix_quoted_checksum(icmp_flow_t* flow, uint32_t old_address, uint32_t address) noexcept nogil:
    """The quoted IP header's checksum after its address changed."""
    cdef uint16_t old = flow.quoted.checksum
    flow.quoted.checksum = checksum_update32(old, old_address, address)
    flow.icmp.checksum = checksum_update16(flow.icmp.checksum, old, flow.quoted.checksum)


cdef bint icmp_rewrite(ip4_header_t* ip, icmp_flow_t* flow, uint32_t address, uint16_t port,
                       bint from_inside) noexcept nogil:
    """Translate a message; false if the quoted IP header is broken.

    As in VPP the quoted L4 checksum stays, and of a message from outside the quoted IP checksum too.
    """
    if flow.is_error and not ip4_header_checksum_ok(flow.quoted, (flow.quoted.version_and_length & 0xf) << 2):
        return False
    if from_inside:
        rewrite_source_address(ip, address)
    else:
        rewrite_destination_address(ip, address)
    if flow.icmp.checksum == 0:
        flow.icmp.checksum = 0xffff
    if not flow.is_error:
        if flow.icmp.identifier != port:
            icmp_set_identifier(flow.icmp, port)
    elif from_inside:
        icmp_fix_quoted_checksum(flow, flow.quoted.dst, address)
        icmp_rewrite_quoted(flow, &flow.quoted.dst, address, port)
    else:
        icmp_rewrite_quoted(flow, &flow.quoted.src, address, port)
    return True
