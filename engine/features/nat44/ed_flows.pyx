"""Endpoint-dependent mode: who is translated, and the making of a session from inside."""

from libc.stdint cimport uint16_t, uint32_t

from ...core.buffer cimport buffer_t
from ...core.graph cimport node_t, set_error, worker_t
from ...wire.headers cimport ip4_header_t
from .ed cimport new_session, remember_bypass
from .ei cimport is_interface_address, leads_outside, outside_fib_of
from .mappings cimport match_external, match_local
from .nat44 cimport (
    ED_IN2OUT_MAX_SESSIONS,
    ED_IN2OUT_OUT_OF_PORTS,
    ED_OUT2IN_NEXT_IN2OUT,
    ED_OUT2IN_NEXT_LOOKUP,
    IN2OUT_NEXT_DROP,
    IN2OUT_NEXT_LOOKUP,
    MAPPING_IDENTITY,
    NAT_NONE,
    ROLE_OUTPUT_IN,
    SESSION_ED,
    SESSION_FORWARD_BYPASS,
    cold_at,
    ed_key,
    ed_key_t,
    flow_t,
    interface_role,
    ip_protocol_of,
    match_t,
    nat_main_t,
    session_at,
    session_t,
)
from .ports cimport port_allocate, port_free
from .sessions cimport ed_find, session_add_in2out_ed, session_add_out2in_ed, sessions_full


cdef bint ed_stays_inside(nat_main_t* nm, uint32_t sw_if_index, flow_t* flow) noexcept nogil:
    """Whether a packet of a plain inside interface goes on untranslated; see stays_inside.

    As in VPP the look at the mappings draws a number if the one it finds is load-balanced.
    """
    cdef ed_key_t key
    cdef match_t match
    ed_key(&key, flow.remote, flow.address, ip_protocol_of(flow.protocol), nm.outside_fib, flow.remote_port, flow.port)
    if ed_find(&nm.out2in_ed, &key) != NAT_NONE:
        return False
    if match_external(nm, flow.remote, flow.remote_port, flow.protocol, &match):
        return False
    if nm.forwarding or is_interface_address(nm, sw_if_index, flow.remote):
        return True
    return not leads_outside(nm, flow)


cdef bint ed_stays_untranslated_output(nat_main_t* nm, uint32_t tx_sw_if_index, flow_t* flow) noexcept nogil:
    """Whether a packet leaves by an output feature untranslated; see stays_untranslated_output."""
    cdef ed_key_t key
    cdef uint32_t index
    ed_key(&key, flow.address, flow.remote, ip_protocol_of(flow.protocol), flow.fib_index, flow.port, flow.remote_port)
    if ed_find(&nm.out2in_ed, &key) != NAT_NONE:
        return True
    ed_key(&key, flow.remote, flow.address, ip_protocol_of(flow.protocol), flow.fib_index, flow.remote_port, flow.port)
    index = ed_find(&nm.in2out_ed, &key)
    if index == NAT_NONE or session_at(nm, index).flags & SESSION_FORWARD_BYPASS:
        return False
    return not interface_role(nm, tx_sw_if_index) & ROLE_OUTPUT_IN


cdef uint16_t ed_in2out_session(worker_t* w, nat_main_t* nm, node_t* node, buffer_t* b, flow_t* flow,
                                uint32_t* session) noexcept nogil:
    """Make the session of a flow that begins inside; next index of nat44-ed-in2out.

    session: OUT, NAT_NONE for a drop, and for an identity mapping whose packets just pass.
    """
    cdef match_t match
    cdef uint32_t index, address = 0
    cdef uint16_t port = 0
    cdef bint is_static
    cdef session_t* s
    session[0] = NAT_NONE
    if sessions_full(nm):
        set_error(b, node, ED_IN2OUT_MAX_SESSIONS)
        return IN2OUT_NEXT_DROP
    is_static = match_local(nm, flow.address, flow.port, flow.protocol, flow.fib_index, &match)
    if is_static:
        if match.mapping.flags & MAPPING_IDENTITY:
            return IN2OUT_NEXT_LOOKUP
        address, port = match.address, match.port
    elif not port_allocate(nm, &nm.addresses, flow.fib_index, flow.protocol, &address, &port):
        set_error(b, node, ED_IN2OUT_OUT_OF_PORTS)
        return IN2OUT_NEXT_DROP
    index = new_session(nm, flow.address, flow.fib_index, is_static, w.now_ns)
    if index == NAT_NONE:
        if not is_static:
            port_free(&nm.addresses, address, port, flow.protocol)
        return IN2OUT_NEXT_DROP
    s = session_at(nm, index)
    s.flags |= SESSION_ED
    s.protocol = flow.protocol
    s.in_addr, s.in_port, s.in_fib = flow.address, flow.port, flow.fib_index
    s.out_addr, s.out_port, s.out_fib = address, port, outside_fib_of(nm, flow.remote)
    cold_at(nm, index).ext_addr, cold_at(nm, index).ext_port = flow.remote, flow.remote_port
    session_add_in2out_ed(nm, index)
    session_add_out2in_ed(nm, index)
    session[0] = index
    return IN2OUT_NEXT_LOOKUP


cdef uint16_t ed_without_mapping(worker_t* w, nat_main_t* nm, ip4_header_t* ip, uint16_t port, uint16_t remote_port,
                                 uint32_t fib_index) noexcept nogil:
    """A packet from outside that forwarding passes on: to in2out if it belongs to a session of its sender."""
    cdef ed_key_t key
    ed_key(&key, ip.src, ip.dst, ip.protocol, fib_index, remote_port, port)
    if ed_find(&nm.in2out_ed, &key) != NAT_NONE:
        return ED_OUT2IN_NEXT_IN2OUT
    remember_bypass(w, nm, ip, port, remote_port)
    return ED_OUT2IN_NEXT_LOOKUP
