"""Loads and stores with the order that lock-free readers need; on x86 they are plain moves."""

from libc.stdint cimport uint16_t, uint64_t

cdef extern from *:
    """
    #define vppsh_load_acquire(address) __atomic_load_n((address), __ATOMIC_ACQUIRE)
    #define vppsh_load_relaxed(address) __atomic_load_n((address), __ATOMIC_RELAXED)
    #define vppsh_store_release(address, value) __atomic_store_n((address), (value), __ATOMIC_RELEASE)
    #define vppsh_store_relaxed(address, value) __atomic_store_n((address), (value), __ATOMIC_RELAXED)
    #define vppsh_fence_acquire() __atomic_thread_fence(__ATOMIC_ACQUIRE)
    #define vppsh_fence_release() __atomic_thread_fence(__ATOMIC_RELEASE)
    """
    uint64_t load_acquire "vppsh_load_acquire" (const uint64_t* address) noexcept nogil
    uint64_t load_relaxed "vppsh_load_relaxed" (const uint64_t* address) noexcept nogil
    uint16_t load_relaxed16 "vppsh_load_relaxed" (const uint16_t* address) noexcept nogil
    uint16_t load_acquire16 "vppsh_load_acquire" (const uint16_t* address) noexcept nogil
    void store_release "vppsh_store_release" (uint64_t* address, uint64_t value) noexcept nogil
    void store_relaxed "vppsh_store_relaxed" (uint64_t* address, uint64_t value) noexcept nogil
    void store_release16 "vppsh_store_release" (uint16_t* address, uint16_t value) noexcept nogil
    void fence_acquire "vppsh_fence_acquire" () noexcept nogil
    void fence_release "vppsh_fence_release" () noexcept nogil
