"""Internet checksums: full, incremental, with pseudo header (RFC 1071, RFC 1624).

Every 16-, 32- and 64-bit argument is a value as it lies in memory (a raw load), so nothing here swaps bytes:
a one's complement sum is the same in either byte order. A *sum* is an unfolded 64-bit one's complement
accumulator; a *checksum* is the 16-bit value of a header's field, the complement of the folded sum.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy


cdef inline uint16_t checksum_fold(uint64_t value) noexcept nogil:
    """Fold 64 bits to 16 with end-around carries. 0 stays 0; every other multiple of 0xffff becomes 0xffff."""
    value = (value & 0xFFFFFFFFU) + (value >> 32)
    value = (value & 0xFFFF) + (value >> 16)
    value = (value & 0xFFFF) + (value >> 16)
    return <uint16_t>((value & 0xFFFF) + (value >> 16))


cdef inline uint64_t checksum_replace(uint64_t checksum, uint64_t old, uint64_t new) noexcept nogil:
    """Replace `old` by `new` under a checksum, unfolded, so that several fields share one `checksum_fold`.

    RFC 1624 in VPP's arithmetic: the field holds the complement of the sum, so `old` is added and `new`
    taken away, in 64 bits with the borrow brought round. Which of 0 and 0xffff stands for zero is as in VPP.
    """
    cdef uint64_t with_old = checksum + old
    with_old += with_old < old
    cdef uint64_t result = with_old - new
    return result - (result > with_old)


cdef inline uint16_t checksum_update16(uint16_t checksum, uint16_t old, uint16_t new) noexcept nogil:
    """The checksum after a 16-bit field at an even offset changed."""
    return checksum_fold(checksum_replace(checksum, old, new))


cdef inline uint16_t checksum_update32(uint16_t checksum, uint32_t old, uint32_t new) noexcept nogil:
    """The checksum after a 32-bit field at an even offset (an address) changed."""
    return checksum_fold(checksum_replace(checksum, old, new))


cdef inline uint16_t checksum_ttl_decremented(uint16_t checksum) noexcept nogil:
    """The IPv4 header checksum after the TTL went down by one; never leaves 0xffff, as VPP's ip4-rewrite."""
    cdef uint8_t[2] wire = [1, 0]
    cdef uint16_t one_ttl
    memcpy(&one_ttl, &wire, 2)
    cdef uint32_t value = <uint32_t>checksum + one_ttl
    return <uint16_t>(value + (value >= 0xFFFF))


cdef inline uint64_t checksum_add(uint64_t total, const void* data, size_t length) noexcept nogil:
    """Add `length` bytes at any alignment to a sum; an odd last byte is padded with zero (RFC 1071).

    Only the last piece of a chain may have an odd length. Sums of up to 2^32 bytes cannot overflow.
    """
    cdef const uint8_t* bytes = <const uint8_t*>data
    cdef size_t n_words = length >> 2
    cdef size_t i
    cdef uint32_t word
    cdef uint16_t half = 0
    for i in range(n_words):
        memcpy(&word, bytes + 4 * i, 4)
        total += word
    bytes += 4 * n_words
    if length & 2:
        memcpy(&half, bytes, 2)
        total += half
        bytes += 2
    if length & 1:
        half = 0
        memcpy(&half, bytes, 1)
        total += half
    return total


cdef inline uint16_t checksum_of(const void* data, size_t length) noexcept nogil:
    """The checksum of `length` bytes, as stored (ICMP's, whose own field must hold 0 meanwhile).

    Over data that contains a right checksum the result is 0.
    """
    return <uint16_t>~checksum_fold(checksum_add(0, data, length))


cdef inline uint64_t ip4_header_sum(const void* header, uint32_t length) noexcept nogil:
    """Sum of an IPv4 header of `length` bytes (20 to 60, a multiple of 4), its checksum field included."""
    cdef uint32_t[5] words
    memcpy(&words, header, 20)
    cdef uint64_t total = <uint64_t>words[0] + words[1] + words[2] + words[3] + words[4]
    if length > 20:
        total = checksum_add(total, <const uint8_t*>header + 20, length - 20)
    return total


cdef inline bint ip4_header_checksum_ok(const void* header, uint32_t length) noexcept nogil:
    """Whether the header's checksum fits the header."""
    return checksum_fold(ip4_header_sum(header, length)) == 0xFFFF


cdef inline uint16_t ip4_header_checksum(const void* header, uint32_t length) noexcept nogil:
    """The checksum to store in an IPv4 header; whatever the field holds now does not count."""
    cdef uint16_t stored
    memcpy(&stored, <const uint8_t*>header + 10, 2)
    return <uint16_t>~checksum_fold(ip4_header_sum(header, length) - stored)


cdef inline uint64_t ip4_pseudo_header_sum(
    uint32_t source, uint32_t destination, uint8_t protocol, uint16_t length
) noexcept nogil:
    """Sum of the pseudo header of TCP and UDP over IPv4 (RFC 9293, RFC 768).

    source, destination: as in memory; length: bytes of the L4 header and payload, in host order.
    """
    cdef uint8_t[4] wire = [0, protocol, <uint8_t>(length >> 8), <uint8_t>length]
    cdef uint32_t word
    memcpy(&word, &wire, 4)
    return <uint64_t>source + destination + word


cdef inline uint16_t ip4_tcp_checksum(
    uint32_t source, uint32_t destination, const void* segment, uint16_t length
) noexcept nogil:
    """The TCP checksum of a segment of `length` bytes whose checksum field holds 0; 0 if it holds the right one."""
    return <uint16_t>~checksum_fold(
        checksum_add(ip4_pseudo_header_sum(source, destination, 6, length), segment, length)
    )


cdef inline uint16_t ip4_udp_checksum(
    uint32_t source, uint32_t destination, const void* datagram, uint16_t length
) noexcept nogil:
    """The UDP checksum of a datagram whose checksum field holds 0; never 0, which would mean "none" (RFC 768)."""
    cdef uint16_t checksum = <uint16_t>~checksum_fold(
        checksum_add(ip4_pseudo_header_sum(source, destination, 17, length), datagram, length)
    )
    return checksum if checksum else 0xFFFF
