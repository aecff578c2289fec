"""Making, growing and freeing pools (cold), and a Python face of them for tests."""

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memset

from .memory cimport (
    CACHE_LINE, HUGE_PAGE, memory_commit, memory_reserve, memory_unmap, round_up,
)

cdef enum:
    FIRST_BYTES = 64 * 1024             # a pool's elements begin with this much memory, then double
    PAGE = 4096


cdef int pool_init(pool_t* pool, uint32_t element_size, uint32_t limit, bint line_aligned) noexcept nogil:
    """Make an empty pool of at most `limit` elements of `element_size` bytes each.

    line_aligned: every element begins on a cache line; its size is rounded up to 64 bytes. Otherwise elements
    are aligned to 8. Returns 0, or -1 when the addresses cannot be had; the pool is then empty and harmless.
    """
    memset(pool, 0, sizeof(pool_t))
    pool.element_size = <uint32_t>round_up(element_size if element_size else 1, CACHE_LINE if line_aligned else 8)
    cdef uint64_t elements_bytes = round_up(<uint64_t>pool.element_size * limit, PAGE)
    cdef uint64_t freed_bytes = round_up(<uint64_t>limit * sizeof(uint32_t), PAGE)
    cdef uint64_t used_bytes = round_up((<uint64_t>limit + 63) // 64 * sizeof(uint64_t), PAGE)
    cdef uint64_t total = elements_bytes + freed_bytes + used_bytes
    if limit == 0 or limit == <uint32_t>POOL_NONE:
        return -1
    cdef uint8_t* start = <uint8_t*>memory_reserve(total)
    if start == NULL:
        return -1
    # the small arrays are committed whole: only what is touched costs memory
    if not memory_commit(start + elements_bytes, freed_bytes + used_bytes):
        memory_unmap(start, total)
        return -1
    pool.elements = start
    pool.freed = <uint32_t*>(start + elements_bytes)
    pool.used = <uint64_t*>(start + elements_bytes + freed_bytes)
    pool.reserved_bytes = total
    pool.limit = limit
    return 0


cdef void pool_free(pool_t* pool) noexcept nogil:
    """Give all memory back; the pool is then one that cannot hold anything."""
    memory_unmap(pool.elements, pool.reserved_bytes)
    memset(pool, 0, sizeof(pool_t))


cdef bint pool_grow(pool_t* pool) noexcept nogil:
    """Give memory to as many elements again as there are; false at the limit or without memory.

    Nothing moves and nothing is copied: the cost is one mprotect, and later the page faults.
    """
    if pool.committed >= pool.limit:
        return False
    cdef uint64_t whole = round_up(<uint64_t>pool.element_size * pool.limit, PAGE)
    cdef uint64_t wanted = pool.committed_bytes * 2
    wanted = max(wanted, <uint64_t>FIRST_BYTES, round_up(pool.element_size, PAGE))
    if wanted >= HUGE_PAGE:
        wanted = round_up(wanted, HUGE_PAGE)
    wanted = min(wanted, whole)
    if not memory_commit(pool.elements + pool.committed_bytes, wanted - pool.committed_bytes):
        return False
    pool.committed_bytes = wanted
    pool.committed = <uint32_t>min(wanted // pool.element_size, <uint64_t>pool.limit)
    return True


cdef uint64_t pool_memory(const pool_t* pool) noexcept nogil:
    """Bytes the pool's elements and its bookkeeping use or are about to use."""
    return pool.committed_bytes + <uint64_t>pool.committed * sizeof(uint32_t) + pool.committed // 8


cdef class Pool:
    """A pool of u64 values, for tests and benchmarks.

    >>> pool = Pool(limit=1000, element_size=64)
    >>> index = pool.get(5); pool[index]; pool.put(index)
    """

    cdef pool_t pool

    def __cinit__(self, uint32_t limit, uint32_t element_size=8, bint line_aligned=False):
        if element_size < sizeof(uint64_t):
            raise ValueError(f"an element has at least 8 bytes, not {element_size}")
        if pool_init(&self.pool, element_size, limit, line_aligned) != 0:
            raise MemoryError(f"no addresses for {limit} elements of {element_size} bytes")

    def __dealloc__(self):
        pool_free(&self.pool)

    def __len__(self):
        return pool_count(&self.pool)

    def __iter__(self):
        cdef uint32_t index = pool_next(&self.pool, 0)
        while index != <uint32_t>POOL_NONE:
            yield index
            index = pool_next(&self.pool, index + 1)

    def __contains__(self, uint32_t index):
        return pool_is_used(&self.pool, index)

    def __getitem__(self, uint32_t index):
        if not pool_is_used(&self.pool, index):
            raise IndexError(index)
        return (<uint64_t*>pool_elt(&self.pool, index))[0]

    def get(self, uint64_t value) -> int:
        """Take an element, store a value in it, return its index; MemoryError when full."""
        cdef uint32_t index = pool_get(&self.pool)
        if index == <uint32_t>POOL_NONE:
            raise MemoryError(f"the pool holds at most {self.pool.limit} elements")
        (<uint64_t*>pool_elt(&self.pool, index))[0] = value
        return index

    def put(self, uint32_t index) -> None:
        """Free an element; IndexError if it is not in use."""
        if not pool_put(&self.pool, index):
            raise IndexError(index)

    def address(self, uint32_t index) -> int:
        """Where the element stands in memory."""
        if not pool_is_used(&self.pool, index):
            raise IndexError(index)
        return <size_t>pool_elt(&self.pool, index)

    @property
    def memory(self) -> int:
        """Bytes."""
        return pool_memory(&self.pool)

    def churn(self, uint32_t n, uint32_t rounds) -> None:
        """Take and free n elements, `rounds` times over; for benchmarks."""
        cdef uint32_t i, _taken, _round, first = 0
        with nogil:
            for _round in range(rounds):
                for _taken in range(n):
                    first = pool_get(&self.pool)
                for i in range(n):
                    pool_put(&self.pool, i)
        if first == <uint32_t>POOL_NONE:
            raise MemoryError("the pool is full")
