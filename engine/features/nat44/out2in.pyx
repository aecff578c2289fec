"""nat44-out2in: packets from outside get the inside destination of their session or mapping."""

from libc.stdint cimport uint16_t, uint32_t, uint64_t

from ...core.buffer cimport SW_IF_INDEX_TX, buffer_length
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
from ...wire.headers cimport IP_PROTOCOL_ICMP, IP_PROTOCOL_UDP, ip4_header_t, is_fragment, swap16, udp_header_t
from .batch cimport (
    ask,
    ask_ed,
    ask_session,
    expire_ttl,
    find,
    find_ed,
    flow_of_destination,
    is_tcp_or_udp,
    key_destination,
    key_destination_ed,
    packet_t,
    start_packets,
)
from .ed cimport ed_translate_destination, out2in_ed_session, remember_bypass
from .ei cimport out2in_session
from .icmp cimport icmp_out2in
from .mappings cimport match_external
from .nat44 cimport (
    ED_MARK,
    MAPPING_IDENTITY,
    NAT_NONE,
    OUT2IN_GOOD,
    OUT2IN_NEXT_DROP,
    OUT2IN_NEXT_ICMP_ERROR,
    OUT2IN_NEXT_IN2OUT,
    OUT2IN_NEXT_LOOKUP,
    OUT2IN_NEXT_REASSEMBLY,
    OUT2IN_NO_TRANSLATION,
    POLICY_FORWARD_BYPASS,
    POLICY_FRAGMENTS_FIRST,
    POLICY_IDENTITY_SESSIONS,
    POLICY_TCP_STATES,
    UNDECIDED,
    ei_key,
    flow_t,
    ip4_payload,
    match_t,
    nat_main_t,
    nat_protocol,
    session_at,
    session_heard,
    session_t,
)
from .records cimport trace_packets
from .rewrite cimport rewrite_destination
from .sessions cimport ei_find
from .state cimport NatState
from .tcp cimport tcp_follow
from .unknown cimport unknown_out2in

from .trace import OUT2IN

cdef enum:
    DHCP_CLIENT = 68
    OTHER_PROTOCOL = 0xfffe     # next index still to be told, by ICMP or by the address alone

OUT2IN_ERRORS = (
    "Unsupported protocol", "Good out2in packets processed", "Out of ports", "unsupported ICMP type",
    "No translation", "Maximum sessions exceeded", "Drop fragment", "Maximum reassemblies exceeded",
    "Maximum fragments per reassembly exceeded")


cdef inline uint16_t first_tests(nat_main_t* nm, packet_t* p) noexcept nogil:
    """What needs no session: a spent TTL and fragments. UNDECIDED for TCP and UDP."""
    cdef ip4_header_t* ip = p.ip
    if ip.ttl == 1:
        return OUT2IN_NEXT_ICMP_ERROR
    if is_tcp_or_udp(ip):
        return OUT2IN_NEXT_REASSEMBLY if is_fragment(ip) else UNDECIDED
    if ip.protocol == IP_PROTOCOL_ICMP and is_fragment(ip) and nm.policy & POLICY_FRAGMENTS_FIRST:
        return OUT2IN_NEXT_REASSEMBLY
    return OTHER_PROTOCOL


cdef inline void translate(worker_t* w, nat_main_t* nm, packet_t* p) noexcept nogil:
    """A TCP or UDP packet of an endpoint-independent session."""
    cdef session_t* s = session_at(nm, p.session)
    rewrite_destination(p.ip, s.in_addr, s.in_port)
    p.b.sw_if_index[SW_IF_INDEX_TX] = s.in_fib
    if nm.policy & POLICY_TCP_STATES and tcp_follow(nm, p.session, s, p.ip, False):
        return
    session_heard(nm, s, w.now_ns, buffer_length(p.b))


cdef uint16_t translate_marked(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p) noexcept nogil:
    """A packet for a load-balanced or other endpoint-dependent mapping."""
    cdef flow_t flow
    if p.session == NAT_NONE:
        flow_of_destination(p, &flow)
        p.session = out2in_ed_session(w, nm, node, p.b, &flow)
        if p.session == NAT_NONE:
            return OUT2IN_NEXT_DROP
    ed_translate_destination(w, nm, p.session, p.b, p.ip)
    return OUT2IN_NEXT_LOOKUP


cdef uint16_t without_mapping(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p) noexcept nogil:
    """Neither session nor mapping: dropped, or with forwarding passed on."""
    cdef udp_header_t* udp = <udp_header_t*> ip4_payload(p.ip)
    if p.ip.protocol == IP_PROTOCOL_UDP and udp.dst_port == swap16(DHCP_CLIENT):
        return feature_next(w, p.b)
    if not nm.forwarding:
        set_error(p.b, node, OUT2IN_NO_TRANSLATION)
        return OUT2IN_NEXT_DROP
    if nm.policy & POLICY_FORWARD_BYPASS:
        if ei_find(&nm.in2out, ei_key(p.ip.src, udp.src_port, nat_protocol(p.ip.protocol),
                                      nm.inside_fib)) != NAT_NONE:
            return OUT2IN_NEXT_IN2OUT
        remember_bypass(w, nm, p.ip, udp.dst_port, udp.src_port)
    return OUT2IN_NEXT_LOOKUP


cdef uint16_t translate_new(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p) noexcept nogil:
    """A packet without session: a static mapping may begin one."""
    cdef flow_t flow
    cdef match_t match
    flow_of_destination(p, &flow)
    if not match_external(nm, flow.address, flow.port, flow.protocol, &match):
        return without_mapping(w, nm, node, p)
    if match.mapping.flags & MAPPING_IDENTITY and not nm.policy & POLICY_IDENTITY_SESSIONS:
        return OUT2IN_NEXT_LOOKUP
    p.session = out2in_session(nm, node, p.b, &flow, &match)
    if p.session == NAT_NONE:
        return OUT2IN_NEXT_DROP
    translate(w, nm, p)
    return OUT2IN_NEXT_LOOKUP


cdef inline uint16_t one_packet(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p, bint marked,
                                uint16_t next_index) noexcept nogil:
    if next_index == OTHER_PROTOCOL:
        if p.ip.protocol == IP_PROTOCOL_ICMP:
            return icmp_out2in(w, nm, node, p.b, p.ip, p.fib_index, &p.session)
        return unknown_out2in(w, nm, node, p.b, p.ip, p.fib_index, &p.session)
    if marked:
        return translate_marked(w, nm, node, p)
    if p.session == NAT_NONE:
        return translate_new(w, nm, node, p)
    translate(w, nm, p)
    return OUT2IN_NEXT_LOOKUP


cdef inline void find_again(nat_main_t* nm, packet_t* p, bint* marked) noexcept nogil:
    """Search again, both tables: what was found or missed before may be no more."""
    find(&nm.out2in, p)
    marked[0] = p.session == ED_MARK
    if marked[0]:
        key_destination_ed(p, p.fib_index)
        ask_ed(&nm.out2in_ed, p)
        find_ed(&nm.out2in_ed, p)


cdef inline void find_first(nat_main_t* nm, packet_t* p, bint* marked) noexcept nogil:
    """Search by one side, and ask for what comes next: the session, or the bucket that knows both sides."""
    find(&nm.out2in, p)
    marked[0] = p.session == ED_MARK
    if p.session < ED_MARK:
        ask_session(nm, p)
    elif marked[0]:
        key_destination_ed(p, p.fib_index)
        ask_ed(&nm.out2in_ed, p)
    elif nm.forwarding and nm.policy & POLICY_FORWARD_BYPASS:
        key_destination_ed(p, 0)
        ask_ed(&nm.in2out_ed, p)


cdef uint32_t translate_packets(worker_t* w, nat_main_t* nm, node_t* node, packet_t* packets, uint16_t* nexts,
                                uint32_t n) noexcept nogil:
    """The second and third pass; how many packets are dropped.

    New flows are made in order, and what the first packets change the later ones see.
    """
    cdef bint marked[FRAME_SIZE]
    cdef uint32_t i, dropped = 0, n_marked = 0
    cdef uint64_t changes = nm.changes
    for i in range(n):
        marked[i] = False
        if nexts[i] == UNDECIDED:
            find_first(nm, &packets[i], &marked[i])
            n_marked += marked[i]
    if n_marked:
        for i in range(n):
            if marked[i]:
                find_ed(&nm.out2in_ed, &packets[i])
                if packets[i].session != NAT_NONE:
                    ask_session(nm, &packets[i])
    for i in range(n):
        if nexts[i] >= OTHER_PROTOCOL:
            if nm.changes != changes and nexts[i] == UNDECIDED:
                find_again(nm, &packets[i], &marked[i])
            nexts[i] = one_packet(w, nm, node, &packets[i], marked[i], nexts[i])
        dropped += nexts[i] == OUT2IN_NEXT_DROP
    return dropped


cdef void out2in(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef nat_main_t* nm = <nat_main_t*> node.main
    cdef packet_t packets[FRAME_SIZE]
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i, n = frame.n_vectors, dropped
    start_packets(w, nm, frame, packets, False)
    for i in range(n):
        nexts[i] = first_tests(nm, &packets[i])
        if nexts[i] == UNDECIDED:
            key_destination(&packets[i])
            ask(&nm.out2in, &packets[i])
        elif nexts[i] == OUT2IN_NEXT_ICMP_ERROR:
            expire_ttl(packets[i].b)
    dropped = translate_packets(w, nm, node, packets, nexts, n)
    count_error(w, node, OUT2IN_GOOD, n - dropped)
    if frame.flags & FRAME_TRACE:
        trace_packets(w, node, frame, packets, nexts, False, True)
    enqueue_frame(w, node, frame, nexts)


cdef uint16_t out2in_first_fragment(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p,
                                    bint is_output) noexcept nogil:
    """Translate the fragment that has the L4 header as a whole packet. is_output: never."""
    cdef uint16_t next_index = OTHER_PROTOCOL
    if is_tcp_or_udp(p.ip):
        next_index = UNDECIDED
        key_destination(p)
        ask(&nm.out2in, p)
    translate_packets(w, nm, node, p, &next_index, 1)
    return next_index


# ---- registration

def register(Graph graph, NatState state, tuple next_nodes):
    graph.register("nat44-out2in", out2in, &state.main, "internal", next_nodes, OUT2IN_ERRORS, None, None, OUT2IN, 0)
