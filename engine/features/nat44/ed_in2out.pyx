"""nat44-ed-in2out and nat44-ed-in2out-output, with their slow paths: each flow has a session of its own."""

from libc.stdint cimport uint16_t, uint32_t, uint64_t

from ...core.buffer cimport BUFFER_IS_NATED, SW_IF_INDEX_RX, SW_IF_INDEX_TX, buffer_advance
from ...core.graph cimport FRAME_SIZE, FRAME_TRACE, Graph, enqueue_frame, frame_t, node_t, worker_t
from ...wire.headers cimport IP_PROTOCOL_ICMP, IP_PROTOCOL_UDP, is_fragment, swap16, udp_header_t
from .batch cimport (
    ask_ed,
    ask_session,
    expire_ttl,
    find_ed,
    flow_of_source,
    is_tcp_or_udp,
    key_source_ed,
    packet_t,
    start_packets,
)
from .ed cimport ed_translate_source
from .ed_flows cimport ed_in2out_session, ed_stays_inside, ed_stays_untranslated_output
from .ed_icmp cimport ed_icmp_in2out
from .nat44 cimport (
    IN2OUT_NEXT_DROP,
    IN2OUT_NEXT_ICMP_ERROR,
    IN2OUT_NEXT_LOOKUP,
    IN2OUT_NEXT_REASSEMBLY,
    IN2OUT_NEXT_SLOW_PATH,
    NAT_NONE,
    SESSION_FORWARD_BYPASS,
    UNDECIDED,
    flow_t,
    ip4_payload,
    nat_main_t,
    session_at,
    session_heard,
    session_t,
)
from .records cimport trace_packets
from .rewrite cimport clamp_mss
from .state cimport NatState
from .tcp cimport tcp_follow
from .unknown cimport unknown_in2out

from .trace import ED_IN2OUT

cdef enum:
    DHCP_SERVER = 67
    BROADCAST = 0xffffffffU

ED_IN2OUT_ERRORS = (
    "Unsupported protocol", "Good in2out packets processed", "Out of ports", "unsupported ICMP type",
    "Maximum sessions exceeded", "Drop fragment", "Maximum reassemblies exceeded",
    "Maximum fragments per reassembly exceeded")


cdef inline void translate(worker_t* w, nat_main_t* nm, packet_t* p, bint is_output) noexcept nogil:
    p.b.flags |= BUFFER_IS_NATED
    if not is_output:
        p.b.sw_if_index[SW_IF_INDEX_TX] = session_at(nm, p.session).out_fib
    ed_translate_source(w, nm, p.session, p.b, p.ip, False)
    if nm.mss:
        clamp_mss(nm, p.ip, p.b.current_length)


cdef inline bint pass_bypass(worker_t* w, nat_main_t* nm, packet_t* p) noexcept nogil:
    """Whether the packet answers a flow that was forwarded from outside; then it leaves untranslated."""
    cdef session_t* s = session_at(nm, p.session)
    if not nm.forwarding or not s.flags & SESSION_FORWARD_BYPASS:
        return False
    if not tcp_follow(nm, p.session, s, p.ip, True):
        session_heard(nm, s, w.now_ns, 0)
    p.session = NAT_NONE
    return True


# ---- fast path

cdef inline uint16_t first_tests(packet_t* p) noexcept nogil:
    """What needs no session: a spent TTL, other protocols, fragments. UNDECIDED for the others."""
    if p.ip.ttl == 1:
        return IN2OUT_NEXT_ICMP_ERROR
    if not is_tcp_or_udp(p.ip) and p.ip.protocol != IP_PROTOCOL_ICMP:
        return IN2OUT_NEXT_SLOW_PATH
    if is_fragment(p.ip):
        return IN2OUT_NEXT_REASSEMBLY
    return UNDECIDED if is_tcp_or_udp(p.ip) else IN2OUT_NEXT_SLOW_PATH


cdef inline uint16_t fast_packet(worker_t* w, nat_main_t* nm, packet_t* p, bint is_output) noexcept nogil:
    if p.session == NAT_NONE:
        return IN2OUT_NEXT_SLOW_PATH
    if not is_output or not pass_bypass(w, nm, p):
        translate(w, nm, p, is_output)
    return IN2OUT_NEXT_LOOKUP


cdef inline void in2out_fast(worker_t* w, node_t* node, frame_t* frame, bint is_output) noexcept nogil:
    cdef nat_main_t* nm = <nat_main_t*> node.main
    cdef packet_t packets[FRAME_SIZE]
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i, n = frame.n_vectors
    cdef uint64_t changes = nm.changes
    start_packets(w, nm, frame, packets, is_output)
    for i in range(n):
        nexts[i] = first_tests(&packets[i])
        if nexts[i] == UNDECIDED:
            key_source_ed(&packets[i], packets[i].fib_index)
            ask_ed(&nm.in2out_ed, &packets[i])
        elif nexts[i] == IN2OUT_NEXT_ICMP_ERROR:
            if is_output:
                buffer_advance(packets[i].b, packets[i].b.u.ip.save_rewrite_length)
            expire_ttl(packets[i].b)
    for i in range(n):
        if nexts[i] == UNDECIDED:
            find_ed(&nm.in2out_ed, &packets[i])
            if packets[i].session != NAT_NONE:
                ask_session(nm, &packets[i])
    for i in range(n):
        if nexts[i] == UNDECIDED:
            if nm.changes != changes:
                find_ed(&nm.in2out_ed, &packets[i])
            nexts[i] = fast_packet(w, nm, &packets[i], is_output)
    w.error_counters[nm.good_in2out] += n
    if frame.flags & FRAME_TRACE:
        trace_packets(w, node, frame, packets, nexts, False, False)
    enqueue_frame(w, node, frame, nexts)


cdef void in2out(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    in2out_fast(w, node, frame, False)


cdef void in2out_output(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    in2out_fast(w, node, frame, True)


# ---- slow path

cdef inline bint asks_for_dhcp(packet_t* p) noexcept nogil:
    cdef udp_header_t* udp = <udp_header_t*> ip4_payload(p.ip)
    return p.ip.protocol == IP_PROTOCOL_UDP and udp.dst_port == swap16(DHCP_SERVER) and p.ip.dst == BROADCAST


cdef uint16_t translate_new(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p, bint is_output) noexcept nogil:
    """A packet without session: it passes, or begins one."""
    cdef flow_t flow
    cdef uint16_t next_index
    flow_of_source(p, &flow)
    if is_output:
        if ed_stays_untranslated_output(nm, p.b.sw_if_index[SW_IF_INDEX_TX], &flow) or asks_for_dhcp(p):
            return IN2OUT_NEXT_LOOKUP
    elif ed_stays_inside(nm, p.b.sw_if_index[SW_IF_INDEX_RX], &flow):
        return IN2OUT_NEXT_LOOKUP
    next_index = ed_in2out_session(w, nm, node, p.b, &flow, &p.session)
    if p.session != NAT_NONE:
        translate(w, nm, p, is_output)
    return next_index


cdef inline uint16_t slow_packet(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p, bint is_output) noexcept nogil:
    if p.ip.protocol == IP_PROTOCOL_ICMP:
        return ed_icmp_in2out(w, nm, node, p, is_output)
    if not is_tcp_or_udp(p.ip):
        return unknown_in2out(w, nm, node, p.b, p.ip, p.fib_index, is_output, &p.session)
    if p.session == NAT_NONE:
        return translate_new(w, nm, node, p, is_output)
    translate(w, nm, p, is_output)
    return IN2OUT_NEXT_LOOKUP


cdef inline void in2out_slow(worker_t* w, node_t* node, frame_t* frame, bint is_output) noexcept nogil:
    """New flows in order; what the first packets change the later ones see."""
    cdef nat_main_t* nm = <nat_main_t*> node.main
    cdef packet_t packets[FRAME_SIZE]
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i, n = frame.n_vectors, dropped = 0
    cdef uint64_t changes = nm.changes
    start_packets(w, nm, frame, packets, is_output)
    for i in range(n):
        if is_tcp_or_udp(packets[i].ip):
            key_source_ed(&packets[i], packets[i].fib_index)
            ask_ed(&nm.in2out_ed, &packets[i])
    for i in range(n):
        if is_tcp_or_udp(packets[i].ip):
            find_ed(&nm.in2out_ed, &packets[i])
    for i in range(n):
        if nm.changes != changes and is_tcp_or_udp(packets[i].ip):
            find_ed(&nm.in2out_ed, &packets[i])
        nexts[i] = slow_packet(w, nm, node, &packets[i], is_output)
        dropped += nexts[i] == IN2OUT_NEXT_DROP
    w.error_counters[nm.good_in2out_slow] += n - dropped
    if frame.flags & FRAME_TRACE:
        trace_packets(w, node, frame, packets, nexts, True, False)
    enqueue_frame(w, node, frame, nexts)


cdef void in2out_slowpath(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    in2out_slow(w, node, frame, False)


cdef void in2out_output_slowpath(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    in2out_slow(w, node, frame, True)


cdef uint16_t ed_in2out_first_fragment(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p,
                                       bint is_output) noexcept nogil:
    """Translate the fragment that has the L4 header as a whole packet."""
    if is_tcp_or_udp(p.ip):
        key_source_ed(p, p.fib_index)
        ask_ed(&nm.in2out_ed, p)
        find_ed(&nm.in2out_ed, p)
        if is_output and p.session != NAT_NONE and pass_bypass(w, nm, p):
            return IN2OUT_NEXT_LOOKUP
    return slow_packet(w, nm, node, p, is_output)


# ---- registration

def register(Graph graph, NatState state):
    """In the order in which `show errors` lists them."""
    cdef nat_main_t* nm = &state.main
    graph.register("nat44-ed-in2out-output-slowpath", in2out_output_slowpath, nm, "internal",
                   ("interface-output", "error-drop", "ip4-icmp-error", "nat44-ed-in2out-output-slowpath",
                    "nat44-ed-in2out-reass-output"), ED_IN2OUT_ERRORS, None, None, ED_IN2OUT, 0)
    graph.register("nat44-ed-in2out-slowpath", in2out_slowpath, nm, "internal",
                   ("ip4-lookup", "error-drop", "ip4-icmp-error", "nat44-ed-in2out-slowpath",
                    "nat44-ed-in2out-reass"), ED_IN2OUT_ERRORS, None, None, ED_IN2OUT, 0)
    graph.register("nat44-ed-in2out-output", in2out_output, nm, "internal",
                   ("interface-output", "error-drop", "ip4-icmp-error", "nat44-ed-in2out-output-slowpath",
                    "nat44-ed-in2out-reass-output"), ED_IN2OUT_ERRORS, None, None, ED_IN2OUT, 0)
    graph.register("nat44-ed-in2out", in2out, nm, "internal",
                   ("ip4-lookup", "error-drop", "ip4-icmp-error", "nat44-ed-in2out-slowpath",
                    "nat44-ed-in2out-reass"), ED_IN2OUT_ERRORS, None, None, ED_IN2OUT, 0)
    nm.good_in2out = graph.node("nat44-ed-in2out").error_base + 1
    nm.good_in2out_slow = graph.node("nat44-ed-in2out-slowpath").error_base + 1
