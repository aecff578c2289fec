"""ICMP through the endpoint-dependent nodes: by identifier and host, errors by the packet they quote."""

from libc.stdint cimport uint16_t, uint32_t

from ...core.buffer cimport SW_IF_INDEX_RX, SW_IF_INDEX_TX, buffer_length, buffer_t
from ...core.graph cimport NO_INDEX, node_t, set_error, worker_t
from ...wire.headers cimport ICMP_ECHO_REPLY, ICMP_ECHO_REQUEST
from .batch cimport packet_t
from .ed cimport session_from_outside
from .ed_flows cimport ed_in2out_session, ed_stays_inside, ed_stays_untranslated_output, ed_without_mapping
from .ei cimport is_interface_address
from .icmp cimport icmp_hairpin
from .icmp_flow cimport icmp_checksum_ok, icmp_flow_t, icmp_parse, icmp_rewrite
from .mappings cimport mapping_by_external, match_external
from .nat44 cimport (
    ED_IN2OUT_BAD_ICMP_TYPE,
    ED_IN2OUT_UNSUPPORTED_PROTOCOL,
    ED_OUT2IN_NEXT_DROP,
    ED_OUT2IN_NEXT_LOOKUP,
    IN2OUT_NEXT_DROP,
    IN2OUT_NEXT_LOOKUP,
    MAPPING_ADDRESS_ONLY,
    MAPPING_IDENTITY,
    NAT_NONE,
    OUT2IN_BAD_ICMP_TYPE,
    OUT2IN_MAX_SESSIONS,
    OUT2IN_NO_TRANSLATION,
    OUT2IN_UNSUPPORTED_PROTOCOL,
    SESSION_FORWARD_BYPASS,
    ed_key,
    ed_key_t,
    flow_t,
    ip_protocol_of,
    mapping_t,
    match_t,
    nat_main_t,
    session_at,
    session_heard,
    session_t,
)
from .sessions cimport ed_find, sessions_full


cdef inline uint16_t drop(buffer_t* b, node_t* node, uint32_t error, uint16_t next_index) noexcept nogil:
    set_error(b, node, error)
    return next_index


cdef inline void fill_flow(packet_t* p, icmp_flow_t* icmp, uint32_t remote, flow_t* flow) noexcept nogil:
    """The side asked for and its remote; echo has no remote port."""
    flow.address, flow.port, flow.protocol, flow.fib_index = icmp.address, icmp.port, icmp.protocol, p.fib_index
    flow.remote = icmp.remote if icmp.is_error else remote
    flow.remote_port = icmp.remote_port if icmp.is_error else 0


cdef inline void flow_key(flow_t* flow, ed_key_t* key) noexcept nogil:
    ed_key(key, flow.address, flow.remote, ip_protocol_of(flow.protocol), flow.fib_index, flow.port, flow.remote_port)


# ---- from inside

cdef uint16_t begin_in2out(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p, icmp_flow_t* icmp, flow_t* flow,
                           bint is_output) noexcept nogil:
    """A message without session."""
    if is_output:
        if ed_stays_untranslated_output(nm, p.b.sw_if_index[SW_IF_INDEX_TX], flow):
            return IN2OUT_NEXT_LOOKUP
    elif ed_stays_inside(nm, p.b.sw_if_index[SW_IF_INDEX_RX], flow):
        return IN2OUT_NEXT_LOOKUP
    if icmp.is_error:
        return drop(p.b, node, ED_IN2OUT_BAD_ICMP_TYPE, IN2OUT_NEXT_DROP)
    return ed_in2out_session(w, nm, node, p.b, flow, &p.session)


cdef uint16_t ed_icmp_in2out(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p, bint is_output) noexcept nogil:
    """Translate an ICMP message from inside; its next index. The session stays in p, for the trace."""
    cdef icmp_flow_t icmp
    cdef flow_t flow
    cdef ed_key_t key
    cdef session_t* s
    cdef uint16_t next_index = IN2OUT_NEXT_LOOKUP
    if not icmp_parse(p.b, p.ip, True, &icmp):
        return drop(p.b, node, ED_IN2OUT_UNSUPPORTED_PROTOCOL, IN2OUT_NEXT_DROP)
    fill_flow(p, &icmp, p.ip.dst, &flow)
    flow_key(&flow, &key)
    p.session = ed_find(&nm.in2out_ed, &key)
    if p.session == NAT_NONE:
        next_index = begin_in2out(w, nm, node, p, &icmp, &flow, is_output)
        if p.session == NAT_NONE:
            return next_index
    elif is_output and nm.forwarding and session_at(nm, p.session).flags & SESSION_FORWARD_BYPASS:
        session_heard(nm, session_at(nm, p.session), w.now_ns, 0)
        p.session = NAT_NONE
        return IN2OUT_NEXT_LOOKUP
    elif not icmp.is_echo and not icmp.is_error:
        p.session = NAT_NONE
        return drop(p.b, node, ED_IN2OUT_BAD_ICMP_TYPE, IN2OUT_NEXT_DROP)
    s = session_at(nm, p.session)
    if not icmp_checksum_ok(p.b, p.ip) or not icmp_rewrite(p.ip, &icmp, s.out_addr, s.out_port, True):
        return IN2OUT_NEXT_DROP
    if not is_output:
        if p.b.sw_if_index[SW_IF_INDEX_TX] == NO_INDEX:
            p.b.sw_if_index[SW_IF_INDEX_TX] = s.out_fib
        if p.b.sw_if_index[SW_IF_INDEX_TX] == 0:
            icmp_hairpin(nm, p.b, p.ip)
    session_heard(nm, s, w.now_ns, buffer_length(p.b))
    return next_index


# ---- from outside

cdef uint16_t begin_out2in(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p, icmp_flow_t* icmp,
                           flow_t* flow) noexcept nogil:
    """A message without session: a mapping may begin one."""
    cdef mapping_t* mapping = mapping_by_external(nm, p.ip.dst, icmp.port, icmp.protocol)
    cdef match_t match
    if mapping == NULL:
        if nm.forwarding:
            return ed_without_mapping(w, nm, p.ip, icmp.port, 0, p.fib_index)
        if is_interface_address(nm, p.b.sw_if_index[SW_IF_INDEX_RX], p.ip.dst):
            return ED_OUT2IN_NEXT_LOOKUP
        return drop(p.b, node, OUT2IN_NO_TRANSLATION, ED_OUT2IN_NEXT_DROP)
    if icmp.icmp.type != ICMP_ECHO_REPLY:
        if icmp.icmp.type != ICMP_ECHO_REQUEST or not mapping.flags & MAPPING_ADDRESS_ONLY:
            return drop(p.b, node, OUT2IN_BAD_ICMP_TYPE, ED_OUT2IN_NEXT_DROP)
    if mapping.flags & MAPPING_IDENTITY:
        return ED_OUT2IN_NEXT_LOOKUP
    if sessions_full(nm):
        return drop(p.b, node, OUT2IN_MAX_SESSIONS, ED_OUT2IN_NEXT_DROP)
    match_external(nm, p.ip.dst, icmp.port, icmp.protocol, &match)
    p.session = session_from_outside(w, nm, node, p.b, flow, &match)
    return ED_OUT2IN_NEXT_LOOKUP if p.session != NAT_NONE else ED_OUT2IN_NEXT_DROP


cdef uint16_t ed_icmp_out2in(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p) noexcept nogil:
    """Translate an ICMP message from outside; its next index. The session stays in p, for the trace."""
    cdef icmp_flow_t icmp
    cdef flow_t flow
    cdef ed_key_t key
    cdef session_t* s
    cdef uint16_t next_index = ED_OUT2IN_NEXT_LOOKUP
    if not icmp_parse(p.b, p.ip, False, &icmp):
        return drop(p.b, node, OUT2IN_UNSUPPORTED_PROTOCOL, ED_OUT2IN_NEXT_DROP)
    fill_flow(p, &icmp, p.ip.src, &flow)
    flow_key(&flow, &key)
    p.session = ed_find(&nm.out2in_ed, &key)
    if p.session == NAT_NONE:
        next_index = begin_out2in(w, nm, node, p, &icmp, &flow)
        if p.session == NAT_NONE:
            return next_index
    elif not icmp.is_echo and not icmp.is_error:
        p.session = NAT_NONE
        return drop(p.b, node, OUT2IN_BAD_ICMP_TYPE, ED_OUT2IN_NEXT_DROP)
    s = session_at(nm, p.session)
    if not icmp_checksum_ok(p.b, p.ip) or not icmp_rewrite(p.ip, &icmp, s.in_addr, s.in_port, False):
        return ED_OUT2IN_NEXT_DROP
    if p.b.sw_if_index[SW_IF_INDEX_TX] == NO_INDEX or p.b.sw_if_index[SW_IF_INDEX_TX] == 0:
        p.b.sw_if_index[SW_IF_INDEX_TX] = s.in_fib
    session_heard(nm, s, w.now_ns, buffer_length(p.b))
    return next_index
