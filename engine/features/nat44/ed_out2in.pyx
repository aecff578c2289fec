"""nat44-ed-out2in and its slow path: packets from outside find the session of both their ends."""

from libc.stdint cimport uint16_t, uint32_t, uint64_t

from ...core.features cimport feature_next
from ...core.graph cimport (
    FRAME_SIZE,
    FRAME_TRACE,
    Graph,
    count_error,
    enqueue_frame,
    frame_t,
    node_t,
    set_error,
    worker_t,
)
from ...wire.headers cimport IP_PROTOCOL_ICMP, IP_PROTOCOL_UDP, is_fragment, swap16, udp_header_t
from .affinity cimport affinity_release, match_for_client
from .batch cimport (
    ask_ed,
    ask_session,
    expire_ttl,
    find_ed,
    flow_of_destination,
    is_tcp_or_udp,
    key_destination_ed,
    packet_t,
    start_packets,
)
from .ed cimport ed_translate_destination, session_from_outside
from .ed_flows cimport ed_without_mapping
from .ed_icmp cimport ed_icmp_out2in
from .mappings cimport mapping_by_external
from .nat44 cimport (
    ED_OUT2IN_NEXT_DROP,
    ED_OUT2IN_NEXT_ICMP_ERROR,
    ED_OUT2IN_NEXT_LOOKUP,
    ED_OUT2IN_NEXT_REASSEMBLY,
    ED_OUT2IN_NEXT_SLOW_PATH,
    MAPPING_IDENTITY,
    NAT_NONE,
    OUT2IN_GOOD,
    OUT2IN_MAX_SESSIONS,
    OUT2IN_NO_TRANSLATION,
    SESSION_AFFINITY,
    UNDECIDED,
    flow_t,
    ip4_payload,
    match_t,
    nat_main_t,
    session_at,
)
from .records cimport trace_packets
from .sessions cimport sessions_full
from .state cimport NatState
from .unknown cimport unknown_out2in

from .out2in import OUT2IN_ERRORS
from .trace import ED_OUT2IN

cdef enum:
    DHCP_CLIENT = 68


cdef inline uint16_t first_tests(packet_t* p) noexcept nogil:
    """What needs no session: a spent TTL, other protocols, fragments. UNDECIDED for the others."""
    if p.ip.ttl == 1:
        return ED_OUT2IN_NEXT_ICMP_ERROR
    if not is_tcp_or_udp(p.ip) and p.ip.protocol != IP_PROTOCOL_ICMP:
        return ED_OUT2IN_NEXT_SLOW_PATH
    if is_fragment(p.ip):
        return ED_OUT2IN_NEXT_REASSEMBLY
    return UNDECIDED if is_tcp_or_udp(p.ip) else ED_OUT2IN_NEXT_SLOW_PATH


cdef void out2in(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef nat_main_t* nm = <nat_main_t*> node.main
    cdef packet_t packets[FRAME_SIZE]
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i, n = frame.n_vectors
    cdef uint64_t changes = nm.changes
    start_packets(w, nm, frame, packets, False)
    for i in range(n):
        packets[i].b.u.words[0] = 0         # NAT's flags: no hairpinning
        nexts[i] = first_tests(&packets[i])
        if nexts[i] == UNDECIDED:
            key_destination_ed(&packets[i], packets[i].fib_index)
            ask_ed(&nm.out2in_ed, &packets[i])
        elif nexts[i] == ED_OUT2IN_NEXT_ICMP_ERROR:
            expire_ttl(packets[i].b)
    for i in range(n):
        if nexts[i] == UNDECIDED:
            find_ed(&nm.out2in_ed, &packets[i])
            if packets[i].session != NAT_NONE:
                ask_session(nm, &packets[i])
    for i in range(n):
        if nexts[i] != UNDECIDED:
            continue
        if nm.changes != changes:
            find_ed(&nm.out2in_ed, &packets[i])
        nexts[i] = ED_OUT2IN_NEXT_SLOW_PATH
        if packets[i].session != NAT_NONE:
            ed_translate_destination(w, nm, packets[i].session, packets[i].b, packets[i].ip)
            nexts[i] = ED_OUT2IN_NEXT_LOOKUP
    count_error(w, node, OUT2IN_GOOD, n)
    if frame.flags & FRAME_TRACE:
        trace_packets(w, node, frame, packets, nexts, False, False)
    enqueue_frame(w, node, frame, nexts)


# ---- slow path

cdef uint16_t without_mapping(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p) noexcept nogil:
    cdef udp_header_t* udp = <udp_header_t*> ip4_payload(p.ip)
    if p.ip.protocol == IP_PROTOCOL_UDP and udp.dst_port == swap16(DHCP_CLIENT):
        return feature_next(w, p.b)
    if nm.forwarding:
        return ed_without_mapping(w, nm, p.ip, udp.dst_port, udp.src_port, p.fib_index)
    set_error(p.b, node, OUT2IN_NO_TRANSLATION)
    return ED_OUT2IN_NEXT_DROP


cdef uint16_t translate_new(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p) noexcept nogil:
    """A packet without session: a static mapping may begin one."""
    cdef flow_t flow
    cdef match_t match
    flow_of_destination(p, &flow)
    nm.now_ns = w.now_ns
    if sessions_full(nm) and mapping_by_external(nm, flow.address, flow.port, flow.protocol) != NULL:
        set_error(p.b, node, OUT2IN_MAX_SESSIONS)
        return ED_OUT2IN_NEXT_DROP
    if not match_for_client(nm, flow.address, flow.port, flow.protocol, flow.remote, w.now_ns, &match):
        return without_mapping(w, nm, node, p)
    if match.mapping.flags & MAPPING_IDENTITY:
        return ED_OUT2IN_NEXT_LOOKUP
    p.session = session_from_outside(w, nm, node, p.b, &flow, &match)
    if p.session == NAT_NONE:
        if match.mapping.affinity:
            affinity_release(nm, flow.remote, flow.address, flow.port, flow.protocol, w.now_ns)
        return ED_OUT2IN_NEXT_DROP
    if match.mapping.affinity:
        session_at(nm, p.session).flags |= SESSION_AFFINITY
    ed_translate_destination(w, nm, p.session, p.b, p.ip)
    return ED_OUT2IN_NEXT_LOOKUP


cdef inline uint16_t slow_packet(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p) noexcept nogil:
    if p.ip.protocol == IP_PROTOCOL_ICMP:
        return ed_icmp_out2in(w, nm, node, p)
    if not is_tcp_or_udp(p.ip):
        return unknown_out2in(w, nm, node, p.b, p.ip, p.fib_index, &p.session)
    find_ed(&nm.out2in_ed, p)
    if p.session == NAT_NONE:
        return translate_new(w, nm, node, p)
    ed_translate_destination(w, nm, p.session, p.b, p.ip)
    return ED_OUT2IN_NEXT_LOOKUP


cdef void out2in_slowpath(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef nat_main_t* nm = <nat_main_t*> node.main
    cdef packet_t packets[FRAME_SIZE]
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i, n = frame.n_vectors, dropped = 0
    start_packets(w, nm, frame, packets, False)
    for i in range(n):
        if is_tcp_or_udp(packets[i].ip):
            key_destination_ed(&packets[i], packets[i].fib_index)
            ask_ed(&nm.out2in_ed, &packets[i])
    for i in range(n):
        nexts[i] = slow_packet(w, nm, node, &packets[i])
        dropped += nexts[i] == ED_OUT2IN_NEXT_DROP
    count_error(w, node, OUT2IN_GOOD, n - dropped)
    if frame.flags & FRAME_TRACE:
        trace_packets(w, node, frame, packets, nexts, True, False)
    enqueue_frame(w, node, frame, nexts)


cdef uint16_t ed_out2in_first_fragment(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p,
                                       bint is_output) noexcept nogil:
    """Translate the fragment that has the L4 header as a whole packet. is_output: never."""
    if is_tcp_or_udp(p.ip):
        key_destination_ed(p, p.fib_index)
        ask_ed(&nm.out2in_ed, p)
    return slow_packet(w, nm, node, p)


# ---- registration

def register(Graph graph, NatState state, tuple next_nodes):
    """In the order in which `show errors` lists them."""
    graph.register("nat44-ed-out2in-slowpath", out2in_slowpath, &state.main, "internal", next_nodes, OUT2IN_ERRORS,
                   None, None, ED_OUT2IN, 0)
    graph.register("nat44-ed-out2in", out2in, &state.main, "internal", next_nodes, OUT2IN_ERRORS,
                   None, None, ED_OUT2IN, 0)
