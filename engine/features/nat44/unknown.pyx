"""Protocols other than TCP, UDP and ICMP: only the address is translated."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t

from ...core.buffer cimport SW_IF_INDEX_TX, buffer_length, buffer_t
from ...core.graph cimport NO_INDEX, node_t, set_error, worker_t
from ...wire.headers cimport ip4_header_t
from .ed cimport remember_bypass
from .mappings cimport mapping_by_external, mapping_by_local
from .nat44 cimport (
    IN2OUT_MAX_SESSIONS,
    IN2OUT_NEXT_DROP,
    IN2OUT_NEXT_LOOKUP,
    IN2OUT_UNSUPPORTED_PROTOCOL,
    MAPPING_ADDRESS_ONLY,
    NAT_NONE,
    OUT2IN_MAX_SESSIONS,
    OUT2IN_NEXT_DROP,
    OUT2IN_NEXT_LOOKUP,
    OUT2IN_NO_TRANSLATION,
    OUT2IN_UNSUPPORTED_PROTOCOL,
    POLICY_FORWARD_BYPASS,
    POLICY_PROTOCOL_SESSIONS,
    SESSION_ED,
    SESSION_UNKNOWN_PROTOCOL,
    cold_at,
    ed_key,
    ed_key_t,
    mapping_t,
    nat_main_t,
    session_at,
    session_heard,
    session_t,
    user_at,
)
from .rewrite cimport rewrite_destination_address, rewrite_source_address
from .sessions cimport (
    ed_find,
    session_add_in2out_ed,
    session_add_out2in_ed,
    session_new,
    sessions_full,
    user_find,
    user_get,
)


cdef inline mapping_t* address_only(mapping_t* mapping) noexcept nogil:
    return mapping if mapping != NULL and mapping.flags & MAPPING_ADDRESS_ONLY else NULL


# ---- sessions

cdef uint32_t make_session(nat_main_t* nm, uint32_t in_addr, uint32_t in_fib, uint32_t out_addr, uint32_t out_fib,
                           uint32_t remote, uint8_t protocol, bint is_static) noexcept nogil:
    cdef uint32_t user = user_get(nm, in_addr, in_fib)
    cdef uint32_t index = session_new(nm, user, is_static) if user != NAT_NONE else NAT_NONE
    cdef session_t* s
    if index == NAT_NONE:
        return NAT_NONE
    s = session_at(nm, index)
    s.flags |= SESSION_UNKNOWN_PROTOCOL | SESSION_ED
    s.protocol = protocol
    s.in_addr, s.in_fib, s.out_addr, s.out_fib = in_addr, in_fib, out_addr, out_fib
    s.in_port = s.out_port = protocol
    cold_at(nm, index).ext_addr = remote
    session_add_in2out_ed(nm, index)
    session_add_out2in_ed(nm, index)
    return index


cdef bint is_free(nat_main_t* nm, uint32_t address, ip4_header_t* ip) noexcept nogil:
    """Whether no one speaks this protocol with the remote host under the outside address yet."""
    cdef ed_key_t key
    ed_key(&key, address, ip.dst, ip.protocol, nm.outside_fib, 0, 0)
    return ed_find(&nm.out2in_ed, &key) == NAT_NONE


cdef bint choose_address(nat_main_t* nm, ip4_header_t* ip, uint32_t fib_index, uint32_t* address) noexcept nogil:
    """Outside address: the one the user has for the remote host already, or else the first of the pool that is free."""
    cdef uint32_t i, user = user_find(nm, ip.src, fib_index)
    cdef uint32_t index = user_at(nm, user).head if user != NAT_NONE else NAT_NONE
    while index != NAT_NONE:
        if cold_at(nm, index).ext_addr == ip.dst:
            address[0] = session_at(nm, index).out_addr
            if is_free(nm, address[0], ip):
                return True
            break
        index = cold_at(nm, index).next
    for i in range(nm.addresses.n):
        address[0] = nm.addresses.elements[i].address
        if is_free(nm, address[0], ip):
            return True
    return False


cdef uint32_t unknown_in2out_session(nat_main_t* nm, node_t* node, buffer_t* b, ip4_header_t* ip,
                                     uint32_t fib_index, uint32_t max_sessions_error) noexcept nogil:
    """Session of a packet from inside, made if new; NAT_NONE for a drop."""
    cdef ed_key_t key
    cdef uint32_t index, address = 0
    cdef mapping_t* mapping
    ed_key(&key, ip.src, ip.dst, ip.protocol, fib_index, 0, 0)
    index = ed_find(&nm.in2out_ed, &key)
    if index != NAT_NONE:
        return index
    if sessions_full(nm):
        set_error(b, node, max_sessions_error)
        return NAT_NONE
    mapping = address_only(mapping_by_local(nm, ip.src, 0, 0, fib_index))
    if mapping != NULL:
        address = mapping.external_addr
    elif not choose_address(nm, ip, fib_index, &address):
        return NAT_NONE
    return make_session(nm, ip.src, fib_index, address, nm.outside_fib, ip.dst, ip.protocol, mapping != NULL)


cdef uint32_t unknown_out2in_session(nat_main_t* nm, node_t* node, buffer_t* b, ip4_header_t* ip,
                                     uint32_t fib_index) noexcept nogil:
    """Session of a packet from outside, made if a mapping has the address; NAT_NONE without."""
    cdef ed_key_t key
    cdef uint32_t index
    cdef mapping_t* mapping
    ed_key(&key, ip.dst, ip.src, ip.protocol, fib_index, 0, 0)
    index = ed_find(&nm.out2in_ed, &key)
    if index != NAT_NONE:
        return index
    if sessions_full(nm):
        set_error(b, node, OUT2IN_MAX_SESSIONS)
        return NAT_NONE
    mapping = address_only(mapping_by_external(nm, ip.dst, 0, 0))
    if mapping == NULL:
        set_error(b, node, OUT2IN_NO_TRANSLATION)
        return NAT_NONE
    return make_session(nm, mapping.local_addr, mapping.fib_index, ip.dst, fib_index, ip.src, ip.protocol, True)


# ---- packets

cdef bint unknown_hairpin(nat_main_t* nm, buffer_t* b, ip4_header_t* ip) noexcept nogil:
    """Give a packet that is for an outside address of a mapping or session its inside destination."""
    cdef mapping_t* mapping = address_only(mapping_by_external(nm, ip.dst, 0, 0))
    cdef ed_key_t key
    cdef uint32_t index
    if mapping != NULL:
        b.sw_if_index[SW_IF_INDEX_TX] = mapping.fib_index
        rewrite_destination_address(ip, mapping.local_addr)
        return True
    ed_key(&key, ip.dst, ip.src, ip.protocol, nm.outside_fib, 0, 0)
    index = ed_find(&nm.out2in_ed, &key)
    if index == NAT_NONE:
        return False
    b.sw_if_index[SW_IF_INDEX_TX] = session_at(nm, index).in_fib
    rewrite_destination_address(ip, session_at(nm, index).in_addr)
    return True


cdef uint16_t unknown_in2out(worker_t* w, nat_main_t* nm, node_t* node, buffer_t* b, ip4_header_t* ip,
                             uint32_t fib_index, bint is_output, uint32_t* session) noexcept nogil:
    """Translate the source address; next index of in2out. session: OUT, for the trace."""
    cdef mapping_t* mapping
    session[0] = NAT_NONE
    if nm.policy & POLICY_PROTOCOL_SESSIONS:
        session[0] = unknown_in2out_session(nm, node, b, ip, fib_index, IN2OUT_MAX_SESSIONS)
        if session[0] == NAT_NONE:
            return IN2OUT_NEXT_DROP
        rewrite_source_address(ip, session_at(nm, session[0]).out_addr)
        session_heard(nm, session_at(nm, session[0]), w.now_ns, buffer_length(b))
    else:
        mapping = address_only(mapping_by_local(nm, ip.src, 0, 0, fib_index))
        if mapping == NULL:
            set_error(b, node, IN2OUT_UNSUPPORTED_PROTOCOL)
            return IN2OUT_NEXT_DROP
        rewrite_source_address(ip, mapping.external_addr)
    if not is_output and b.sw_if_index[SW_IF_INDEX_TX] == NO_INDEX:
        if not unknown_hairpin(nm, b, ip):
            b.sw_if_index[SW_IF_INDEX_TX] = nm.outside_fib
    return IN2OUT_NEXT_LOOKUP


cdef uint16_t unknown_out2in(worker_t* w, nat_main_t* nm, node_t* node, buffer_t* b, ip4_header_t* ip,
                             uint32_t fib_index, uint32_t* session) noexcept nogil:
    """Translate the destination address; next index of out2in. session: OUT, for the trace."""
    cdef mapping_t* mapping
    cdef session_t* s
    session[0] = NAT_NONE
    if nm.policy & POLICY_PROTOCOL_SESSIONS:
        session[0] = unknown_out2in_session(nm, node, b, ip, fib_index)
        if session[0] != NAT_NONE:
            s = session_at(nm, session[0])
            rewrite_destination_address(ip, s.in_addr)
            b.sw_if_index[SW_IF_INDEX_TX] = s.in_fib
            session_heard(nm, s, w.now_ns, buffer_length(b))
            return OUT2IN_NEXT_LOOKUP
        if nm.forwarding and nm.policy & POLICY_FORWARD_BYPASS:
            remember_bypass(w, nm, ip, 0, 0)
    else:
        mapping = address_only(mapping_by_external(nm, ip.dst, 0, 0))
        if mapping != NULL:
            rewrite_destination_address(ip, mapping.local_addr)
            b.sw_if_index[SW_IF_INDEX_TX] = mapping.fib_index
            return OUT2IN_NEXT_LOOKUP
        set_error(b, node, OUT2IN_UNSUPPORTED_PROTOCOL)
    return OUT2IN_NEXT_LOOKUP if nm.forwarding else OUT2IN_NEXT_DROP
