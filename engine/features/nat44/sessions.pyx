"""Making, finding and deleting sessions and users."""

from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport free, malloc, qsort
from libc.string cimport memset

from ...tables.bihash cimport bihash_add, bihash_del, bihash_hash, bihash_search, bihash_t
from ...tables.pool cimport POOL_NONE, pool_get, pool_is_used, pool_put
from .affinity cimport affinity_release
from .nat44 cimport (
    SESSION_AFFINITY,
    SESSION_ED,
    SESSION_FORWARD_BYPASS,
    SESSION_STATIC,
    SESSION_TWICE_NAT,
    SESSION_UNKNOWN_PROTOCOL,
    aged_t,
    cold_at,
    ed_key,
    ed_key_t,
    ei_key,
    nat_main_t,
    session_at,
    session_cold_t,
    session_ip_protocol,
    session_t,
    session_timeout_ns,
    user_at,
    user_t,
)
from .ports cimport port_free


# ---- tables

cdef void ei_add(bihash_t* table, uint64_t key, uint64_t value) noexcept nogil:
    """Enter a key; in a full table it stays out, and its packets take the slow path again."""
    bihash_add(table, &key, bihash_hash(&key, 1), value, 1)


cdef void ei_delete(bihash_t* table, uint64_t key, uint64_t value) noexcept nogil:
    """Take a key out, if it still leads to `value`: a mapping or a later session may have taken it over."""
    cdef uint32_t hash = bihash_hash(&key, 1)
    cdef uint64_t found
    if bihash_search(table, &key, hash, 1, &found) and found == value:
        bihash_del(table, &key, hash, 1)


cdef void ed_delete(bihash_t* table, ed_key_t* key, uint64_t value) noexcept nogil:
    cdef uint32_t hash = bihash_hash(key.words, 2)
    cdef uint64_t found
    if bihash_search(table, key.words, hash, 2, &found) and found == value:
        bihash_del(table, key.words, hash, 2)


cdef inline void in2out_ed_key(nat_main_t* nm, uint32_t index, ed_key_t* key) noexcept nogil:
    """Inside address and the host it speaks to, as the inside sees that."""
    cdef session_t* s = session_at(nm, index)
    cdef session_cold_t* cold = cold_at(nm, index)
    cdef bint twice = s.flags & SESSION_TWICE_NAT
    cdef bint ports = not s.flags & SESSION_UNKNOWN_PROTOCOL
    ed_key(key, s.in_addr, cold.ext_nat_addr if twice else cold.ext_addr, session_ip_protocol(s), s.in_fib,
           s.in_port if ports else 0, (cold.ext_nat_port if twice else cold.ext_port) if ports else 0)


cdef inline void out2in_ed_key(nat_main_t* nm, uint32_t index, ed_key_t* key) noexcept nogil:
    """Outside address and the external host."""
    cdef session_t* s = session_at(nm, index)
    cdef session_cold_t* cold = cold_at(nm, index)
    cdef bint ports = not s.flags & SESSION_UNKNOWN_PROTOCOL
    ed_key(key, s.out_addr, cold.ext_addr, session_ip_protocol(s), s.out_fib,
           s.out_port if ports else 0, cold.ext_port if ports else 0)


cdef void session_add_ei(nat_main_t* nm, uint32_t index) noexcept nogil:
    """Enter a session under its inside and its outside address and port."""
    cdef session_t* s = session_at(nm, index)
    ei_add(&nm.in2out, ei_key(s.in_addr, s.in_port, s.protocol, s.in_fib), index)
    ei_add(&nm.out2in, ei_key(s.out_addr, s.out_port, s.protocol, s.out_fib), index)


cdef bint session_add_in2out_ed(nat_main_t* nm, uint32_t index) noexcept nogil:
    cdef ed_key_t key
    in2out_ed_key(nm, index, &key)
    return bihash_add(&nm.in2out_ed, key.words, bihash_hash(key.words, 2), index, 2) == 0


cdef bint session_add_out2in_ed(nat_main_t* nm, uint32_t index) noexcept nogil:
    cdef ed_key_t key
    out2in_ed_key(nm, index, &key)
    return bihash_add(&nm.out2in_ed, key.words, bihash_hash(key.words, 2), index, 2) == 0


# ---- users

cdef uint32_t user_find(nat_main_t* nm, uint32_t address, uint32_t fib_index) noexcept nogil:
    """A user's index, NAT_NONE without sessions or never seen."""
    cdef uint64_t key = <uint64_t> address | <uint64_t> fib_index << 32
    cdef uint64_t value = NAT_NONE
    bihash_search(&nm.user_table, &key, bihash_hash(&key, 1), 1, &value)
    return <uint32_t> value


cdef uint32_t user_get(nat_main_t* nm, uint32_t address, uint32_t fib_index) noexcept nogil:
    """The user of an inside address, made if new; NAT_NONE when memory is out."""
    cdef uint32_t index = user_find(nm, address, fib_index)
    cdef uint64_t key = <uint64_t> address | <uint64_t> fib_index << 32
    cdef user_t* u
    if index != NAT_NONE:
        return index
    index = pool_get(&nm.users)
    if index == POOL_NONE:
        return NAT_NONE
    if bihash_add(&nm.user_table, &key, bihash_hash(&key, 1), index, 1) != 0:
        pool_put(&nm.users, index)
        return NAT_NONE
    u = user_at(nm, index)
    memset(u, 0, sizeof(user_t))
    u.address, u.fib_index = address, fib_index
    u.head = u.tail = NAT_NONE
    return index


cdef void user_delete(nat_main_t* nm, uint32_t index) noexcept nogil:
    cdef user_t* u = user_at(nm, index)
    cdef uint64_t key = <uint64_t> u.address | <uint64_t> u.fib_index << 32
    bihash_del(&nm.user_table, &key, bihash_hash(&key, 1), 1)
    free(u.aged)
    u.aged = NULL
    pool_put(&nm.users, index)


cdef inline void user_link(nat_main_t* nm, uint32_t user, uint32_t index) noexcept nogil:
    cdef user_t* u = user_at(nm, user)
    cdef session_cold_t* cold = cold_at(nm, index)
    cold.previous, cold.next = u.tail, NAT_NONE
    if u.tail == NAT_NONE:
        u.head = index
    else:
        cold_at(nm, u.tail).next = index
    u.tail = index


cdef inline void user_unlink(nat_main_t* nm, uint32_t user, uint32_t index) noexcept nogil:
    cdef user_t* u = user_at(nm, user)
    cdef session_cold_t* cold = cold_at(nm, index)
    if cold.previous == NAT_NONE:
        u.head = cold.next
    else:
        cold_at(nm, cold.previous).next = cold.next
    if cold.next == NAT_NONE:
        u.tail = cold.previous
    else:
        cold_at(nm, cold.next).previous = cold.previous


cdef inline void user_count(user_t* u, bint is_static, int change) noexcept nogil:
    if is_static:
        u.n_static += change
    else:
        u.n_dynamic += change


# ---- the least recently used session
#
# Packets only stamp their session; no list is kept in their order, which would cost every packet three more
# cache lines. Who asks for the oldest sorts the user's sessions by stamp once and then takes one after the other.
# A session that was stamped since is younger than all that were sorted with it, so skipping it is right: each sort
# is paid for by as many packets and takings as it sorted, and the order is exactly that of a list.

cdef int compare_aged(const void* one, const void* other) noexcept nogil:
    cdef uint64_t a = (<const aged_t*> one).stamp, b = (<const aged_t*> other).stamp
    return (a > b) - (a < b)


cdef bint sort_aged(nat_main_t* nm, user_t* u) noexcept nogil:
    """Sort the user's sessions; false when there are none or no memory."""
    cdef uint32_t n = u.n_dynamic + u.n_static, index = u.head, i = 0
    if n > u.aged_capacity:
        free(u.aged)
        u.aged = <aged_t*> malloc(n * sizeof(aged_t))
        u.aged_capacity = n if u.aged != NULL else 0
    u.next_aged = u.n_aged = 0
    if u.aged == NULL:
        return False
    while index != NAT_NONE and i < n:
        u.aged[i].stamp, u.aged[i].session = session_at(nm, index).stamp, index
        index = cold_at(nm, index).next
        i += 1
    qsort(u.aged, i, sizeof(aged_t), compare_aged)
    u.n_aged = i
    return i > 0


cdef uint32_t session_oldest(nat_main_t* nm, uint32_t user) noexcept nogil:
    """The user's least recently used session; NAT_NONE without any."""
    cdef user_t* u = user_at(nm, user)
    cdef aged_t* aged
    cdef session_t* s
    while True:
        while u.next_aged < u.n_aged:
            aged = &u.aged[u.next_aged]
            s = session_at(nm, <uint32_t> aged.session)
            if (s.stamp == aged.stamp and s.user == user
                    and pool_is_used(&nm.sessions, <uint32_t> aged.session)):
                return <uint32_t> aged.session
            u.next_aged += 1
        if not sort_aged(nm, u):
            return u.head


# ---- sessions

cdef void forget_keys(nat_main_t* nm, uint32_t index) noexcept nogil:
    """Take a session out of the tables and give its ports back."""
    cdef session_t* s = session_at(nm, index)
    cdef session_cold_t* cold = cold_at(nm, index)
    cdef ed_key_t key
    nm.changes += 1
    if s.flags & (SESSION_ED | SESSION_FORWARD_BYPASS | SESSION_UNKNOWN_PROTOCOL):
        in2out_ed_key(nm, index, &key)
        ed_delete(&nm.in2out_ed, &key, index)
        if s.flags & SESSION_FORWARD_BYPASS:
            nm.n_bypass -= 1
            return
        out2in_ed_key(nm, index, &key)
        ed_delete(&nm.out2in_ed, &key, index)
        if s.flags & SESSION_TWICE_NAT:
            port_free(&nm.twice_nat_addresses, cold.ext_nat_addr, cold.ext_nat_port, s.protocol)
        if s.flags & SESSION_AFFINITY:
            affinity_release(nm, cold.ext_addr, s.out_addr, s.out_port, s.protocol, nm.now_ns)
    else:
        ei_delete(&nm.in2out, ei_key(s.in_addr, s.in_port, s.protocol, s.in_fib), index)
        ei_delete(&nm.out2in, ei_key(s.out_addr, s.out_port, s.protocol, s.out_fib), index)
    if not s.flags & (SESSION_STATIC | SESSION_UNKNOWN_PROTOCOL):
        port_free(&nm.addresses, s.out_addr, s.out_port, s.protocol)


cdef inline void session_reset(nat_main_t* nm, uint32_t index, uint32_t user, bint is_static) noexcept nogil:
    cdef session_t* s = session_at(nm, index)
    memset(s, 0, sizeof(session_t))
    memset(cold_at(nm, index), 0, sizeof(session_cold_t))
    s.user = user
    s.flags = SESSION_STATIC if is_static else 0
    nm.stamp += 1
    s.stamp = nm.stamp
    user_link(nm, user, index)
    user_count(user_at(nm, user), is_static, 1)
    nm.changes += 1


cdef uint32_t take_over(nat_main_t* nm, uint32_t user, uint32_t index, bint is_static) noexcept nogil:
    """Empty a session of the user for another flow."""
    forget_keys(nm, index)
    user_unlink(nm, user, index)
    user_count(user_at(nm, user), session_at(nm, index).flags & SESSION_STATIC, -1)
    session_reset(nm, index, user, is_static)
    return index


cdef inline bint user_at_limit(nat_main_t* nm, uint32_t user) noexcept nogil:
    return user_at(nm, user).n_dynamic + user_at(nm, user).n_static >= nm.max_per_user


cdef uint32_t session_make(nat_main_t* nm, uint32_t user, bint is_static) noexcept nogil:
    cdef uint32_t index = pool_get(&nm.sessions)
    if index == POOL_NONE:
        return NAT_NONE
    if pool_get(&nm.cold) != index:     # both give and take in step, so this is memory running out
        pool_put(&nm.sessions, index)
        return NAT_NONE
    session_reset(nm, index, user, is_static)
    return index


cdef uint32_t session_new(nat_main_t* nm, uint32_t user, bint is_static) noexcept nogil:
    """A session for a user, without keys; at the user's limit his least recently used one is taken over.

    NAT_NONE when memory is out.
    """
    cdef uint32_t index
    if user_at_limit(nm, user):
        index = session_oldest(nm, user)
        if index != NAT_NONE:
            return take_over(nm, user, index, is_static)
    return session_make(nm, user, is_static)


cdef uint32_t session_new_ed(nat_main_t* nm, uint32_t user, bint is_static, uint64_t now_ns) noexcept nogil:
    """A session for a user; at the user's limit only one that has timed out is taken over. NAT_NONE without."""
    cdef uint32_t index
    cdef session_t* s
    if not user_at_limit(nm, user):
        return session_make(nm, user, is_static)
    index = session_oldest(nm, user)
    if index == NAT_NONE:
        return NAT_NONE
    s = session_at(nm, index)
    if now_ns < s.last_heard_ns + session_timeout_ns(nm, s):
        return NAT_NONE
    return take_over(nm, user, index, is_static)


cdef void session_delete(nat_main_t* nm, uint32_t index) noexcept nogil:
    """Delete a session, and its user with the last one. Its content stays readable until the index is reused."""
    cdef session_t* s = session_at(nm, index)
    cdef user_t* u = user_at(nm, s.user)
    forget_keys(nm, index)
    user_unlink(nm, s.user, index)
    user_count(u, s.flags & SESSION_STATIC, -1)
    if u.n_dynamic + u.n_static == 0:
        user_delete(nm, s.user)
    pool_put(&nm.sessions, index)
    pool_put(&nm.cold, index)
