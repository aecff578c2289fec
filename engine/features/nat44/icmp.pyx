"""ICMP through the endpoint-independent nodes: echo by identifier, errors by the packet they quote."""

from libc.stdint cimport uint16_t, uint32_t, uint64_t

from ...core.buffer cimport SW_IF_INDEX_RX, SW_IF_INDEX_TX, buffer_length, buffer_t
from ...core.graph cimport NO_INDEX, node_t, set_error, worker_t
from ...tables.bihash cimport bihash_t
from ...wire.headers cimport ICMP_ECHO_REPLY, ICMP_ECHO_REQUEST, ip4_header_t
from .ed cimport remember_bypass
from .ei cimport in2out_session, is_interface_address, out2in_session, stays_inside, stays_untranslated_output
from .icmp_flow cimport (
    icmp_checksum_ok,
    icmp_fix_quoted_checksum,
    icmp_flow_t,
    icmp_parse,
    icmp_rewrite,
    icmp_rewrite_quoted,
    icmp_set_identifier,
)
from .mappings cimport mapping_by_external, match_external
from .nat44 cimport (
    ED_MARK,
    IN2OUT_BAD_ICMP_TYPE,
    IN2OUT_NEXT_DROP,
    IN2OUT_NEXT_LOOKUP,
    IN2OUT_UNSUPPORTED_PROTOCOL,
    MAPPING_ADDRESS_ONLY,
    MAPPING_IDENTITY,
    NAT_ICMP,
    NAT_NONE,
    OUT2IN_BAD_ICMP_TYPE,
    OUT2IN_NEXT_DROP,
    OUT2IN_NEXT_IN2OUT,
    OUT2IN_NEXT_LOOKUP,
    OUT2IN_NO_TRANSLATION,
    OUT2IN_UNSUPPORTED_PROTOCOL,
    POLICY_FORWARD_BYPASS,
    POLICY_IDENTITY_SESSIONS,
    ed_key,
    ed_key_t,
    ei_key,
    flow_t,
    mapping_t,
    match_t,
    nat_main_t,
    session_at,
    session_heard,
    session_t,
)
from .rewrite cimport rewrite_destination_address
from .sessions cimport ed_find, ei_find


cdef inline uint16_t drop(buffer_t* b, node_t* node, uint32_t error, uint16_t next_index) noexcept nogil:
    set_error(b, node, error)
    return next_index


cdef inline uint32_t find_session(bihash_t* table, bihash_t* ed_table, icmp_flow_t* icmp,
                                  uint32_t fib_index) noexcept nogil:
    """Session of a message: by one side, and where that side is marked, by both ends of the quoted packet."""
    cdef uint64_t found = ei_find(table, ei_key(icmp.address, icmp.port, icmp.protocol, fib_index))
    cdef ed_key_t key
    if found != ED_MARK:
        return <uint32_t> found
    if not icmp.is_error:
        return NAT_NONE
    ed_key(&key, icmp.address, icmp.remote, icmp.quoted.protocol, fib_index, icmp.port, icmp.remote_port)
    return ed_find(ed_table, &key)


# ---- from inside

cdef uint16_t find_in2out(nat_main_t* nm, node_t* node, buffer_t* b, ip4_header_t* ip, icmp_flow_t* icmp,
                          uint32_t fib_index, bint is_output, uint32_t* session) noexcept nogil:
    """Session of a message, made if it begins one; NAT_NONE if the message passes or is dropped."""
    cdef uint32_t found = find_session(&nm.in2out, &nm.in2out_ed, icmp, fib_index)
    cdef flow_t flow
    session[0] = NAT_NONE
    if found != NAT_NONE:
        if not icmp.is_echo and not icmp.is_error:
            return drop(b, node, IN2OUT_BAD_ICMP_TYPE, IN2OUT_NEXT_DROP)
        session[0] = found
        return IN2OUT_NEXT_LOOKUP
    flow.address, flow.port, flow.protocol, flow.fib_index = icmp.address, icmp.port, icmp.protocol, fib_index
    flow.remote, flow.remote_port = ip.dst, icmp.port
    if is_output:
        if stays_untranslated_output(nm, b.sw_if_index[SW_IF_INDEX_RX], &flow):
            return IN2OUT_NEXT_LOOKUP
    else:
        flow.protocol = NAT_ICMP
        if stays_inside(nm, b.sw_if_index[SW_IF_INDEX_RX], &flow):
            return IN2OUT_NEXT_LOOKUP
    if icmp.is_error:
        return drop(b, node, IN2OUT_BAD_ICMP_TYPE, IN2OUT_NEXT_DROP)
    return in2out_session(nm, node, b, &flow, session)


cdef uint16_t icmp_in2out(worker_t* w, nat_main_t* nm, node_t* node, buffer_t* b, ip4_header_t* ip,
                          uint32_t fib_index, bint is_output, uint32_t* session) noexcept nogil:
    """Translate an ICMP message from inside; its next index. session: OUT, for the trace."""
    cdef icmp_flow_t icmp
    cdef session_t* s
    cdef uint16_t next_index
    session[0] = NAT_NONE
    if not icmp_parse(b, ip, True, &icmp):
        return drop(b, node, IN2OUT_UNSUPPORTED_PROTOCOL, IN2OUT_NEXT_DROP)
    next_index = find_in2out(nm, node, b, ip, &icmp, fib_index, is_output, session)
    if session[0] == NAT_NONE:
        return next_index
    s = session_at(nm, session[0])
    if not icmp_checksum_ok(b, ip) or not icmp_rewrite(ip, &icmp, s.out_addr, s.out_port, True):
        return IN2OUT_NEXT_DROP
    if not is_output and b.sw_if_index[SW_IF_INDEX_TX] == NO_INDEX:
        b.sw_if_index[SW_IF_INDEX_TX] = s.out_fib
    if not is_output and b.sw_if_index[SW_IF_INDEX_TX] == 0:
        icmp_hairpin(nm, b, ip)
    session_heard(nm, s, w.now_ns, buffer_length(b))
    return next_index


# ---- from outside

cdef uint16_t forward_unknown(worker_t* w, nat_main_t* nm, node_t* node, buffer_t* b, ip4_header_t* ip,
                              icmp_flow_t* icmp) noexcept nogil:
    """A message without session or mapping."""
    if not nm.forwarding:
        if is_interface_address(nm, b.sw_if_index[SW_IF_INDEX_RX], ip.dst):
            return OUT2IN_NEXT_LOOKUP
        return drop(b, node, OUT2IN_NO_TRANSLATION, OUT2IN_NEXT_DROP)
    if nm.policy & POLICY_FORWARD_BYPASS:
        if ei_find(&nm.in2out, ei_key(ip.src, icmp.port, NAT_ICMP, nm.inside_fib)) != NAT_NONE:
            return OUT2IN_NEXT_IN2OUT
        if not icmp.is_error:
            remember_bypass(w, nm, ip, icmp.port, 0)
    return OUT2IN_NEXT_LOOKUP


cdef uint16_t find_out2in(worker_t* w, nat_main_t* nm, node_t* node, buffer_t* b, ip4_header_t* ip,
                          icmp_flow_t* icmp, uint32_t fib_index, uint32_t* session) noexcept nogil:
    """Session of a message, made if a mapping has it; NAT_NONE if the message passes or is dropped."""
    cdef uint32_t found = find_session(&nm.out2in, &nm.out2in_ed, icmp, fib_index)
    cdef mapping_t* mapping
    cdef match_t match
    cdef flow_t flow
    session[0] = NAT_NONE
    if found != NAT_NONE:
        if not icmp.is_echo and not icmp.is_error:
            return drop(b, node, OUT2IN_BAD_ICMP_TYPE, OUT2IN_NEXT_DROP)
        session[0] = found
        return OUT2IN_NEXT_LOOKUP
    mapping = mapping_by_external(nm, icmp.address, icmp.port, icmp.protocol)
    if mapping == NULL:
        return forward_unknown(w, nm, node, b, ip, icmp)
    if icmp.icmp.type != ICMP_ECHO_REPLY:
        if icmp.icmp.type != ICMP_ECHO_REQUEST or not mapping.flags & MAPPING_ADDRESS_ONLY:
            return drop(b, node, OUT2IN_BAD_ICMP_TYPE, OUT2IN_NEXT_DROP)
    if mapping.flags & MAPPING_IDENTITY and not nm.policy & POLICY_IDENTITY_SESSIONS:
        return OUT2IN_NEXT_LOOKUP
    match_external(nm, icmp.address, icmp.port, icmp.protocol, &match)
    flow.address, flow.port, flow.protocol, flow.fib_index = icmp.address, icmp.port, icmp.protocol, fib_index
    flow.remote, flow.remote_port = ip.src, icmp.port
    session[0] = out2in_session(nm, node, b, &flow, &match)
    return OUT2IN_NEXT_LOOKUP if session[0] != NAT_NONE else OUT2IN_NEXT_DROP


cdef uint16_t icmp_out2in(worker_t* w, nat_main_t* nm, node_t* node, buffer_t* b, ip4_header_t* ip,
                          uint32_t fib_index, uint32_t* session) noexcept nogil:
    """Translate an ICMP message from outside; its next index. session: OUT, for the trace."""
    cdef icmp_flow_t icmp
    cdef session_t* s
    cdef uint16_t next_index
    session[0] = NAT_NONE
    if not icmp_parse(b, ip, False, &icmp):
        return drop(b, node, OUT2IN_UNSUPPORTED_PROTOCOL, OUT2IN_NEXT_DROP)
    next_index = find_out2in(w, nm, node, b, ip, &icmp, fib_index, session)
    if session[0] == NAT_NONE:
        return next_index
    s = session_at(nm, session[0])
    if not icmp_checksum_ok(b, ip) or not icmp_rewrite(ip, &icmp, s.in_addr, s.in_port, False):
        return OUT2IN_NEXT_DROP
    if b.sw_if_index[SW_IF_INDEX_TX] == NO_INDEX or b.sw_if_index[SW_IF_INDEX_TX] == 0:
        b.sw_if_index[SW_IF_INDEX_TX] = s.in_fib
    session_heard(nm, s, w.now_ns, buffer_length(b))
    return next_index


# ---- to another inside host by its outside address

cdef bint hairpin_error(nat_main_t* nm, buffer_t* b, ip4_header_t* ip, icmp_flow_t* icmp) noexcept nogil:
    """An error about a packet whose source was translated: the destination is that inside host."""
    cdef uint64_t found
    cdef session_t* s
    if icmp.protocol == NAT_ICMP:
        return False
    found = ei_find(&nm.out2in, ei_key(ip.dst, icmp.port, icmp.protocol, nm.outside_fib))
    if found == NAT_NONE or found == ED_MARK:
        return False
    s = session_at(nm, <uint32_t> found)
    b.sw_if_index[SW_IF_INDEX_TX] = s.in_fib
    icmp_fix_quoted_checksum(icmp, icmp.quoted.src, s.in_addr)
    icmp_rewrite_quoted(icmp, &icmp.quoted.src, s.in_addr, s.in_port)
    rewrite_destination_address(ip, s.in_addr)
    return True


cdef bint icmp_hairpin(nat_main_t* nm, buffer_t* b, ip4_header_t* ip) noexcept nogil:
    """Give a message that is for an outside address of a session or mapping its inside destination."""
    cdef icmp_flow_t icmp
    cdef mapping_t* mapping
    cdef uint64_t found
    cdef session_t* s
    if not icmp_parse(b, ip, False, &icmp):
        return False
    if icmp.is_error:
        return hairpin_error(nm, b, ip, &icmp)
    mapping = mapping_by_external(nm, ip.dst, 0, 0)
    if mapping != NULL and mapping.flags & MAPPING_ADDRESS_ONLY:
        rewrite_destination_address(ip, mapping.local_addr)
        if b.sw_if_index[SW_IF_INDEX_TX] == NO_INDEX:
            b.sw_if_index[SW_IF_INDEX_TX] = mapping.fib_index
        return True
    found = ei_find(&nm.out2in, ei_key(ip.dst, icmp.port, NAT_ICMP, nm.outside_fib))
    if found == NAT_NONE or found == ED_MARK:
        return False
    s = session_at(nm, <uint32_t> found)
    icmp_set_identifier(icmp.icmp, s.in_port)
    rewrite_destination_address(ip, s.in_addr)
    b.sw_if_index[SW_IF_INDEX_TX] = s.in_fib
    return True
