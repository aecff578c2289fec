"""A pool of elements of one size, named by index, as VPP's: the index freed last is given out first.

Traces and session listings print these indices, so the order in which they are reused is part of the
behaviour. The elements stand in one reservation of addresses that is filled as the pool grows: **pointers
to elements stay valid** until `pool_free`, and `elements + index * element_size` is always right. One
writer; readers may follow an index they hold at any time (a freed element keeps its content until reuse).
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t

cdef enum:
    POOL_NONE = 0xFFFFFFFFU             # "no element": the index ~0


ctypedef struct pool_t:
    uint8_t* elements
    uint32_t element_size               # bytes from one element to the next
    uint32_t length                     # indices below it have been given out at least once
    uint32_t n_freed                    # entries of `freed`
    uint32_t committed                  # elements that have memory
    uint32_t limit                      # elements that have addresses: the most the pool can hold
    uint32_t* freed                     # stack of free indices below `length`
    uint64_t* used                      # one bit an index
    uint64_t reserved_bytes             # of addresses, all arrays together
    uint64_t committed_bytes            # of `elements`


cdef int pool_init(pool_t* pool, uint32_t element_size, uint32_t limit, bint line_aligned) noexcept nogil
cdef void pool_free(pool_t* pool) noexcept nogil
cdef bint pool_grow(pool_t* pool) noexcept nogil
cdef uint64_t pool_memory(const pool_t* pool) noexcept nogil


cdef inline void* pool_elt(const pool_t* pool, uint32_t index) noexcept nogil:
    """The element of an index that is in use.

    Where its type T has a fixed size, `(<T*>pool.elements)[index]` saves the multiplication.
    """
    return pool.elements + <uint64_t>index * pool.element_size


cdef inline uint32_t pool_count(const pool_t* pool) noexcept nogil:
    """Elements in use."""
    return pool.length - pool.n_freed


cdef inline bint pool_is_used(const pool_t* pool, uint32_t index) noexcept nogil:
    """Whether an index, any number, names an element in use."""
    return index < pool.length and (pool.used[index >> 6] >> (index & 63)) & 1


cdef inline uint32_t pool_get(pool_t* pool) noexcept nogil:
    """Take an element, content unchanged since it was freed (zero at first); POOL_NONE when full or out of memory."""
    cdef uint32_t index
    if pool.n_freed:
        pool.n_freed -= 1
        index = pool.freed[pool.n_freed]
    else:
        if pool.length == pool.committed and not pool_grow(pool):
            return <uint32_t>POOL_NONE
        index = pool.length
        pool.length += 1
    pool.used[index >> 6] |= <uint64_t>1 << (index & 63)
    return index


cdef inline bint pool_put(pool_t* pool, uint32_t index) noexcept nogil:
    """Free an element; false, and nothing done, if it is not in use."""
    if not pool_is_used(pool, index):
        return False
    pool.used[index >> 6] &= ~(<uint64_t>1 << (index & 63))
    pool.freed[pool.n_freed] = index
    pool.n_freed += 1
    return True


cdef inline uint32_t pool_next(const pool_t* pool, uint32_t start) noexcept nogil:
    """The first index in use at or after `start`, or POOL_NONE.

    `index = pool_next(pool, 0); while index != POOL_NONE: ...; index = pool_next(pool, index + 1)` visits all;
    freeing the visited one meanwhile is fine.
    """
    while start < pool.length:
        if pool.used[start >> 6] >> (start & 63):
            if (pool.used[start >> 6] >> (start & 63)) & 1:
                return start
            start += 1
        else:
            start = (start | 63) + 1
    return <uint32_t>POOL_NONE
