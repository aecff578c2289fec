"""Endpoint-independent sessions: who is translated, and the making of a session."""

from libc.stdint cimport uint16_t, uint32_t, uint64_t

from ...core.buffer cimport buffer_t
from ...core.graph cimport node_t, set_error
from ...net.fib.fib cimport (
    DPO_RECEIVE,
    NO_INTERFACE,
    fib_is_interface_address,
    fib_lookup,
    fib_main_t,
    load_balance_at,
    load_balance_interface,
    receive_at,
)
from .mappings cimport mapping_by_external, match_local
from .nat44 cimport (
    ED_MARK,
    IN2OUT_MAX_SESSIONS,
    IN2OUT_NEXT_DROP,
    IN2OUT_NEXT_LOOKUP,
    IN2OUT_OUT_OF_PORTS,
    MAPPING_IDENTITY,
    NAT_NONE,
    OUT2IN_MAX_SESSIONS,
    POLICY_IDENTITY_SESSIONS,
    ROLE_OUT,
    ROLE_OUTPUT_IN,
    SESSION_FORWARD_BYPASS,
    cold_at,
    ei_key,
    interface_role,
    match_t,
    nat_main_t,
    session_at,
    session_cold_t,
    session_t,
)
from .ports cimport port_allocate
from .sessions cimport ei_find, session_add_ei, session_new, sessions_full, user_get


# ---- who is translated

cdef uint32_t route_interface(fib_main_t* fm, uint32_t fib_index, uint32_t address) noexcept nogil:
    """Interface a route resolves through, own addresses to the one that has them; NO_INTERFACE without."""
    cdef uint32_t index = fib_lookup(fm, fib_index, address)
    if load_balance_at(fm, index).first.type == DPO_RECEIVE:
        return receive_at(fm, load_balance_at(fm, index).first.index).sw_if_index
    return load_balance_interface(fm, index)


cdef uint32_t outside_fib_of(nat_main_t* nm, uint32_t remote) noexcept nogil:
    """Table of the outside: of several the first that has a route to the remote host."""
    cdef uint32_t i
    if nm.n_outside_fibs == 1:
        return nm.outside_fibs[0]
    for i in range(nm.n_outside_fibs):
        if route_interface(nm.fib, nm.outside_fibs[i], remote) != NO_INTERFACE:
            return nm.outside_fibs[i]
    return nm.outside_fib


cdef bint is_interface_address(nat_main_t* nm, uint32_t sw_if_index, uint32_t address) noexcept nogil:
    """Whether the address is the interface's own; addresses of NAT are local routes of it, but not its own."""
    cdef uint32_t i
    if nm.fib.interfaces.interfaces[sw_if_index].ip4_address == address:
        return True
    if not fib_is_interface_address(nm.fib, sw_if_index, address):
        return False
    for i in range(nm.addresses.n):
        if nm.addresses.elements[i].address == address:
            return False
    return mapping_by_external(nm, address, 0, 0) == NULL


cdef bint leads_outside(nat_main_t* nm, flow_t* flow) noexcept nogil:
    """Whether the remote host is reached through an outside interface."""
    cdef uint32_t i, sw_if_index = route_interface(nm.fib, flow.fib_index, flow.remote)
    for i in range(nm.n_outside_fibs):
        if sw_if_index != NO_INTERFACE:
            break
        sw_if_index = route_interface(nm.fib, nm.outside_fibs[i], flow.remote)
    return sw_if_index != NO_INTERFACE and (interface_role(nm, sw_if_index) & ROLE_OUT) != 0


cdef bint stays_inside(nat_main_t* nm, uint32_t sw_if_index, flow_t* flow) noexcept nogil:
    """Whether a packet of a plain inside interface goes on untranslated.

    Not if it is for an outside address and port of a session or mapping. With forwarding that is all that is
    translated; without it, so is what leaves by an outside interface, unless it is for the interface it came by.
    """
    if ei_find(&nm.out2in, ei_key(flow.remote, flow.remote_port, flow.protocol, nm.outside_fib)) != NAT_NONE:
        return False
    if mapping_by_external(nm, flow.remote, flow.remote_port, flow.protocol) != NULL:
        return False
    if nm.forwarding:
        return True
    if is_interface_address(nm, sw_if_index, flow.remote):
        return True
    return not leads_outside(nm, flow)


cdef bint stays_untranslated_output(nat_main_t* nm, uint32_t sw_if_index, flow_t* flow) noexcept nogil:
    """Whether a packet leaves by an output feature untranslated.

    It does if its source is an outside address and port already, or its destination an inside one, except in
    hairpinning.
    """
    cdef uint64_t found
    if ei_find(&nm.out2in, ei_key(flow.address, flow.port, flow.protocol, flow.fib_index)) != NAT_NONE:
        return True
    found = ei_find(&nm.in2out, ei_key(flow.remote, flow.remote_port, flow.protocol, flow.fib_index))
    if found == NAT_NONE:
        return False
    if found != ED_MARK and session_at(nm, <uint32_t> found).flags & SESSION_FORWARD_BYPASS:
        return False
    return not interface_role(nm, sw_if_index) & ROLE_OUTPUT_IN


# ---- sessions

cdef void fill(nat_main_t* nm, uint32_t index, flow_t* flow, uint32_t address, uint16_t port,
               uint32_t fib_index) noexcept nogil:
    cdef session_t* s = session_at(nm, index)
    cdef session_cold_t* cold = cold_at(nm, index)
    s.in_addr, s.in_port, s.in_fib = flow.address, flow.port, flow.fib_index
    s.out_addr, s.out_port, s.out_fib = address, port, fib_index
    s.protocol = flow.protocol
    cold.ext_addr, cold.ext_port = flow.remote, flow.remote_port


cdef uint16_t in2out_session(nat_main_t* nm, node_t* node, buffer_t* b, flow_t* flow,
                             uint32_t* session) noexcept nogil:
    """Make the session of a flow that begins inside; next index of in2out.

    session: OUT, NAT_NONE for a drop, and for an identity mapping whose packets just pass.
    """
    cdef match_t match
    cdef uint32_t user, index, address = 0
    cdef uint16_t port = 0
    cdef bint is_static
    session[0] = NAT_NONE
    if sessions_full(nm):
        set_error(b, node, IN2OUT_MAX_SESSIONS)
        return IN2OUT_NEXT_DROP
    is_static = match_local(nm, flow.address, flow.port, flow.protocol, flow.fib_index, &match)
    if is_static:
        if match.mapping.flags & MAPPING_IDENTITY and not nm.policy & POLICY_IDENTITY_SESSIONS:
            return IN2OUT_NEXT_LOOKUP
        address, port = match.address, match.port
    elif not port_allocate(nm, &nm.addresses, flow.fib_index, flow.protocol, &address, &port):
        set_error(b, node, IN2OUT_OUT_OF_PORTS)
        return IN2OUT_NEXT_DROP
    user = user_get(nm, flow.address, flow.fib_index)
    index = session_new(nm, user, is_static) if user != NAT_NONE else NAT_NONE
    if index == NAT_NONE:
        return IN2OUT_NEXT_DROP
    fill(nm, index, flow, address, port, outside_fib_of(nm, flow.remote))
    session_add_ei(nm, index)
    session[0] = index
    return IN2OUT_NEXT_LOOKUP


cdef uint32_t out2in_session(nat_main_t* nm, node_t* node, buffer_t* b, flow_t* flow, match_t* match) noexcept nogil:
    """Make the session of a flow that begins outside, as if from inside; NAT_NONE for a drop.

    flow: address and port are the outside ones, remote is the external host; match: what its mapping says.
    """
    cdef uint32_t user, index
    cdef uint32_t address = flow.address, fib_index = flow.fib_index
    cdef uint16_t port = flow.port
    if sessions_full(nm):
        set_error(b, node, OUT2IN_MAX_SESSIONS)
        return NAT_NONE
    user = user_get(nm, match.address, match.fib_index)
    index = session_new(nm, user, True) if user != NAT_NONE else NAT_NONE
    if index == NAT_NONE:
        return NAT_NONE
    flow.address, flow.port, flow.fib_index = match.address, match.port, match.fib_index
    fill(nm, index, flow, address, port, fib_index)
    session_add_ei(nm, index)
    return index
