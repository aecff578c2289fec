"""acl-plugin-in-ip4-fa and -out-ip4-fa, and the same on the L2 path: sessions, then the rules of the lookup context.

Three passes a frame: keys, hashes and prefetch of the buckets; search and prefetch of the sessions, and the rules
of all packets without one in a single batch; the packets' fates, in order. What a packet changes (it makes a
session, or one is deleted to make room) holds for the next packet of the same frame, as if each came alone.

Profiles differ in the form of a key and in the entries of a session: the body is one, with constant arguments.
"""

from libc.stdint cimport uint16_t, uint32_t, uint64_t
from libc.string cimport memset

from ...core.buffer cimport (
    SW_IF_INDEX_RX,
    SW_IF_INDEX_TX,
    buffer_current,
    buffer_t,
    debug_assert,
    prefetch_write,
)
from ...core.features cimport Features, feature_next
from ...core.graph cimport (
    FRAME_SIZE,
    FRAME_TRACE,
    Graph,
    count_error,
    enqueue_frame,
    frame_t,
    get_buffer,
    node_function_t,
    node_t,
    set_error,
    worker_t,
)
from ...core.trace cimport is_traced, trace_add
from ...tables.bihash cimport bihash_hash, bihash_prefetch
from ...tables.tuple_space cimport tuple_key_t
from ..l2.l2 cimport ETHERNET_HEADER, feature_slot
from .acl cimport (
    DIRECTION_INPUT,
    DIRECTION_OUTPUT,
    ERROR_CHECKED,
    ERROR_DENY,
    ERROR_EXISTING_SESSION,
    ERROR_NEW_SESSION,
    ERROR_PERMIT,
    ERROR_RESTART_TIMER,
    ERROR_TOO_MANY_SESSIONS,
    NEXT_DROP,
    PACKET_LATER_FRAGMENT,
    PACKET_TCP_FLAGS,
    POOL_NONE,
    AclState,
    acl_main_t,
    acl_packet_t,
    acl_session,
    acl_session_t,
)
from .keys cimport acl_trace_t, fill_key, fill_match_key, fill_words
from .match cimport match_run
from .rules cimport (
    ACTION_DENY,
    ACTION_PERMIT,
    ACTION_REFLECT,
    ACTION_SESSION,
    NO_RULE,
    acl_context_t,
    acl_rule_t,
)
from .sessions cimport (
    is_stale,
    session_add,
    session_change_class,
    session_class,
    session_delete,
    session_find,
)

from .trace import FORMAT

ERRORS = ("ACL deny packets", "ACL permit packets", "new sessions added", "existing session packets",
          "checked packets", "restart session timer", "too many sessions to add new")

# acl_frame_t.trace_bits
cdef enum:
    TRACE_STALE = 0x40000000
    TRACE_CLASS_CHANGE = 0x00010000
cdef enum:
    TRACE_FOUND = 0x80000000U

cdef enum:
    NO_MISS = 0xffff            # acl_packet_t.miss of a packet that had a session


ctypedef struct acl_fate_t:
    # what became of the packet in hand
    uint32_t action
    uint32_t acl_index
    uint32_t rule_index

ctypedef struct acl_frame_t:
    # what gathers over a frame
    uint64_t n_added            # sessions, when the frame began
    uint64_t n_deactivated
    uint32_t n_permitted
    uint32_t n_new
    uint32_t n_existing
    uint32_t n_restarted
    uint32_t trace_bits
    uint32_t n_misses
    uint32_t rules[FRAME_SIZE]  # by acl_packet_t.miss: place of the rule in its context
    acl_packet_t packets[FRAME_SIZE]


# ---- trace ----------------------------------------------------------------------------------

cdef void trace_packet(worker_t* w, node_t* node, buffer_t* b, acl_packet_t* packet, acl_fate_t* fate,
                       uint16_t next_index, uint32_t trace_bits, int direction, bint both) noexcept nogil:
    cdef acl_main_t* m = <acl_main_t*> node.main
    cdef acl_trace_t* entry = <acl_trace_t*> trace_add(w, node, b, sizeof(acl_trace_t))
    cdef uint32_t lc_index = m.interfaces[packet.sw_if_index].lc_index[direction]
    # a packet that found its session was never shown to the rules: the word has no context yet
    fill_words(entry.words, packet, 0 if fate.action == ACTION_SESSION else lc_index, direction, both)
    entry.lc_index, entry.sw_if_index, entry.direction = lc_index, packet.sw_if_index, direction
    entry.next_index, entry.trace_bits, entry.action = next_index, trace_bits, fate.action
    entry.acl_index, entry.rule_index = fate.acl_index, fate.rule_index


# ---- first pass: keys -----------------------------------------------------------------------

cdef inline void fill_keys(worker_t* w, acl_main_t* m, frame_t* frame, acl_packet_t* packets,
                           int direction, bint both, bint l2) noexcept nogil:
    cdef uint32_t i, offset
    cdef int which = SW_IF_INDEX_RX if direction == DIRECTION_INPUT else SW_IF_INDEX_TX
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        offset = ETHERNET_HEADER if l2 else 0 if direction == DIRECTION_INPUT else b.u.ip.save_rewrite_length
        fill_key(&packets[i], buffer_current(b) + offset, b.current_length - offset, b.sw_if_index[which],
                 direction, both)
        packets[i].hash = bihash_hash(packets[i].key, 2)
        bihash_prefetch(&m.table, packets[i].hash, 2)


# ---- second pass: sessions, and rules for those without ---------------------------------------

cdef inline void search_sessions(acl_main_t* m, acl_frame_t* f, uint32_t n, uint16_t* misses) noexcept nogil:
    cdef uint32_t i
    cdef acl_packet_t* packet
    for i in range(n):
        packet = &f.packets[i]
        packet.session = session_find(m, packet)
        packet.miss = NO_MISS
        if packet.session != POOL_NONE:
            prefetch_write(acl_session(m, packet.session))
        else:
            packet.miss = <uint16_t> f.n_misses
            misses[f.n_misses] = <uint16_t> i
            f.n_misses += 1


cdef inline void match_misses(acl_main_t* m, acl_frame_t* f, const uint16_t* misses,
                              int direction, bint both) noexcept nogil:
    """Find the rules of all packets without session, in one batch as long as they share an interface."""
    cdef tuple_key_t keys[FRAME_SIZE]
    cdef uint32_t i, start = 0
    for i in range(f.n_misses):
        fill_match_key(&keys[i], &f.packets[misses[i]], direction, both)
        if i and f.packets[misses[i]].sw_if_index != f.packets[misses[start]].sw_if_index:
            match_run(m, f.packets[misses[start]].sw_if_index, direction, &keys[start], i - start, &f.rules[start])
            start = i
    match_run(m, f.packets[misses[start]].sw_if_index, direction, &keys[start], f.n_misses - start, &f.rules[start])


# ---- third pass: what becomes of the packets --------------------------------------------------

cdef void track_flags(acl_main_t* m, acl_frame_t* f, uint32_t index, uint16_t seen, uint64_t now_ns) noexcept nogil:
    """The session saw new TCP flags: its class may change, and its timer with it."""
    cdef acl_session_t* session = acl_session(m, index)
    cdef int before = session.list_id, after = session_class(session.key[1], seen)
    session.tcp_flags_seen = seen
    if before != after:
        session_change_class(m, index, after, now_ns)
        f.n_restarted += 1
        f.trace_bits |= TRACE_CLASS_CHANGE | (before - m.class_base) << 8 | (after - m.class_base)


cdef inline void touch_session(acl_main_t* m, acl_frame_t* f, uint32_t index, acl_packet_t* packet,
                               int direction, uint64_t now_ns) noexcept nogil:
    cdef acl_session_t* session = acl_session(m, index)
    cdef uint16_t seen
    session.last_active_ns = now_ns
    if packet.bits & PACKET_TCP_FLAGS:
        seen = session.tcp_flags_seen | <uint16_t> packet.tcp_flags << (8 if direction == DIRECTION_INPUT else 0)
        if seen != session.tcp_flags_seen:
            track_flags(m, f, index, seen, now_ns)


cdef inline uint32_t find_again(acl_main_t* m, acl_frame_t* f, acl_packet_t* packet) noexcept nogil:
    """The packet's session, if packets of this frame made or deleted any since the search."""
    if packet.session == POOL_NONE:
        return session_find(m, packet) if m.n_added != f.n_added else <uint32_t> POOL_NONE
    return session_find(m, packet) if m.n_deactivated != f.n_deactivated else packet.session


cdef bint drop_if_stale(acl_main_t* m, acl_frame_t* f, uint32_t index, acl_packet_t* packet, int direction,
                        uint64_t now_ns) noexcept nogil:
    """With reclassification: a session made under an older policy goes, and the packet is for the rules."""
    if not is_stale(m, acl_session(m, index), packet.sw_if_index, direction):
        return False
    session_delete(m, index, now_ns)
    m.interfaces[packet.sw_if_index].n_epoch_changes += 1
    f.trace_bits |= TRACE_STALE
    return True


cdef uint32_t rule_of(acl_main_t* m, acl_frame_t* f, acl_packet_t* packet, int direction, bint both) noexcept nogil:
    """Place of the packet's rule: from the batch, or looked up now because its session has just gone."""
    cdef tuple_key_t key
    cdef uint32_t rule
    if packet.miss != NO_MISS:
        return f.rules[packet.miss]
    fill_match_key(&key, packet, direction, both)
    match_run(m, packet.sw_if_index, direction, &key, 1, &rule)
    return rule


cdef uint32_t apply_rule(acl_main_t* m, acl_frame_t* f, acl_packet_t* packet, acl_rule_t* rule,
                         int direction, uint64_t now_ns) noexcept nogil:
    """Do what the rule says; the error the packet is dropped with, or NO_RULE to let it pass."""
    cdef uint32_t index
    if rule.action == ACTION_PERMIT:
        f.n_permitted += 1
        return NO_RULE
    if rule.action != ACTION_REFLECT:
        return ERROR_DENY
    index = session_add(m, packet, direction, now_ns)
    if index == POOL_NONE:
        return ERROR_TOO_MANY_SESSIONS
    touch_session(m, f, index, packet, direction, now_ns)
    f.n_new += 1
    return NO_RULE


cdef uint32_t judge(acl_main_t* m, acl_frame_t* f, acl_packet_t* packet, acl_fate_t* fate,
                    int direction, bint both, uint64_t now_ns) noexcept nogil:
    """A packet without session: the error it is dropped with, or NO_RULE to let it pass."""
    cdef acl_context_t* context = m.contexts[m.interfaces[packet.sw_if_index].lc_index[direction]]
    cdef uint32_t place = rule_of(m, f, packet, direction, both)
    cdef uint32_t error
    cdef acl_rule_t* rule
    fate.action, fate.acl_index, fate.rule_index = ACTION_DENY, NO_RULE, NO_RULE
    if place == NO_RULE:
        return ERROR_DENY
    debug_assert(place < context.n_rules)
    rule = &context.rules[place]
    fate.acl_index, fate.rule_index = rule.acl_index, rule.rule_index
    if packet.bits & PACKET_LATER_FRAGMENT:
        context.fragment_hits[place] += 1
        if rule.match.proto:
            f.trace_bits |= TRACE_FOUND
    else:
        context.hits[place] += 1
    error = apply_rule(m, f, packet, rule, direction, now_ns)
    if error == NO_RULE:
        fate.action = rule.action
    return error


cdef inline void act(worker_t* w, node_t* node, frame_t* frame, acl_frame_t* f, uint16_t* nexts,
                     int direction, bint both, bint l2, bint traced) noexcept nogil:
    cdef acl_main_t* m = <acl_main_t*> node.main
    cdef acl_packet_t* packet
    cdef acl_fate_t fate
    cdef buffer_t* b
    cdef uint32_t i, index, error
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        packet = &f.packets[i]
        index = find_again(m, f, packet)
        error = NO_RULE
        if index != POOL_NONE:
            f.n_existing += 1
            f.trace_bits |= TRACE_FOUND
            if m.reclassify and drop_if_stale(m, f, index, packet, direction, w.now_ns):
                index = POOL_NONE
        if index != POOL_NONE:
            touch_session(m, f, index, packet, direction, w.now_ns)
            if traced:
                fate.action, fate.acl_index, fate.rule_index = ACTION_SESSION, NO_RULE, index
        else:
            error = judge(m, f, packet, &fate, direction, both, w.now_ns)
        if error == NO_RULE:
            nexts[i] = feature_slot(m.l2_nexts[direction], b.u.l2.feature_bitmap) if l2 else feature_next(w, b)
        else:
            set_error(b, node, error)
            nexts[i] = NEXT_DROP
        if traced and is_traced(b):
            trace_packet(w, node, b, packet, &fate, nexts[i], f.trace_bits, direction, both)


# ---- the nodes ------------------------------------------------------------------------------

cdef inline void count_frame(worker_t* w, node_t* node, acl_frame_t* f, uint32_t n) noexcept nogil:
    """Denied packets are counted where they are dropped."""
    count_error(w, node, ERROR_CHECKED, n)
    count_error(w, node, ERROR_PERMIT, f.n_permitted)
    count_error(w, node, ERROR_NEW_SESSION, f.n_new)
    count_error(w, node, ERROR_EXISTING_SESSION, f.n_existing)
    count_error(w, node, ERROR_RESTART_TIMER, f.n_restarted)


cdef inline void acl_frame(worker_t* w, node_t* node, frame_t* frame, int direction, bint both,
                           bint l2) noexcept nogil:
    """direction, both, l2: constants, so that each node below is code of its own."""
    cdef acl_main_t* m = <acl_main_t*> node.main
    cdef acl_frame_t f
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint16_t misses[FRAME_SIZE]
    memset(&f, 0, <size_t> <void*> f.rules - <size_t> <void*> &f)
    f.n_added, f.n_deactivated = m.n_added, m.n_deactivated
    fill_keys(w, m, frame, f.packets, direction, both, l2)
    search_sessions(m, &f, frame.n_vectors, misses)
    if f.n_misses:
        match_misses(m, &f, misses, direction, both)
    if frame.flags & FRAME_TRACE:
        act(w, node, frame, &f, nexts, direction, both, l2, True)
    else:
        act(w, node, frame, &f, nexts, direction, both, l2, False)
    count_frame(w, node, &f, frame.n_vectors)
    enqueue_frame(w, node, frame, nexts)


cdef void in_ip4_one_entry(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    acl_frame(w, node, frame, DIRECTION_INPUT, False, False)


cdef void in_l2_one_entry(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    acl_frame(w, node, frame, DIRECTION_INPUT, False, True)


cdef void out_ip4_one_entry(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    acl_frame(w, node, frame, DIRECTION_OUTPUT, False, False)


cdef void out_l2_one_entry(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    acl_frame(w, node, frame, DIRECTION_OUTPUT, False, True)


cdef void in_ip4_two_entries(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    acl_frame(w, node, frame, DIRECTION_INPUT, True, False)


cdef void in_l2_two_entries(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    acl_frame(w, node, frame, DIRECTION_INPUT, True, True)


cdef void out_ip4_two_entries(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    acl_frame(w, node, frame, DIRECTION_OUTPUT, True, False)


cdef void out_l2_two_entries(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    acl_frame(w, node, frame, DIRECTION_OUTPUT, True, True)


IN_RUNS_BEFORE = ("ip4-flow-classify", "ip4-not-enabled", "nat44-ed-classify", "nat44-ed-out2in", "nat44-ed-in2out",
                  "nat44-classify", "nat44-out2in", "nat44-in2out", "abf-input-ip4")
OUT_RUNS_BEFORE = ("nat44-ed-in2out-output", "nat44-in2out-output", "nat44-ed-hairpin-src", "nat44-hairpin-src")


cdef register_l2(AclState state, object l2, str name, node_function_t function, bint is_input):
    """A node on the L2 path: behind the classifier, it hands on to the next L2 feature."""
    state.graph.register(name, function, &state.main, "internal", state.l2_next_nodes(l2, is_input), ERRORS,
                         None, None, FORMAT, 0)


def register(Graph graph, Features features, AclState state, l2):
    """The two nodes of the L2 path, and the two L3 nodes, as features of ip4-unicast and ip4-output."""
    cdef bint both = state.main.both_directions
    register_l2(state, l2, "acl-plugin-out-ip4-l2", out_l2_two_entries if both else out_l2_one_entry, False)
    register_l2(state, l2, "acl-plugin-in-ip4-l2", in_l2_two_entries if both else in_l2_one_entry, True)
    graph.register("acl-plugin-out-ip4-fa", out_ip4_two_entries if both else out_ip4_one_entry, &state.main,
                   "internal", ("error-drop",), ERRORS, None, None, FORMAT, 0)
    graph.register("acl-plugin-in-ip4-fa", in_ip4_two_entries if both else in_ip4_one_entry, &state.main,
                   "internal", ("error-drop",), ERRORS, None, None, FORMAT, 0)
    features.add_feature("ip4-unicast", "acl-plugin-in-ip4-fa", IN_RUNS_BEFORE)
    features.add_feature("ip4-output", "acl-plugin-out-ip4-fa", OUT_RUNS_BEFORE)
