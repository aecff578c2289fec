"""Making endpoint-dependent sessions beside the endpoint-independent ones."""

from libc.stdint cimport uint16_t, uint32_t, uint64_t

from ...core.buffer cimport buffer_t
from ...core.graph cimport node_t, set_error, worker_t
from ...wire.headers cimport ip4_header_t
from .mappings cimport match_external, match_local
from .nat44 cimport (
    IN2OUT_MAX_SESSIONS,
    MAPPING_LOAD_BALANCED,
    NAT_NONE,
    NAT_OTHER,
    OUT2IN_MAX_SESSIONS,
    OUT2IN_OUT_OF_PORTS,
    POLICY_ENDPOINT_DEPENDENT,
    SESSION_ED,
    SESSION_FORWARD_BYPASS,
    SESSION_LOAD_BALANCED,
    SESSION_TWICE_NAT,
    SESSION_UNKNOWN_PROTOCOL,
    TWICE_NAT_NO,
    TWICE_NAT_SELF,
    cold_at,
    ed_key,
    ed_key_t,
    match_t,
    nat_main_t,
    nat_protocol,
    session_at,
    session_cold_t,
    session_heard,
    session_t,
)
from .ports cimport port_allocate, port_free
from .sessions cimport (
    ed_find,
    session_add_in2out_ed,
    session_add_out2in_ed,
    session_new,
    session_new_ed,
    sessions_full,
    user_get,
)


cdef uint32_t new_session(nat_main_t* nm, uint32_t user_address, uint32_t user_fib, bint is_static,
                          uint64_t now_ns) noexcept nogil:
    """A session of a user; NAT_NONE at his limit, or without memory."""
    cdef uint32_t user = user_get(nm, user_address, user_fib)
    if user == NAT_NONE:
        return NAT_NONE
    if nm.policy & POLICY_ENDPOINT_DEPENDENT:
        return session_new_ed(nm, user, is_static, now_ns)
    return session_new(nm, user, is_static)


cdef uint32_t in2out_ed_session(worker_t* w, nat_main_t* nm, node_t* node, buffer_t* b, flow_t* flow) noexcept nogil:
    """Session of a flow that a backend begins; NAT_NONE if its mapping is for flows from outside only."""
    cdef match_t match
    cdef uint32_t index
    cdef session_t* s
    if sessions_full(nm):
        set_error(b, node, IN2OUT_MAX_SESSIONS)
        return NAT_NONE
    if not match_local(nm, flow.address, flow.port, flow.protocol, flow.fib_index, &match):
        return NAT_NONE
    index = new_session(nm, flow.address, flow.fib_index, True, w.now_ns)
    if index == NAT_NONE:
        return NAT_NONE
    s = session_at(nm, index)
    s.flags |= SESSION_ED
    if match.mapping.flags & MAPPING_LOAD_BALANCED:
        s.flags |= SESSION_LOAD_BALANCED
    s.protocol = flow.protocol
    s.in_addr, s.in_port, s.in_fib = flow.address, flow.port, flow.fib_index
    s.out_addr, s.out_port, s.out_fib = match.address, match.port, match.fib_index
    cold_at(nm, index).ext_addr, cold_at(nm, index).ext_port = flow.remote, flow.remote_port
    session_add_in2out_ed(nm, index)
    session_add_out2in_ed(nm, index)
    return index


cdef bint wants_twice_nat(match_t* match, flow_t* flow) noexcept nogil:
    if match.mapping.twice_nat == TWICE_NAT_SELF:
        return flow.remote == match.address
    return match.mapping.twice_nat != TWICE_NAT_NO


cdef uint32_t out2in_ed_session(worker_t* w, nat_main_t* nm, node_t* node, buffer_t* b, flow_t* flow) noexcept nogil:
    """Session of a flow that begins outside, with a backend chosen for it; NAT_NONE for a drop.

    flow: address and port are the outside ones, remote is the external host.
    """
    cdef match_t match
    if sessions_full(nm):
        set_error(b, node, OUT2IN_MAX_SESSIONS)
        return NAT_NONE
    if not match_external(nm, flow.address, flow.port, flow.protocol, &match):
        return NAT_NONE
    return session_from_outside(w, nm, node, b, flow, &match)


cdef uint32_t session_from_outside(worker_t* w, nat_main_t* nm, node_t* node, buffer_t* b, flow_t* flow,
                                   match_t* match) noexcept nogil:
    """Session of a flow that begins outside and goes where its mapping says; NAT_NONE for a drop."""
    cdef uint32_t index, nat_address = 0
    cdef uint16_t nat_port = 0
    cdef bint twice = wants_twice_nat(match, flow)
    cdef session_t* s
    if twice and not port_allocate(nm, &nm.twice_nat_addresses, 0, flow.protocol, &nat_address, &nat_port):
        set_error(b, node, OUT2IN_OUT_OF_PORTS)
        return NAT_NONE
    index = new_session(nm, match.address, match.fib_index, True, w.now_ns)
    if index == NAT_NONE:
        if twice:
            port_free(&nm.twice_nat_addresses, nat_address, nat_port, flow.protocol)
        return NAT_NONE
    s = session_at(nm, index)
    s.flags |= SESSION_ED
    if match.mapping.flags & MAPPING_LOAD_BALANCED:
        s.flags |= SESSION_LOAD_BALANCED
    if twice:
        s.flags |= SESSION_TWICE_NAT
    fill_from_outside(s, cold_at(nm, index), flow, match)
    cold_at(nm, index).ext_nat_addr, cold_at(nm, index).ext_nat_port = nat_address, nat_port
    session_add_in2out_ed(nm, index)
    session_add_out2in_ed(nm, index)
    return index


cdef inline void fill_from_outside(session_t* s, session_cold_t* cold, flow_t* flow,
                                   match_t* match) noexcept nogil:
    s.protocol = flow.protocol
    s.in_addr, s.in_port, s.in_fib = match.address, match.port, match.fib_index
    s.out_addr, s.out_port, s.out_fib = flow.address, flow.port, flow.fib_index
    cold.ext_addr, cold.ext_port = flow.remote, flow.remote_port


cdef uint32_t new_bypass(worker_t* w, nat_main_t* nm, ip4_header_t* ip, uint16_t port,
                         uint16_t remote_port) noexcept nogil:
    """A session that translates nothing, of the user `destination`."""
    cdef uint32_t index
    cdef session_t* s
    if sessions_full(nm):
        return NAT_NONE
    index = new_session(nm, ip.dst, nm.inside_fib, False, w.now_ns)
    if index == NAT_NONE:
        return NAT_NONE
    s = session_at(nm, index)
    s.flags |= SESSION_FORWARD_BYPASS
    s.protocol = nat_protocol(ip.protocol)
    if s.protocol == NAT_OTHER:
        s.protocol = ip.protocol
        s.flags |= SESSION_UNKNOWN_PROTOCOL
    s.in_addr, s.out_addr = ip.dst, ip.dst
    s.in_port, s.out_port = port, port
    cold_at(nm, index).ext_addr, cold_at(nm, index).ext_port = ip.src, remote_port
    nm.n_bypass += 1
    session_add_in2out_ed(nm, index)
    return index


cdef void remember_bypass(worker_t* w, nat_main_t* nm, ip4_header_t* ip, uint16_t port,
                          uint16_t remote_port) noexcept nogil:
    """A packet from outside was forwarded untranslated: its answers will leave the same way.

    port, remote_port: destination and source port, 0 where there are none.
    """
    cdef ed_key_t key
    cdef uint32_t index
    ed_key(&key, ip.dst, ip.src, ip.protocol, 0, port, remote_port)
    index = ed_find(&nm.in2out_ed, &key)
    if index == NAT_NONE:
        index = new_bypass(w, nm, ip, port, remote_port)
        if index == NAT_NONE:
            return
    if not tcp_follow(nm, index, session_at(nm, index), ip, False):
        session_heard(nm, session_at(nm, index), w.now_ns, 0)
