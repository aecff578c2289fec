"""The memory of the ACL plugin of one vswitch, and what the control plane may do to it between frames."""

from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcpy, memset

from ...core.graph cimport Graph
from ...tables.bihash cimport bihash_free, bihash_init
from ...tables.pool cimport POOL_NONE, pool_free, pool_init, pool_is_used, pool_next
from ...tables.tuple_space cimport tuple_rule_t, tuple_space_free, tuple_space_new
from .rules cimport acl_context_t, acl_rule6_t, acl_rule_t, tuple_space_t
from .sessions cimport session_delete, sessions_clean, sessions_of_interface_delete

cdef enum:
    FIRST_SESSIONS = 4096       # the hash table takes twice as many entries before it grows
    MOST_SESSIONS = 1 << 24     # bound of the pool, whatever `session table max-entries` says
    NEVER_NS = 0xffffffffffffffffU

cdef enum:
    NS_PER_SECOND = 1000000000
    PURGATORY_NS = 10000
    FIRST_INTERVAL_NS = 500000000

RULE_SIZE = sizeof(acl_rule_t)
RULE6_SIZE = sizeof(acl_rule6_t)


cdef void free_context(acl_context_t* context) noexcept:
    if context != NULL:
        tuple_space_free(context.space)
        free(context.rules)
        free(context.hits)
        free(context.fragment_hits)
        free(context.rules6)
        free(context.hits6)
        free(context)


cdef tuple_space_t* build_space(const acl_rule_t* rules, uint32_t n_rules) except NULL:
    cdef tuple_rule_t* matches = <tuple_rule_t*> malloc((n_rules + 1) * sizeof(tuple_rule_t))
    cdef tuple_space_t* space = NULL
    cdef uint32_t i
    if matches != NULL:
        for i in range(n_rules):
            matches[i] = rules[i].match
        with nogil:
            space = tuple_space_new(matches, n_rules)
        free(matches)
    if space == NULL:
        raise MemoryError(f"no memory to look {n_rules} rules up")
    return space


cdef acl_context_t* new_context(bytes rules, bytes rules6) except NULL:
    """rules: packed acl_rule_t; rules6: packed acl_rule6_t."""
    cdef uint32_t n_rules = len(rules) // sizeof(acl_rule_t), n_rules6 = len(rules6) // sizeof(acl_rule6_t)
    cdef acl_context_t* context = <acl_context_t*> calloc(1, sizeof(acl_context_t))
    if context == NULL:
        raise MemoryError("no memory for a lookup context")
    context.rules = <acl_rule_t*> malloc((n_rules + 1) * sizeof(acl_rule_t))
    context.hits = <uint64_t*> calloc(n_rules + 1, sizeof(uint64_t))
    context.fragment_hits = <uint64_t*> calloc(n_rules + 1, sizeof(uint64_t))
    context.rules6 = <acl_rule6_t*> malloc((n_rules6 + 1) * sizeof(acl_rule6_t))
    context.hits6 = <uint64_t*> calloc(n_rules6 + 1, sizeof(uint64_t))
    if (context.rules == NULL or context.hits == NULL or context.fragment_hits == NULL
            or context.rules6 == NULL or context.hits6 == NULL):
        free_context(context)
        raise MemoryError(f"no memory for {n_rules + n_rules6} rules")
    context.n_rules, context.n_rules6 = n_rules, n_rules6
    memcpy(context.rules, <const char*> rules, len(rules))
    memcpy(context.rules6, <const char*> rules6, len(rules6))
    try:
        context.space = build_space(context.rules, n_rules)
    except MemoryError:
        free_context(context)
        raise
    return context


cdef class AclState:
    """Sessions and lookup contexts in C. profile: see profile.py."""

    def __cinit__(self, Graph graph, profile):
        cdef acl_main_t* m = &self.main
        self.graph, self.profile = graph, profile
        m.worker = graph.worker
        m.both_directions = profile.both_directions
        m.class_base = profile.class_base
        m.check_divisor = profile.check_divisor
        m.reserved_sessions = profile.reserved_sessions
        m.max_sessions = profile.max_sessions
        m.use_hash = m.match_fragments = True
        m.timeout_ns[CLASS_PURGATORY] = PURGATORY_NS
        m.interval_ns = FIRST_INTERVAL_NS
        if bihash_init(&m.table, 2, 2 * FIRST_SESSIONS, 0) != 0:
            raise MemoryError("no memory for the session table")
        if pool_init(&m.sessions, sizeof(acl_session_t), MOST_SESSIONS, True) != 0:
            raise MemoryError("no memory for sessions")
        m.process_index = graph.add_process("acl-plugin-fa-cleaner-process", sessions_clean, m, NEVER_NS)

    def __dealloc__(self):
        cdef uint32_t i
        for i in range(self.main.n_contexts):
            free_context(self.main.contexts[i])
        free(self.main.contexts)
        free(self.main.interfaces)
        pool_free(&self.main.sessions)
        bihash_free(&self.main.table, 2)

    # ---- interfaces and contexts

    cdef tuple l2_next_nodes(self, object l2, bint is_input):
        """Next nodes of our nodes on the L2 path of one direction; notes which of them serves which feature."""
        cdef uint32_t bit
        nexts = ("error-drop", *l2.profile.feature_nodes(is_input))
        slots = l2.slots(is_input, nexts)
        for bit in range(32):
            self.main.l2_nexts[is_input][bit] = slots[bit]
        return nexts

    cdef ensure_interface(self, uint32_t sw_if_index):
        cdef acl_main_t* m = &self.main
        cdef uint32_t i, wanted = max(sw_if_index + 1, 2 * m.n_interfaces, 64)
        cdef acl_interface_t* grown
        if sw_if_index < m.n_interfaces:
            return
        grown = <acl_interface_t*> realloc(m.interfaces, wanted * sizeof(acl_interface_t))
        if grown == NULL:
            raise MemoryError(f"no memory for the ACLs of interface {sw_if_index}")
        memset(&grown[m.n_interfaces], 0, (wanted - m.n_interfaces) * sizeof(acl_interface_t))
        for i in range(m.n_interfaces, wanted):
            grown[i].lc_index[0] = grown[i].lc_index[1] = POOL_NONE
        m.interfaces, m.n_interfaces = grown, wanted

    cdef ensure_context(self, uint32_t lc_index):
        cdef acl_main_t* m = &self.main
        cdef uint32_t wanted = max(lc_index + 1, 2 * m.n_contexts, 16)
        cdef acl_context_t** grown
        if lc_index < m.n_contexts:
            return
        grown = <acl_context_t**> realloc(m.contexts, wanted * sizeof(acl_context_t*))
        if grown == NULL:
            raise MemoryError("no memory for lookup contexts")
        memset(&grown[m.n_contexts], 0, (wanted - m.n_contexts) * sizeof(acl_context_t*))
        m.contexts, m.n_contexts = grown, wanted

    cdef acl_context_t* context(self, uint32_t lc_index) except NULL:
        if lc_index >= self.main.n_contexts or self.main.contexts[lc_index] == NULL:
            raise KeyError(f"no lookup context {lc_index}")
        return self.main.contexts[lc_index]

    def set_context(self, uint32_t lc_index, uint32_t sw_if_index, bint is_input, bytes rules, bytes rules6=b"",
                    uint32_t kept=0, uint32_t kept6=0):
        """Give an interface and direction its rules, all ACLs end to end: packed acl_rule_t and, for IPv6, acl_rule6_t.

        The new rules are built aside and swapped in; on MemoryError nothing has changed. Hits begin at 0, but for
        the first `kept` (`kept6`) rules, which are the same as before.
        """
        self.ensure_interface(sw_if_index)
        self.load_context(lc_index, rules, rules6, kept, kept6)
        self.main.contexts[lc_index].sw_if_index, self.main.contexts[lc_index].direction = sw_if_index, is_input
        self.main.interfaces[sw_if_index].lc_index[1 if is_input else 0] = lc_index

    def load_context(self, uint32_t lc_index, bytes rules, bytes rules6=b"", uint32_t kept=0, uint32_t kept6=0):
        """As set_context, for a context that belongs to no interface: another feature looks up in it."""
        cdef acl_context_t* context
        if len(rules) % sizeof(acl_rule_t) or len(rules6) % sizeof(acl_rule6_t):
            raise ValueError(f"{len(rules)} and {len(rules6)} bytes are no whole numbers of rules")
        self.ensure_context(lc_index)
        context = new_context(rules, rules6)
        context.sw_if_index = POOL_NONE
        self.keep_hits(self.main.contexts[lc_index], context, kept, kept6)
        free_context(self.main.contexts[lc_index])
        self.main.contexts[lc_index] = context

    cdef keep_hits(self, acl_context_t* old, acl_context_t* new, uint32_t n, uint32_t n6):
        if old != NULL:
            n, n6 = min(n, old.n_rules, new.n_rules), min(n6, old.n_rules6, new.n_rules6)
            memcpy(new.hits6, old.hits6, n6 * sizeof(uint64_t))
            memcpy(new.hits, old.hits, n * sizeof(uint64_t))
            memcpy(new.fragment_hits, old.fragment_hits, n * sizeof(uint64_t))

    def forget_context(self, uint32_t lc_index):
        """Nobody looks up in the context any more: its interface is gone, or the feature has done with it."""
        cdef acl_context_t* context = self.context(lc_index)
        if context.sw_if_index != POOL_NONE:
            self.main.interfaces[context.sw_if_index].lc_index[context.direction] = POOL_NONE
        self.main.contexts[lc_index] = NULL
        free_context(context)

    def hits(self, uint32_t lc_index) -> list:
        """Per IPv4 rule of the context: (packets, later fragments, which VPP does not count)."""
        cdef acl_context_t* context = self.context(lc_index)
        cdef uint32_t i
        return [(context.hits[i], context.fragment_hits[i]) for i in range(context.n_rules)]

    def hits6(self, uint32_t lc_index) -> list:
        """Per IPv6 rule of the context: packets."""
        cdef acl_context_t* context = self.context(lc_index)
        cdef uint32_t i
        return [context.hits6[i] for i in range(context.n_rules6)]

    # ---- policy epochs

    def bump_epoch(self, uint32_t sw_if_index, bint is_input):
        """Sessions that packets of this direction made until now are stale, if reclassification is on."""
        cdef acl_interface_t* interface
        self.ensure_interface(sw_if_index)
        interface = &self.main.interfaces[sw_if_index]
        interface.policy_epoch[is_input] = (interface.policy_epoch[is_input] + 1) & EPOCH_MASK
        interface.has_epoch[is_input] = 1

    def epoch(self, uint32_t sw_if_index, bint is_input) -> int | None:
        """As `show acl-plugin interface` prints it; None if it was never raised."""
        cdef acl_interface_t* interface
        if sw_if_index >= self.main.n_interfaces or not self.main.interfaces[sw_if_index].has_epoch[is_input]:
            return None
        interface = &self.main.interfaces[sw_if_index]
        return interface.policy_epoch[is_input] | (EPOCH_IS_INPUT if is_input else 0)

    # ---- sessions

    def clear_sessions(self):
        """Delete all sessions."""
        cdef uint32_t index = pool_next(&self.main.sessions, 0)
        while index != POOL_NONE:
            if acl_session(&self.main, index).list_id != CLASS_PURGATORY:
                session_delete(&self.main, index, self.main.worker.now_ns)
            index = pool_next(&self.main.sessions, index + 1)

    def clear_interface(self, uint32_t sw_if_index):
        """Delete the sessions of an interface."""
        sessions_of_interface_delete(&self.main, sw_if_index, self.main.worker.now_ns)

    def session(self, uint32_t index) -> dict:
        """A session by number, with its key as the first packet was seen. Raises KeyError."""
        cdef acl_session_t* session
        cdef uint64_t addresses, l4
        if not pool_is_used(&self.main.sessions, index):
            raise KeyError(index)
        session = acl_session(&self.main, index)
        addresses, l4 = session.key[0], session.key[1]
        return {
            "index": index, "sw_if_index": session.sw_if_index, "thread_index": session.thread_index,
            "src": (<uint32_t> addresses).to_bytes(4, "little"), "dst": (addresses >> 32).to_bytes(4, "little"),
            "sport": l4 & 0xffff, "dport": l4 >> 16 & 0xffff, "proto": l4 >> KEY_PROTOCOL_SHIFT & 0xff,
            "key": (addresses, l4), "tcp_flags": session.tcp_flags, "bits": session.bits,
            "tcp_flags_seen": session.tcp_flags_seen, "last_active_ns": session.last_active_ns,
            "link_enqueue_ns": session.link_enqueue_ns, "link_next": session.link_next,
            "link_prev": session.link_prev, "link_list_id": session.list_id, "policy_epoch": session.policy_epoch,
        }

    def sessions(self) -> list:
        """Numbers of all sessions, those that wait for deletion included."""
        cdef uint32_t index = pool_next(&self.main.sessions, 0)
        found = []
        while index != POOL_NONE:
            found.append(index)
            index = pool_next(&self.main.sessions, index + 1)
        return found

    def counters(self) -> dict:
        """Sessions added, deactivated, deleted; entries of the hash table, now and at most; the cleaner's."""
        cdef acl_main_t* m = &self.main
        return {
            "added": m.n_added, "deactivated": m.n_deactivated, "deleted": m.n_deleted,
            "entries": m.table.count, "most_entries": m.most_entries,
            "cleaned": m.n_cleaned, "requeued": m.n_requeued, "interval_ns": m.interval_ns,
        }

    def interface_counters(self, uint32_t sw_if_index) -> dict:
        cdef acl_interface_t* interface
        if sw_if_index >= self.main.n_interfaces:
            return {"added": 0, "deleted": 0, "epoch_changes": 0}
        interface = &self.main.interfaces[sw_if_index]
        return {
            "added": interface.n_added, "deleted": interface.n_deleted, "epoch_changes": interface.n_epoch_changes,
        }

    def lists(self) -> list:
        """Number of the session at the head of each list, None for an empty one."""
        cdef uint32_t i
        return [self.main.lists[i].head if self.main.lists[i].n else None for i in range(ACL_N_LISTS)]

    # ---- settings

    def set_timeout(self, uint32_t class_, uint64_t seconds):
        self.main.timeout_ns[class_] = min(seconds, <uint64_t> 0xffffffff) * NS_PER_SECOND
        # heads of lists may now be due earlier than the cleaner thinks
        self.graph.set_deadline(self.main.process_index, self.main.worker.now_ns)

    @property
    def max_sessions(self):
        return self.main.max_sessions

    @max_sessions.setter
    def max_sessions(self, uint64_t n):
        self.main.max_sessions = n

    @property
    def reclassify(self):
        return self.main.reclassify

    @reclassify.setter
    def reclassify(self, bint on):
        self.main.reclassify = on

    @property
    def match_fragments(self):
        return self.main.match_fragments

    @match_fragments.setter
    def match_fragments(self, bint on):
        self.main.match_fragments = on

    @property
    def use_hash(self):
        return self.main.use_hash

    @use_hash.setter
    def use_hash(self, bint on):
        self.main.use_hash = on
