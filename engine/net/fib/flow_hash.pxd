"""VPP's flow hash: which of several paths a flow takes (Bob Jenkins's lookup3 mix, as VPP 18.x runs it)."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memcpy

from ...wire.headers cimport IP_PROTOCOL_TCP, IP_PROTOCOL_UDP, ip4_header_t
from .fib cimport (
    FLOW_HASH_DPORT, FLOW_HASH_DST, FLOW_HASH_PROTO, FLOW_HASH_REVERSE, FLOW_HASH_SPORT, FLOW_HASH_SRC,
)


cdef inline uint32_t rotated(uint32_t x, int n) noexcept nogil:
    return x << n | x >> (32 - n)


cdef inline void mix_step(uint32_t* x, uint32_t* y, uint32_t* z, int n) noexcept nogil:
    x[0] -= z[0]
    x[0] ^= rotated(z[0], n)
    z[0] += y[0]


cdef inline void finish_step(uint32_t* z, uint32_t* y, int n) noexcept nogil:
    z[0] ^= y[0]
    z[0] -= rotated(y[0], n)


cdef inline uint32_t mix_flow(uint32_t a, uint32_t b, uint32_t c) noexcept nogil:
    """Hash of three words."""
    mix_step(&a, &b, &c, 4)
    mix_step(&b, &c, &a, 6)
    mix_step(&c, &a, &b, 8)
    mix_step(&a, &b, &c, 16)
    mix_step(&b, &c, &a, 19)
    mix_step(&c, &a, &b, 4)
    finish_step(&c, &b, 14)
    finish_step(&a, &c, 11)
    finish_step(&b, &a, 25)
    finish_step(&c, &b, 16)
    finish_step(&a, &c, 4)
    finish_step(&b, &a, 14)
    finish_step(&c, &b, 24)
    return c


cdef inline uint32_t ip4_flow_hash(ip4_header_t* ip, uint32_t config) noexcept nogil:
    """Hash of an IPv4 packet's flow. config: FLOW_HASH_ bits; ports are read right behind 20 bytes of header."""
    cdef uint16_t ports[2]
    cdef uint32_t a, b, swap
    cdef uint16_t sport = 0, dport = 0
    if ip.protocol == IP_PROTOCOL_TCP or ip.protocol == IP_PROTOCOL_UDP:
        memcpy(ports, <uint8_t*> ip + sizeof(ip4_header_t), 4)
        sport = ports[0] if config & FLOW_HASH_SPORT else 0
        dport = ports[1] if config & FLOW_HASH_DPORT else 0
    a = ip.src if config & FLOW_HASH_SRC else 0
    b = ip.dst if config & FLOW_HASH_DST else 0
    if config & FLOW_HASH_REVERSE:
        swap = a
        a = b
        b = swap
        ports[0] = sport
        sport = dport
        dport = ports[0]
    if config & FLOW_HASH_PROTO:
        b ^= ip.protocol
    return mix_flow(a, b, <uint32_t> dport << 16 | sport)
