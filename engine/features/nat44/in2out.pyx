"""nat44-in2out and nat44-in2out-output, with their slow paths: packets from inside get an outside source."""

from libc.stdint cimport uint16_t, uint32_t, uint64_t

from ...core.buffer cimport (
    BUFFER_IS_NATED,
    SW_IF_INDEX_RX,
    SW_IF_INDEX_TX,
    buffer_advance,
    buffer_length,
)
from ...core.graph cimport (
    FRAME_SIZE,
    FRAME_TRACE,
    Graph,
    enqueue_frame,
    frame_t,
    node_t,
    worker_t,
)
from ...wire.headers cimport IP_PROTOCOL_ICMP, ip4_header_t, is_fragment
from .batch cimport (
    ask,
    ask_ed,
    ask_session,
    expire_ttl,
    find,
    find_ed,
    flow_of_source,
    is_tcp_or_udp,
    key_source,
    key_source_ed,
    packet_t,
    start_packets,
)
from .ed cimport ed_translate_source, in2out_ed_session
from .ei cimport in2out_session, stays_inside, stays_untranslated_output
from .icmp cimport icmp_in2out
from .nat44 cimport (
    ED_MARK,
    IN2OUT_NEXT_DROP,
    IN2OUT_NEXT_ICMP_ERROR,
    IN2OUT_NEXT_LOOKUP,
    IN2OUT_NEXT_REASSEMBLY,
    IN2OUT_NEXT_SLOW_PATH,
    NAT_NONE,
    POLICY_FRAGMENTS_FIRST,
    POLICY_TCP_STATES,
    SESSION_FORWARD_BYPASS,
    UNDECIDED,
    flow_t,
    nat_main_t,
    session_at,
    session_heard,
    session_t,
)
from .records cimport trace_packets
from .rewrite cimport clamp_mss, rewrite_source
from .state cimport NatState
from .tcp cimport tcp_follow
from .unknown cimport unknown_in2out

from .trace import IN2OUT

IN2OUT_ERRORS = (
    "Unsupported protocol", "Good in2out packets processed", "Out of ports", "Outside VRF ID not found",
    "unsupported ICMP type", "No translation", "Maximum sessions exceeded", "Drop fragment",
    "Maximum reassemblies exceeded", "Maximum fragments per reassembly exceeded")


# ---- both paths

cdef inline void translate(worker_t* w, nat_main_t* nm, packet_t* p, bint is_output) noexcept nogil:
    """A TCP or UDP packet of an endpoint-independent session."""
    cdef session_t* s = session_at(nm, p.session)
    p.b.flags |= BUFFER_IS_NATED
    rewrite_source(p.ip, s.out_addr, s.out_port)
    if nm.mss:
        clamp_mss(nm, p.ip, p.b.current_length)
    if not is_output:
        p.b.sw_if_index[SW_IF_INDEX_TX] = s.out_fib
    if nm.policy & POLICY_TCP_STATES and tcp_follow(nm, p.session, s, p.ip, True):
        return
    session_heard(nm, s, w.now_ns, buffer_length(p.b))


# ---- fast path

cdef inline uint16_t first_tests(nat_main_t* nm, packet_t* p) noexcept nogil:
    """What needs no session: a spent TTL, other protocols, fragments. UNDECIDED for the others."""
    cdef ip4_header_t* ip = p.ip
    if ip.ttl == 1:
        return IN2OUT_NEXT_ICMP_ERROR
    if is_tcp_or_udp(ip):
        return IN2OUT_NEXT_REASSEMBLY if is_fragment(ip) else UNDECIDED
    if ip.protocol == IP_PROTOCOL_ICMP and is_fragment(ip) and nm.policy & POLICY_FRAGMENTS_FIRST:
        return IN2OUT_NEXT_REASSEMBLY
    return IN2OUT_NEXT_SLOW_PATH


cdef inline void leave_for_icmp(packet_t* p, bint is_output) noexcept nogil:
    if is_output:
        buffer_advance(p.b, p.b.u.ip.save_rewrite_length)
    expire_ttl(p.b)


cdef void pass_bypasses(worker_t* w, nat_main_t* nm, packet_t* packets, uint16_t* nexts, uint32_t n) noexcept nogil:
    """Answers to flows that began outside and were forwarded: they leave untranslated."""
    cdef uint32_t i
    cdef packet_t* p
    cdef session_t* s
    for i in range(n):
        if nexts[i] == UNDECIDED:
            key_source_ed(&packets[i], 0)
            ask_ed(&nm.in2out_ed, &packets[i])
    for i in range(n):
        p = &packets[i]
        if nexts[i] != UNDECIDED:
            continue
        find_ed(&nm.in2out_ed, p)
        if p.session != NAT_NONE and session_at(nm, p.session).flags & SESSION_FORWARD_BYPASS:
            s = session_at(nm, p.session)
            if not tcp_follow(nm, p.session, s, p.ip, True):
                session_heard(nm, s, w.now_ns, 0)
            nexts[i] = IN2OUT_NEXT_LOOKUP
        p.session = NAT_NONE


cdef inline void in2out_fast(worker_t* w, node_t* node, frame_t* frame, bint is_output) noexcept nogil:
    cdef nat_main_t* nm = <nat_main_t*> node.main
    cdef packet_t packets[FRAME_SIZE]
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i, n = frame.n_vectors
    cdef uint64_t changes
    start_packets(w, nm, frame, packets, is_output)
    for i in range(n):
        nexts[i] = first_tests(nm, &packets[i])
        if nexts[i] == UNDECIDED:
            key_source(&packets[i])
            ask(&nm.in2out, &packets[i])
        elif nexts[i] == IN2OUT_NEXT_ICMP_ERROR:
            leave_for_icmp(&packets[i], is_output)
    if is_output and nm.n_bypass and nm.forwarding:
        pass_bypasses(w, nm, packets, nexts, n)
    changes = nm.changes
    for i in range(n):
        if nexts[i] == UNDECIDED:
            find(&nm.in2out, &packets[i])
            if packets[i].session < ED_MARK:
                ask_session(nm, &packets[i])
    for i in range(n):
        if nexts[i] != UNDECIDED:
            continue
        if nm.changes != changes:
            find(&nm.in2out, &packets[i])
        nexts[i] = IN2OUT_NEXT_SLOW_PATH
        if packets[i].session < ED_MARK:
            translate(w, nm, &packets[i], is_output)
            nexts[i] = IN2OUT_NEXT_LOOKUP
    w.error_counters[nm.good_in2out] += n
    if frame.flags & FRAME_TRACE:
        trace_packets(w, node, frame, packets, nexts, False, True)
    enqueue_frame(w, node, frame, nexts)


cdef void in2out(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    in2out_fast(w, node, frame, False)


cdef void in2out_output(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    in2out_fast(w, node, frame, True)


# ---- slow path

cdef uint16_t translate_marked(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p, bint is_output) noexcept nogil:
    """A packet of a backend: its session knows the client as well."""
    cdef flow_t flow
    if p.session == NAT_NONE:
        flow_of_source(p, &flow)
        p.session = in2out_ed_session(w, nm, node, p.b, &flow)
        if p.session == NAT_NONE:
            return IN2OUT_NEXT_LOOKUP if nm.forwarding else IN2OUT_NEXT_DROP
    if session_at(nm, p.session).flags & SESSION_FORWARD_BYPASS:
        session_heard(nm, session_at(nm, p.session), w.now_ns, 0)
        p.session = NAT_NONE
        return IN2OUT_NEXT_LOOKUP
    p.b.flags |= BUFFER_IS_NATED
    ed_translate_source(w, nm, p.session, p.b, p.ip, not is_output)
    return IN2OUT_NEXT_LOOKUP


cdef uint16_t translate_new(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p, bint is_output) noexcept nogil:
    """A packet without session: it passes, or begins one."""
    cdef flow_t flow
    cdef uint16_t next_index
    flow_of_source(p, &flow)
    if is_output:
        if stays_untranslated_output(nm, p.b.sw_if_index[SW_IF_INDEX_RX], &flow):
            return IN2OUT_NEXT_LOOKUP
    elif stays_inside(nm, p.b.sw_if_index[SW_IF_INDEX_RX], &flow):
        return IN2OUT_NEXT_LOOKUP
    next_index = in2out_session(nm, node, p.b, &flow, &p.session)
    if p.session != NAT_NONE:
        translate(w, nm, p, is_output)
    return next_index


cdef inline uint16_t slow_packet(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p, bint marked,
                                 bint is_output) noexcept nogil:
    if not is_tcp_or_udp(p.ip):
        if p.ip.protocol == IP_PROTOCOL_ICMP:
            return icmp_in2out(w, nm, node, p.b, p.ip, p.fib_index, is_output, &p.session)
        return unknown_in2out(w, nm, node, p.b, p.ip, p.fib_index, is_output, &p.session)
    if marked:
        return translate_marked(w, nm, node, p, is_output)
    if p.session == NAT_NONE:
        return translate_new(w, nm, node, p, is_output)
    translate(w, nm, p, is_output)
    return IN2OUT_NEXT_LOOKUP


cdef inline void find_in_slow_path(nat_main_t* nm, packet_t* p, bint* marked) noexcept nogil:
    """Search again, both tables: what was found or missed before may be no more."""
    find(&nm.in2out, p)
    marked[0] = p.session == ED_MARK
    if marked[0]:
        key_source_ed(p, p.fib_index)
        ask_ed(&nm.in2out_ed, p)
        find_ed(&nm.in2out_ed, p)


cdef uint32_t slow_packets(worker_t* w, nat_main_t* nm, node_t* node, packet_t* packets, uint16_t* nexts, uint32_t n,
                           bint is_output) noexcept nogil:
    """All passes of the slow path; how many packets are dropped. What the first packets change the later ones see."""
    cdef bint marked[FRAME_SIZE]
    cdef uint32_t i, dropped = 0
    cdef uint64_t changes = nm.changes
    for i in range(n):
        marked[i] = False
        if is_tcp_or_udp(packets[i].ip):
            key_source(&packets[i])
            ask(&nm.in2out, &packets[i])
    for i in range(n):
        if is_tcp_or_udp(packets[i].ip):
            find(&nm.in2out, &packets[i])
            if packets[i].session == ED_MARK:
                marked[i] = True
                key_source_ed(&packets[i], packets[i].fib_index)
                ask_ed(&nm.in2out_ed, &packets[i])
    for i in range(n):
        if marked[i]:
            find_ed(&nm.in2out_ed, &packets[i])
        if packets[i].session < ED_MARK:
            ask_session(nm, &packets[i])
    for i in range(n):
        if nm.changes != changes and is_tcp_or_udp(packets[i].ip):
            find_in_slow_path(nm, &packets[i], &marked[i])
        nexts[i] = slow_packet(w, nm, node, &packets[i], marked[i], is_output)
        dropped += nexts[i] == IN2OUT_NEXT_DROP
    return dropped


cdef void in2out_slow(worker_t* w, node_t* node, frame_t* frame, bint is_output) noexcept nogil:
    """New flows, marked keys, ICMP and other protocols."""
    cdef nat_main_t* nm = <nat_main_t*> node.main
    cdef packet_t packets[FRAME_SIZE]
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t n = frame.n_vectors, dropped
    start_packets(w, nm, frame, packets, is_output)
    dropped = slow_packets(w, nm, node, packets, nexts, n, is_output)
    w.error_counters[nm.good_in2out_slow] += n - dropped
    if frame.flags & FRAME_TRACE:
        trace_packets(w, node, frame, packets, nexts, True, True)
    enqueue_frame(w, node, frame, nexts)


cdef void in2out_slowpath(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    in2out_slow(w, node, frame, False)


cdef void in2out_output_slowpath(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    in2out_slow(w, node, frame, True)


cdef uint16_t in2out_first_fragment(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p,
                                    bint is_output) noexcept nogil:
    """Translate the fragment that has the L4 header as a whole packet."""
    cdef uint16_t next_index
    slow_packets(w, nm, node, p, &next_index, 1, is_output)
    return next_index


# ---- registration

def register(Graph graph, NatState state):
    """In the order in which `show errors` lists them."""
    cdef nat_main_t* nm = &state.main
    graph.register("nat44-in2out-output-slowpath", in2out_output_slowpath, nm, "internal",
                   ("interface-output", "error-drop", "ip4-icmp-error", "nat44-in2out-output-slowpath",
                    "nat44-in2out-reass-output"), IN2OUT_ERRORS, None, None, IN2OUT, 0)
    graph.register("nat44-in2out-slowpath", in2out_slowpath, nm, "internal",
                   ("ip4-lookup", "error-drop", "ip4-icmp-error", "nat44-in2out-slowpath", "nat44-in2out-reass"),
                   IN2OUT_ERRORS, None, None, IN2OUT, 0)
    graph.register("nat44-in2out-output", in2out_output, nm, "internal",
                   ("interface-output", "error-drop", "ip4-icmp-error", "nat44-in2out-output-slowpath",
                    "nat44-in2out-reass-output"), IN2OUT_ERRORS, None, None, IN2OUT, 0)
    graph.register("nat44-in2out", in2out, nm, "internal",
                   ("ip4-lookup", "error-drop", "ip4-icmp-error", "nat44-in2out-slowpath", "nat44-in2out-reass"),
                   IN2OUT_ERRORS, None, None, IN2OUT, 0)
    nm.good_in2out = graph.node("nat44-in2out").error_base + 1
    nm.good_in2out_slow = graph.node("nat44-in2out-slowpath").error_base + 1
