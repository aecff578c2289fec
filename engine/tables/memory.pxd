"""Memory for tables: big zeroed mappings, huge pages where they pay, and the prefetch hint."""

from libc.stdint cimport uint64_t

cdef extern from *:
    """
    #define vppsh_table_prefetch_read(address) __builtin_prefetch((address), 0, 3)
    #define vppsh_table_prefetch_write(address) __builtin_prefetch((address), 1, 3)
    #define vppsh_likely(condition) __builtin_expect(!!(condition), 1)
    #define vppsh_unlikely(condition) __builtin_expect(!!(condition), 0)
    """
    void prefetch_read "vppsh_table_prefetch_read" (const void* address) noexcept nogil
    void prefetch_write "vppsh_table_prefetch_write" (const void* address) noexcept nogil
    bint likely "vppsh_likely" (bint condition) noexcept nogil
    bint unlikely "vppsh_unlikely" (bint condition) noexcept nogil

cdef enum:
    CACHE_LINE = 64
    HUGE_PAGE = 2 * 1024 * 1024


cdef inline uint64_t round_up(uint64_t value, uint64_t power_of_two) noexcept nogil:
    """The next multiple of a power of two."""
    return (value + power_of_two - 1) & ~(power_of_two - 1)


cdef void* memory_map(uint64_t size) noexcept nogil
cdef void memory_unmap(void* memory, uint64_t size) noexcept nogil
cdef void* memory_reserve(uint64_t size) noexcept nogil
cdef bint memory_commit(void* start, uint64_t size) noexcept nogil
