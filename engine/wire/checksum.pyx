"""The checksum functions of checksum.pxd for Python: tests, tools that build frames.

Numbers are taken and given in host order, as one reads them in a dump; data is bytes.
"""

from libc.stdint cimport uint16_t, uint32_t
from libc.string cimport memcpy


cdef inline uint16_t load16(unsigned int value) noexcept:
    """A number in network order, loaded as it would lie in memory."""
    cdef unsigned char[2] wire = [<unsigned char>(value >> 8), <unsigned char>value]
    cdef uint16_t raw
    memcpy(&raw, &wire, 2)
    return raw


cdef inline uint32_t load32(unsigned int value) noexcept:
    """The same of 32 bits."""
    cdef unsigned char[4] wire = [
        <unsigned char>(value >> 24), <unsigned char>(value >> 16), <unsigned char>(value >> 8), <unsigned char>value,
    ]
    cdef uint32_t raw
    memcpy(&raw, &wire, 4)
    return raw


cdef inline unsigned int number(uint16_t raw) noexcept:
    """The number that two bytes of memory mean in network order."""
    cdef unsigned char[2] wire
    memcpy(&wire, &raw, 2)
    return (<unsigned int>wire[0] << 8) | wire[1]


def update16(uint16_t checksum, uint16_t old, uint16_t new) -> int:
    """The checksum after a 16-bit field changed from `old` to `new` (RFC 1624)."""
    return number(checksum_update16(load16(checksum), load16(old), load16(new)))


def update32(uint16_t checksum, uint32_t old, uint32_t new) -> int:
    """The checksum after a 32-bit field changed from `old` to `new` (RFC 1624)."""
    return number(checksum_update32(load16(checksum), load32(old), load32(new)))


def ttl_decremented(uint16_t checksum) -> int:
    """The IPv4 header checksum after the TTL went down by one."""
    return number(checksum_ttl_decremented(load16(checksum)))


def of(const unsigned char[::1] data) -> int:
    """The checksum of any bytes (RFC 1071)."""
    if data.shape[0] == 0:
        return 0xFFFF
    return number(checksum_of(&data[0], data.shape[0]))


def ip4_header(const unsigned char[::1] header) -> int:
    """The checksum for an IPv4 header, whatever its checksum field holds; ValueError if it is not one's length."""
    if not 20 <= header.shape[0] <= 60 or header.shape[0] % 4:
        raise ValueError(f"an IPv4 header has 20 to 60 bytes in words of 4, not {header.shape[0]}")
    return number(ip4_header_checksum(&header[0], <uint32_t>header.shape[0]))


def ip4_header_ok(const unsigned char[::1] header) -> bool:
    """Whether the checksum in an IPv4 header is right; ValueError if it is not one's length."""
    if not 20 <= header.shape[0] <= 60 or header.shape[0] % 4:
        raise ValueError(f"an IPv4 header has 20 to 60 bytes in words of 4, not {header.shape[0]}")
    return ip4_header_checksum_ok(&header[0], <uint32_t>header.shape[0])


cdef size_t check_l4(const unsigned char[::1] data, int shortest) except 0:
    """The length of an L4 datagram; ValueError unless it fits its header and IPv4."""
    if not shortest <= data.shape[0] <= 0xFFFF - 20:
        raise ValueError(f"an L4 datagram of {data.shape[0]} bytes: must be {shortest} to 65515")
    return data.shape[0]


def ip4_tcp(uint32_t source, uint32_t destination, const unsigned char[::1] segment) -> int:
    """The TCP checksum over pseudo header and segment, whose own checksum field must be 0."""
    cdef size_t length = check_l4(segment, 20)
    return number(ip4_tcp_checksum(load32(source), load32(destination), &segment[0], <uint16_t>length))


def ip4_udp(uint32_t source, uint32_t destination, const unsigned char[::1] datagram) -> int:
    """The UDP checksum over pseudo header and datagram, whose own checksum field must be 0; never 0."""
    cdef size_t length = check_l4(datagram, 8)
    return number(ip4_udp_checksum(load32(source), load32(destination), &datagram[0], <uint16_t>length))
