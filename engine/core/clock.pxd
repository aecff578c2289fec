"""Time: the engine's clock in nanoseconds, and the processor's tick counter for `show runtime`."""

from libc.stdint cimport uint64_t

cdef extern from *:
    """
    #include <stdint.h>
    #include <time.h>
    #if defined(__x86_64__)
    #include <x86intrin.h>
    static inline uint64_t vppsh_tsc(void) { return __rdtsc(); }
    #elif defined(__aarch64__)
    static inline uint64_t vppsh_tsc(void) { uint64_t t; __asm__ volatile("mrs %0, cntvct_el0" : "=r"(t)); return t; }
    #else
    static inline uint64_t vppsh_tsc(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * 1000000000u + t.tv_nsec; }
    #endif
    """
    uint64_t read_tsc "vppsh_tsc"() noexcept nogil
