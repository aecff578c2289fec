"""The buffer pool: mapping, shared stack, leak accounting. The fast paths stand in buffer.pxd."""

from libc.stdint cimport uint8_t, uint32_t, uintptr_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy

cdef extern from "<sys/mman.h>" nogil:
    void* mmap(void* addr, size_t length, int prot, int flags, int fd, long offset)
    int munmap(void* addr, size_t length)
    int madvise(void* addr, size_t length, int advice)
    void* MAP_FAILED
    int PROT_READ
    int PROT_WRITE
    int MAP_PRIVATE
    int MAP_ANONYMOUS
    int MAP_NORESERVE
    int MAP_HUGETLB
    int MADV_HUGEPAGE

cdef extern from *:
    """
    static inline void vppsh_lock(int *l) { while (__atomic_exchange_n(l, 1, __ATOMIC_ACQUIRE)) ; }
    static inline void vppsh_unlock(int *l) { __atomic_store_n(l, 0, __ATOMIC_RELEASE); }
    """
    void spin_lock "vppsh_lock"(int* lock) noexcept nogil
    void spin_unlock "vppsh_unlock"(int* lock) noexcept nogil

cdef size_t HUGE_PAGE = 2 << 20


cdef uint32_t buffer_refill(buffer_cache_t* cache, uint32_t n) noexcept nogil:
    """Bring buffers from the shared stack until the cache holds n or the stack is empty; returns what it holds."""
    cdef buffer_pool_t* pool = cache.pool
    cdef uint32_t take
    spin_lock(&pool.lock)
    take = n - cache.n + BUFFER_CACHE_BATCH
    if cache.n + take > BUFFER_CACHE_SIZE:
        take = BUFFER_CACHE_SIZE - cache.n
    if take > pool.n_free:
        take = pool.n_free
    pool.n_free -= take
    memcpy(&cache.indices[cache.n], &pool.free_stack[pool.n_free], take * sizeof(uint32_t))
    cache.n += take
    spin_unlock(&pool.lock)
    return cache.n


cdef void buffer_spill(buffer_cache_t* cache) noexcept nogil:
    """Give a batch back to the shared stack; the most recently used stay."""
    cdef buffer_pool_t* pool = cache.pool
    cdef uint32_t i
    spin_lock(&pool.lock)
    memcpy(&pool.free_stack[pool.n_free], cache.indices, BUFFER_CACHE_BATCH * sizeof(uint32_t))
    pool.n_free += BUFFER_CACHE_BATCH
    spin_unlock(&pool.lock)
    cache.n -= BUFFER_CACHE_BATCH
    for i in range(cache.n):
        cache.indices[i] = cache.indices[i + BUFFER_CACHE_BATCH]


cdef void buffer_free_chain(buffer_cache_t* cache, uint32_t index) noexcept nogil:
    """Give back every buffer of a chain."""
    cdef buffer_t* b
    cdef uint32_t following
    cdef bint more = True
    while more:
        b = buffer_at(cache.pool, index)
        more = (b.flags & BUFFER_NEXT_PRESENT) != 0
        following = b.next_buffer
        b.flags = 0
        buffer_free_one(cache, index)
        index = following


cdef void* map_region(size_t n_bytes, int* huge) noexcept:
    """Map zeroed memory, in huge pages where the machine has them to give, else ordinary ones (merged if it likes)."""
    cdef int flags = MAP_PRIVATE | MAP_ANONYMOUS
    cdef void* base = mmap(NULL, n_bytes, PROT_READ | PROT_WRITE, flags | MAP_HUGETLB, -1, 0)
    huge[0] = base != MAP_FAILED
    if base == MAP_FAILED:
        base = mmap(NULL, n_bytes, PROT_READ | PROT_WRITE, flags | MAP_NORESERVE, -1, 0)
        if base != MAP_FAILED:
            madvise(base, n_bytes, MADV_HUGEPAGE)
    return base


cdef class BufferPool:
    """Fixed-size packet buffers in one mapped region.

    n_buffers: slots; each holds BUFFER_DATA_SIZE (2048) bytes of a packet behind 128 bytes of headroom.
    Raises MemoryError when the region cannot be mapped, ValueError for fewer than 1024 buffers.
    """

    def __cinit__(self, uint32_t n_buffers=16384):
        if n_buffers < BUFFER_CACHE_SIZE:
            raise ValueError(f"a pool needs at least {BUFFER_CACHE_SIZE} buffers, got {n_buffers}")
        cdef size_t size = <size_t> n_buffers * BUFFER_STRIDE
        self.caches = []
        self.mapped_bytes = (size + HUGE_PAGE - 1) // HUGE_PAGE * HUGE_PAGE
        self.pool.free_stack = <uint32_t*> malloc(n_buffers * sizeof(uint32_t))
        self.pool.base = <uint8_t*> map_region(self.mapped_bytes, &self.pool.huge_pages)
        if self.pool.free_stack == NULL or self.pool.base == <uint8_t*> MAP_FAILED:
            self.pool.base = NULL
            raise MemoryError(f"cannot map {self.mapped_bytes} bytes of packet buffers")
        self.pool.n_buffers = n_buffers
        self.pool.n_free = n_buffers
        cdef uint32_t i
        for i in range(n_buffers):      # the lowest index is taken first
            self.pool.free_stack[i] = n_buffers - 1 - i

    def __dealloc__(self):
        for address in self.caches or ():
            free(<void*> <uintptr_t> address)
        if self.pool.base != NULL:
            munmap(self.pool.base, self.mapped_bytes)
        free(self.pool.free_stack)

    cdef buffer_cache_t* new_cache(self) except NULL:
        """A worker's own cache; lives as long as the pool."""
        cdef buffer_cache_t* cache = <buffer_cache_t*> calloc(1, sizeof(buffer_cache_t))
        if cache == NULL:
            raise MemoryError("no memory for a buffer cache")
        cache.pool = &self.pool
        self.caches.append(<uintptr_t> cache)
        return cache

    @property
    def n_cached(self) -> int:
        """Free buffers in the workers' caches."""
        return sum((<buffer_cache_t*> <uintptr_t> address).n for address in self.caches)

    @property
    def in_use(self) -> int:
        """Buffers that hold a packet now. Anything but 0 between runs is a leak."""
        return self.pool.n_buffers - self.pool.n_free - self.n_cached

    def stats(self) -> dict:
        """Figures of `show buffers`; sizes in bytes."""
        return {
            "total": self.pool.n_buffers,
            "in_use": self.in_use,
            "cached": self.n_cached,
            "free": self.pool.n_free,
            "data_size": BUFFER_DATA_SIZE,
            "stride": BUFFER_STRIDE,
            "mapped": self.mapped_bytes,
            "huge_pages": bool(self.pool.huge_pages),
        }
