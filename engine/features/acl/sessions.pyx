"""The session table: making and deleting sessions, their lists by age, and the cleaner.

Each class has a list in the order in which its sessions were last queued. A packet does not move its session: only
when the time of the oldest is over, the cleaner looks when it was last active, and queues it again or deletes it.
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from ...core.graph cimport worker_t
from ...tables.bihash cimport bihash_add, bihash_del, bihash_grace, bihash_hash
from ...tables.pool cimport pool_get, pool_next, pool_put
from .acl cimport (
    ACL_N_LISTS,
    CLASS_PURGATORY,
    CLASS_TCP_TRANSIENT,
    KEY_FLAG_INPUT,
    KEY_FLAGS_SHIFT,
    POOL_NONE,
    acl_cleaner,
    acl_list_t,
    acl_main_t,
    acl_packet_t,
    acl_session,
    acl_session_t,
)

cdef enum:
    MOST_PER_RUN = 100          # sessions the cleaner looks at before it rests (VPP's default)

cdef enum:
    SHORTEST_INTERVAL_NS = 1000000
    INTERVAL_STEP_NS = 100000000
    LONGEST_INTERVAL_NS = 500000000
cdef enum:
    FAR_FUTURE = 0xffffffffffffffffU


# ---- lists by age ---------------------------------------------------------------------------

cdef inline uint64_t list_timeout(acl_main_t* m, uint32_t list_id) noexcept nogil:
    """Time after which the head of a list is looked at."""
    return m.timeout_ns[list_id] if list_id == CLASS_PURGATORY else m.timeout_ns[list_id] // m.check_divisor


cdef inline void wake_cleaner(acl_main_t* m, uint64_t deadline_ns) noexcept nogil:
    """See to it that the cleaner runs no later than that."""
    if deadline_ns < acl_cleaner(m).deadline_ns:
        acl_cleaner(m).deadline_ns = deadline_ns
    if deadline_ns < m.worker.next_deadline_ns:
        m.worker.next_deadline_ns = deadline_ns


cdef void list_append(acl_main_t* m, uint32_t index, uint32_t list_id, uint64_t now_ns) noexcept nogil:
    cdef acl_session_t* session = acl_session(m, index)
    cdef acl_list_t* queue = &m.lists[list_id]
    session.list_id = <uint8_t> list_id
    session.link_enqueue_ns = now_ns
    session.link_next = POOL_NONE
    session.link_prev = queue.tail if queue.n else <uint32_t> POOL_NONE
    if queue.n:
        acl_session(m, queue.tail).link_next = index
    else:
        queue.head = index
        wake_cleaner(m, now_ns + list_timeout(m, list_id))
    queue.tail = index
    queue.n += 1


cdef void list_unlink(acl_main_t* m, uint32_t index) noexcept nogil:
    cdef acl_session_t* session = acl_session(m, index)
    cdef acl_list_t* queue = &m.lists[session.list_id]
    if session.link_prev != POOL_NONE:
        acl_session(m, session.link_prev).link_next = session.link_next
    else:
        queue.head = session.link_next
    if session.link_next != POOL_NONE:
        acl_session(m, session.link_next).link_prev = session.link_prev
    else:
        queue.tail = session.link_prev
    queue.n -= 1


cdef void session_change_class(acl_main_t* m, uint32_t index, int new_class, uint64_t now_ns) noexcept nogil:
    """Restart the session's timer on the list of its new class."""
    list_unlink(m, index)
    list_append(m, index, new_class, now_ns)


# ---- entries of the hash table --------------------------------------------------------------

cdef inline uint64_t icmp_answer(uint64_t l4) noexcept nogil:
    """The L4 word with the type that answers a request, or 0 for messages that are not answered."""
    cdef uint64_t rest = l4 & ~<uint64_t> 0xffff
    cdef uint32_t type = l4 & 0xffff
    if type == 8:               # echo
        return rest
    if type == 13 or type == 15 or type == 17:      # timestamp, information, address mask
        return rest | (type + 1)
    return 0


cdef inline bint reverse_key(acl_session_t* session, uint64_t* key) noexcept nogil:
    """Under which the answers look: ends and direction exchanged. False when there can be none."""
    cdef uint64_t l4 = session.key[1]
    if key_protocol(l4) != PROTOCOL_ICMP:
        l4 = swap_ports(l4)
    else:
        l4 = icmp_answer(l4)
        if l4 == 0:
            return False
    key[0] = swap_halves(session.key[0])
    key[1] = l4 ^ (<uint64_t> KEY_FLAG_INPUT << KEY_FLAGS_SHIFT)
    return True


cdef bint add_entries(acl_main_t* m, uint32_t index) noexcept nogil:
    cdef acl_session_t* session = acl_session(m, index)
    cdef uint64_t key[2]
    cdef uint32_t hash = bihash_hash(session.key, 2)
    if bihash_add(&m.table, session.key, hash, index, 2) != 0:
        return False
    if m.both_directions and reverse_key(session, key):
        if bihash_add(&m.table, key, bihash_hash(key, 2), index, 2) != 0:
            bihash_del(&m.table, session.key, hash, 2)
            return False
    if m.table.count > m.most_entries:
        m.most_entries = m.table.count
    return True


cdef void delete_entries(acl_main_t* m, uint32_t index) noexcept nogil:
    cdef acl_session_t* session = acl_session(m, index)
    cdef uint64_t key[2]
    bihash_del(&m.table, session.key, bihash_hash(session.key, 2), 2)
    if m.both_directions and reverse_key(session, key):
        bihash_del(&m.table, key, bihash_hash(key, 2), 2)


# ---- sessions -------------------------------------------------------------------------------

cdef inline bint has_room(acl_main_t* m) noexcept nogil:
    return m.n_added - m.n_deleted + m.reserved_sessions < m.max_sessions


cdef void session_free(acl_main_t* m, uint32_t index) noexcept nogil:
    """Give the memory of a deactivated, unlinked session back; its number is the next to be given out."""
    m.n_deleted += 1
    m.interfaces[acl_session(m, index).sw_if_index].n_deleted += 1
    pool_put(&m.sessions, index)


cdef void session_delete(acl_main_t* m, uint32_t index, uint64_t now_ns) noexcept nogil:
    """Take a session out of the hash table; in two steps where the profile says so, the second is the cleaner's."""
    list_unlink(m, index)
    delete_entries(m, index)
    m.n_deactivated += 1
    if m.both_directions:
        list_append(m, index, CLASS_PURGATORY, now_ns)
    else:
        session_free(m, index)


cdef void make_room(acl_main_t* m) noexcept nogil:
    """Free the session that has waited longest in purgatory, else the oldest transient TCP session, if any."""
    cdef uint32_t index
    if m.lists[CLASS_PURGATORY].n:
        index = m.lists[CLASS_PURGATORY].head
    elif m.lists[CLASS_TCP_TRANSIENT].n:
        index = m.lists[CLASS_TCP_TRANSIENT].head
        delete_entries(m, index)
        m.n_deactivated += 1
    else:
        return
    list_unlink(m, index)
    session_free(m, index)


cdef uint32_t session_add(acl_main_t* m, acl_packet_t* packet, int direction, uint64_t now_ns) noexcept nogil:
    """A new session for the packet's flow, not yet tracking its flags; POOL_NONE when there is no room."""
    cdef uint32_t index
    cdef acl_session_t* session
    if not has_room(m):
        make_room(m)
        if not has_room(m):
            return <uint32_t> POOL_NONE
    index = pool_get(&m.sessions)
    if index == POOL_NONE:
        return <uint32_t> POOL_NONE
    session = acl_session(m, index)
    session.key[0], session.key[1] = packet.key[0], packet.key[1]
    if not add_entries(m, index):
        pool_put(&m.sessions, index)
        return <uint32_t> POOL_NONE
    session.sw_if_index = packet.sw_if_index
    session.tcp_flags_seen = 0
    session.tcp_flags, session.bits = packet.tcp_flags, packet.bits
    session.policy_epoch = current_epoch(m, packet.sw_if_index, direction)
    session.thread_index = m.worker.thread_index
    session.last_active_ns = now_ns
    list_append(m, index, session_class(session.key[1], 0), now_ns)
    m.n_added += 1
    m.interfaces[packet.sw_if_index].n_added += 1
    return index


cdef void sessions_of_interface_delete(acl_main_t* m, uint32_t sw_if_index, uint64_t now_ns) noexcept nogil:
    cdef uint32_t index = pool_next(&m.sessions, 0)
    while index != POOL_NONE:
        if acl_session(m, index).sw_if_index == sw_if_index and acl_session(m, index).list_id != CLASS_PURGATORY:
            session_delete(m, index, now_ns)
        index = pool_next(&m.sessions, index + 1)


# ---- the cleaner ----------------------------------------------------------------------------

cdef void look_at(acl_main_t* m, uint32_t index, uint64_t now_ns) noexcept nogil:
    """The oldest of its list: delete it, or queue it again because it was active meanwhile."""
    cdef acl_session_t* session = acl_session(m, index)
    cdef uint32_t list_id = session.list_id
    if list_id == CLASS_PURGATORY:
        list_unlink(m, index)
        session_free(m, index)
    elif now_ns >= session.last_active_ns + m.timeout_ns[list_id]:
        session_delete(m, index, now_ns)
        m.n_cleaned += 1
    else:
        list_unlink(m, index)
        list_append(m, index, list_id, now_ns)
        m.n_requeued += 1


cdef uint32_t clean_list(acl_main_t* m, uint32_t list_id, uint32_t most, uint64_t now_ns) noexcept nogil:
    """Look at the sessions of a list whose time is over, at most so many; how many there were."""
    cdef acl_list_t* queue = &m.lists[list_id]
    cdef uint32_t i, n = min(most, queue.n)
    for i in range(n):
        if acl_session(m, queue.head).link_enqueue_ns + list_timeout(m, list_id) > now_ns:
            return i
        look_at(m, queue.head, now_ns)
    return n


cdef uint64_t soonest_check(acl_main_t* m) noexcept nogil:
    """When the first head of all lists must be looked at."""
    cdef uint32_t list_id
    cdef uint64_t due, soonest = FAR_FUTURE
    for list_id in range(1, ACL_N_LISTS):
        if m.lists[list_id].n:
            due = acl_session(m, m.lists[list_id].head).link_enqueue_ns + list_timeout(m, list_id)
            soonest = min(soonest, due)
    return soonest


cdef uint64_t sessions_clean(worker_t* w, void* main, uint64_t now_ns) noexcept nogil:
    """The process: look at what is over, rest for the interval, which is shorter the more there was to do."""
    cdef acl_main_t* m = <acl_main_t*> main
    cdef uint32_t list_id, n = 0
    cdef uint64_t soonest
    bihash_grace(&m.table, 2)           # a process runs between frames: nobody searches an outgrown array
    for list_id in range(1, ACL_N_LISTS):
        n += clean_list(m, list_id, MOST_PER_RUN - n, now_ns)
    if n >= MOST_PER_RUN:
        m.interval_ns = max(m.interval_ns // 2, SHORTEST_INTERVAL_NS)
    else:
        m.interval_ns = min(m.interval_ns + INTERVAL_STEP_NS, LONGEST_INTERVAL_NS)
    soonest = soonest_check(m)
    return soonest if soonest == FAR_FUTURE else max(soonest, now_ns + m.interval_ns)
