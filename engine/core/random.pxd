"""The seeded generator: VPP's linear congruential one, so that a replay draws what VPP drew."""

from libc.stdint cimport uint32_t


cdef inline uint32_t random_u32(uint32_t* seed) noexcept nogil:
    """Next number of the sequence x = 1664525 x + 1013904223 mod 2^32 (Numerical Recipes; VPP's random_u32)."""
    seed[0] = seed[0] * <uint32_t> 1664525 + <uint32_t> 1013904223
    return seed[0]
