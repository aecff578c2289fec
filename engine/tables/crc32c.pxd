"""CRC-32C of 64-bit words, the hash of every table here: one instruction a word where the machine has it.

The portable version gives the same values, so that tables iterate in the same order on every machine.
"""

from libc.stdint cimport uint32_t, uint64_t

cdef extern from *:
    """
    #include <stdint.h>

    static inline uint32_t vppsh_crc32c_portable(uint32_t crc, uint64_t word)
    {
        /* reflected polynomial 0x82f63b78 (RFC 3720, appendix B.4), four bits at a time */
        static const uint32_t nibbles[16] = {
            0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
            0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
        };
        for (int i = 0; i < 16; i++, word >>= 4)
            crc = (crc >> 4) ^ nibbles[(crc ^ (uint32_t)word) & 15];
        return crc;
    }

    #if defined(__SSE4_2__)
    #include <nmmintrin.h>
    #define vppsh_crc32c(crc, word) ((uint32_t)_mm_crc32_u64((crc), (word)))
    #elif defined(__ARM_FEATURE_CRC32)
    #include <arm_acle.h>
    #define vppsh_crc32c(crc, word) __crc32cd((crc), (word))
    #else
    #define vppsh_crc32c(crc, word) vppsh_crc32c_portable((crc), (word))
    #endif
    """
    uint32_t crc32c "vppsh_crc32c" (uint32_t crc, uint64_t word) noexcept nogil
    uint32_t crc32c_portable "vppsh_crc32c_portable" (uint32_t crc, uint64_t word) noexcept nogil
    int count_trailing_zeros "__builtin_ctzll" (uint64_t word) noexcept nogil
