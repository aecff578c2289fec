"""Making, finding and deleting sessions and users."""

from libc.stdint cimport uint16_t, uint32_t, uint64_t, uint8_t

from ...tables.bihash cimport bihash_hash, bihash_search, bihash_t
from ...tables.pool cimport pool_count
from .nat44 cimport ED_MARK, NAT_NONE, ed_key_t, nat_main_t, session_t


cdef inline uint64_t ei_find(const bihash_t* table, uint64_t key) noexcept nogil:
    """A session's index, ED_MARK, or NAT_NONE."""
    cdef uint64_t value = NAT_NONE
    bihash_search(table, &key, bihash_hash(&key, 1), 1, &value)
    return value


cdef inline uint32_t ed_find(const bihash_t* table, const ed_key_t* key) noexcept nogil:
    """A session's index or NAT_NONE."""
    cdef uint64_t value = NAT_NONE
    bihash_search(table, key.words, bihash_hash(key.words, 2), 2, &value)
    return <uint32_t> value


cdef inline bint sessions_full(nat_main_t* nm) noexcept nogil:
    return pool_count(&nm.sessions) >= nm.max_sessions


cdef uint32_t user_get(nat_main_t* nm, uint32_t address, uint32_t fib_index) noexcept nogil
cdef uint32_t user_find(nat_main_t* nm, uint32_t address, uint32_t fib_index) noexcept nogil
cdef uint32_t session_new(nat_main_t* nm, uint32_t user, bint is_static) noexcept nogil
cdef uint32_t session_new_ed(nat_main_t* nm, uint32_t user, bint is_static, uint64_t now_ns) noexcept nogil
cdef void session_delete(nat_main_t* nm, uint32_t index) noexcept nogil
cdef uint32_t session_oldest(nat_main_t* nm, uint32_t user) noexcept nogil
cdef void session_add_ei(nat_main_t* nm, uint32_t index) noexcept nogil
cdef bint session_add_in2out_ed(nat_main_t* nm, uint32_t index) noexcept nogil
cdef bint session_add_out2in_ed(nat_main_t* nm, uint32_t index) noexcept nogil
cdef void ei_add(bihash_t* table, uint64_t key, uint64_t value) noexcept nogil
cdef void ei_delete(bihash_t* table, uint64_t key, uint64_t value) noexcept nogil
