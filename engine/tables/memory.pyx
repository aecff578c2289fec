"""Memory for tables, straight from the kernel: zeroed, page aligned, given back whole.

Only what is touched costs memory. Mappings of at least one huge page are aligned to it and advised to use
it: a random access then misses the TLB far less often (measured 10 instead of 13 ns when prefetched).
"""

from libc.stdint cimport uint64_t, uintptr_t
from posix.mman cimport (
    MADV_HUGEPAGE, MAP_ANONYMOUS, MAP_FAILED, MAP_NORESERVE, MAP_PRIVATE, PROT_NONE, PROT_READ, PROT_WRITE,
    madvise, mmap, mprotect, munmap,
)

cdef enum:
    PAGE = 4096


cdef void* map_aligned(uint64_t size, int protection, int flags) noexcept nogil:
    """Map whole pages, on a huge page's boundary when there is at least one; NULL when refused."""
    cdef uint64_t alignment = HUGE_PAGE if size >= HUGE_PAGE else PAGE
    cdef uint64_t slack = alignment - PAGE
    if size > (<uint64_t>1 << 46):
        return NULL
    cdef void* mapped = mmap(NULL, size + slack, protection, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0)
    if mapped == MAP_FAILED:
        return NULL
    cdef uintptr_t start = round_up(<uintptr_t>mapped, alignment)
    cdef uint64_t before = start - <uintptr_t>mapped
    if before:
        munmap(mapped, before)
    if slack - before:
        munmap(<void*>(start + size), slack - before)
    return <void*>start


cdef void* memory_map(uint64_t size) noexcept nogil:
    """Map `size` zeroed bytes; NULL when there is no memory. Give back with `memory_unmap` and the same size."""
    size = round_up(size, PAGE)
    cdef void* memory = map_aligned(size, PROT_READ | PROT_WRITE, 0)
    if memory != NULL and size >= HUGE_PAGE:
        madvise(memory, size, MADV_HUGEPAGE)
    return memory


cdef void memory_unmap(void* memory, uint64_t size) noexcept nogil:
    """Give a mapping or a reservation back."""
    if memory != NULL:
        munmap(memory, round_up(size, PAGE))


cdef void* memory_reserve(uint64_t size) noexcept nogil:
    """Reserve `size` bytes of addresses that hold no memory until `memory_commit`; NULL when refused."""
    return map_aligned(round_up(size, PAGE), PROT_NONE, MAP_NORESERVE)


cdef bint memory_commit(void* start, uint64_t size) noexcept nogil:
    """Make whole pages of a reservation usable (zeroed at first); false when there is no memory."""
    size = round_up(size, PAGE)
    if mprotect(start, size, PROT_READ | PROT_WRITE) != 0:
        return False
    if size >= HUGE_PAGE:
        madvise(start, size, MADV_HUGEPAGE)
    return True
