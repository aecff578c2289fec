"""nat44-in2out-reass and its like: fragments are translated as their datagram's first one was.

Later fragments have no ports. Those that come ahead of the first one wait for it.
"""

from libc.stdint cimport uint16_t, uint32_t

from ...core.buffer cimport (
    BUFFER_IS_NATED,
    SW_IF_INDEX_RX,
    SW_IF_INDEX_TX,
    buffer_current,
    buffer_length,
    buffer_t,
)
from ...core.graph cimport (
    FRAME_SIZE,
    FRAME_TRACE,
    Graph,
    count_error,
    enqueue_buffers,
    frame_t,
    get_buffer,
    node_t,
    set_error,
    wake_process,
    worker_t,
)
from ...core.trace cimport is_traced, trace_add
from ...net.fib.fib cimport interface_fib_index
from ...tables.pool cimport pool_is_used
from ...wire.headers cimport ip4_header_t, is_later_fragment
from .batch cimport packet_t
from .ed_in2out cimport ed_in2out_first_fragment
from .ed_out2in cimport ed_out2in_first_fragment
from .fragments cimport datagram_find
from .in2out cimport in2out_first_fragment
from .nat44 cimport (
    ED_IN2OUT_DROP_FRAGMENT,
    IN2OUT_DROP_FRAGMENT,
    MAX_HELD,
    NAT_NONE,
    OUT2IN_DROP_FRAGMENT,
    POLICY_ENDPOINT_DEPENDENT,
    POLICY_PASS_FRAGMENTS,
    SESSION_TWICE_NAT,
    cold_at,
    datagram_t,
    nat_main_t,
    session_at,
    session_heard,
    session_t,
)
from .out2in cimport out2in_first_fragment
from .records cimport nat_trace_t
from .rewrite cimport rewrite_destination_address, rewrite_source_address
from .state cimport NatState

from .ed_in2out import ED_IN2OUT_ERRORS
from .in2out import IN2OUT_ERRORS
from .out2in import OUT2IN_ERRORS
from .trace import REASSEMBLY

cdef enum:
    HELD = 0xffff               # next index of a fragment that waits
    GOOD = 1                    # error code, the same in all lists

# node_t.runtime
cdef enum:
    FROM_INSIDE = 1
    IS_OUTPUT = 2

ctypedef uint16_t (*first_fragment_t)(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p,
                                      bint is_output) noexcept nogil

# What the nodes differ in
ctypedef struct variant_t:
    first_fragment_t translate
    uint32_t errors             # code of "Drop fragment", which "Maximum reassemblies" and "fragments" follow
    uint16_t next_drop
    uint16_t next_go
    bint from_inside
    bint is_output


cdef inline variant_t variant_of(nat_main_t* nm, node_t* node) noexcept nogil:
    cdef variant_t v
    cdef bint ed = nm.policy & POLICY_ENDPOINT_DEPENDENT
    v.from_inside, v.is_output = node.runtime & FROM_INSIDE, (node.runtime & IS_OUTPUT) != 0
    v.next_drop, v.next_go = (1, 0) if v.from_inside else (0, 1)
    if v.from_inside:
        v.translate = ed_in2out_first_fragment if ed else in2out_first_fragment
        v.errors = ED_IN2OUT_DROP_FRAGMENT if ed else IN2OUT_DROP_FRAGMENT
    else:
        v.translate = ed_out2in_first_fragment if ed else out2in_first_fragment
        v.errors = OUT2IN_DROP_FRAGMENT
    return v


cdef void trace_one(worker_t* w, node_t* node, buffer_t* b, uint16_t next_index, bint held) noexcept nogil:
    cdef nat_trace_t* record
    if is_traced(b):
        record = <nat_trace_t*> trace_add(w, node, b, sizeof(nat_trace_t))
        record.sw_if_index, record.next_index = b.sw_if_index[SW_IF_INDEX_RX], next_index
        record.session, record.is_slow_path = NAT_NONE, held


cdef void translate_later(worker_t* w, nat_main_t* nm, variant_t* v, datagram_t* d, packet_t* p) noexcept nogil:
    """Addresses only, as the session says; if that is gone meanwhile, none."""
    cdef session_t* s
    if d.session == NAT_NONE or not pool_is_used(&nm.sessions, d.session):
        return
    s = session_at(nm, d.session)
    if v.from_inside and s.in_addr == p.ip.src:
        rewrite_source_address(p.ip, s.out_addr)
        if s.flags & SESSION_TWICE_NAT:
            rewrite_destination_address(p.ip, cold_at(nm, d.session).ext_addr)
        if not v.is_output:
            p.b.sw_if_index[SW_IF_INDEX_TX] = s.out_fib
    elif not v.from_inside and s.out_addr == p.ip.dst:
        rewrite_destination_address(p.ip, s.in_addr)
        if s.flags & SESSION_TWICE_NAT:
            rewrite_source_address(p.ip, cold_at(nm, d.session).ext_nat_addr)
        p.b.sw_if_index[SW_IF_INDEX_TX] = s.in_fib
    else:
        return
    session_heard(nm, s, w.now_ns, buffer_length(p.b))


cdef inline void start(worker_t* w, nat_main_t* nm, variant_t* v, uint32_t index, packet_t* p) noexcept nogil:
    p.b = get_buffer(w, index)
    p.ip = <ip4_header_t*> (buffer_current(p.b) + (p.b.u.ip.save_rewrite_length if v.is_output else 0))
    p.fib_index = interface_fib_index(nm.fib, p.b.sw_if_index[SW_IF_INDEX_RX])
    p.session = NAT_NONE


cdef void release(worker_t* w, nat_main_t* nm, node_t* node, variant_t* v, datagram_t* d) noexcept nogil:
    """The first fragment came: those that waited go on, behind it."""
    cdef uint32_t i, n = d.n_held
    cdef uint32_t indices[MAX_HELD]
    cdef uint16_t nexts[MAX_HELD]
    cdef packet_t p
    for i in range(n):
        start(w, nm, v, d.held[i], &p)
        translate_later(w, nm, v, d, &p)
        indices[i], nexts[i] = d.held[i], v.next_go
        trace_one(w, node, p.b, nexts[i], False)
    d.n_held = 0
    w.n_generated += n              # they were consumed when they were put aside
    count_error(w, node, GOOD, n)
    enqueue_buffers(w, node, indices, nexts, n, FRAME_TRACE)


cdef inline uint16_t hold(worker_t* w, nat_main_t* nm, node_t* node, variant_t* v, datagram_t* d, packet_t* p,
                          uint32_t index) noexcept nogil:
    if d.n_held >= nm.max_held:
        set_error(p.b, node, v.errors + 2)
        return v.next_drop
    d.held[d.n_held] = index
    d.n_held += 1
    w.n_consumed += 1
    wake_process(w, nm.expire_process, w.now_ns + nm.datagram_timeout_ns)
    return HELD


cdef uint16_t one_fragment(worker_t* w, nat_main_t* nm, node_t* node, variant_t* v, packet_t* p, uint32_t index,
                           datagram_t** complete) noexcept nogil:
    """Next index, or HELD. complete: OUT, a datagram whose waiting fragments may go on."""
    cdef datagram_t* d
    cdef uint16_t next_index
    if nm.drop_fragments:
        set_error(p.b, node, v.errors)
        return v.next_drop
    d = datagram_find(w, nm, node, p.ip)
    if d == NULL:
        set_error(p.b, node, v.errors + 1)
        return v.next_drop
    if is_later_fragment(p.ip):
        if not d.decided:
            return hold(w, nm, node, v, d, p, index)
        translate_later(w, nm, v, d, p)
        return v.next_go
    next_index = v.translate(w, nm, node, p, v.is_output)
    p.b.flags &= ~BUFFER_IS_NATED       # VPP marks whole packets only
    if next_index == v.next_drop:
        return next_index
    if p.session != NAT_NONE or nm.policy & POLICY_PASS_FRAGMENTS:
        d.session, d.decided = p.session, True
        complete[0] = d
    return next_index


cdef void reassembly(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef nat_main_t* nm = <nat_main_t*> node.main
    cdef variant_t v = variant_of(nm, node)
    cdef uint32_t indices[FRAME_SIZE]
    cdef uint16_t nexts[FRAME_SIZE]
    cdef datagram_t* complete[FRAME_SIZE]
    cdef datagram_t* d
    cdef uint32_t i, n = 0, n_complete = 0, dropped = 0
    cdef uint16_t next_index
    cdef packet_t p
    for i in range(frame.n_vectors):
        d = NULL
        start(w, nm, &v, frame.indices[i], &p)
        next_index = one_fragment(w, nm, node, &v, &p, frame.indices[i], &d)
        trace_one(w, node, p.b, v.next_go if next_index == HELD else next_index, next_index == HELD)
        if d != NULL and d.n_held:
            complete[n_complete] = d
            n_complete += 1
        if next_index != HELD:
            indices[n], nexts[n] = frame.indices[i], next_index
            n += 1
            dropped += next_index == v.next_drop
    count_error(w, node, GOOD, n - dropped)
    enqueue_buffers(w, node, indices, nexts, n, frame.flags)
    for i in range(n_complete):
        release(w, nm, node, &v, complete[i])


def register_out2in(Graph graph, NatState state, str prefix, tuple next_nodes):
    graph.register(f"{prefix}-out2in-reass", reassembly, &state.main, "internal", next_nodes, OUT2IN_ERRORS,
                   None, None, REASSEMBLY, 0)


def register_in2out(Graph graph, NatState state, str prefix):
    errors = IN2OUT_ERRORS if prefix == "nat44" else ED_IN2OUT_ERRORS
    for suffix, following, runtime in (("-output", "interface-output", FROM_INSIDE | IS_OUTPUT),
                                       ("", "ip4-lookup", FROM_INSIDE)):
        graph.register(f"{prefix}-in2out-reass{suffix}", reassembly, &state.main, "internal",
                       (following, "error-drop", "ip4-icmp-error"), errors, None, None, REASSEMBLY, runtime)
