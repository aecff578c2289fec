"""The TCP MSS option, which NAT can clamp."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memcpy

from ...wire.checksum cimport checksum_update16
from ...wire.headers cimport TCP_FLAG_SYN, ip4_header_t, swap16, tcp_header_t
from .nat44 cimport ip4_payload, nat_main_t

cdef enum:
    OPTION_END = 0
    OPTION_NO_OPERATION = 1
    OPTION_MSS = 2


cdef inline void clamp_option(nat_main_t* nm, tcp_header_t* tcp, uint8_t* option) noexcept nogil:
    cdef uint16_t old, new = swap16(nm.mss)
    memcpy(&old, option + 2, 2)
    if swap16(old) > nm.mss:
        memcpy(option + 2, &new, 2)
        if (option - <uint8_t*> tcp) & 1:       # the checksum adds words that begin at even offsets
            old, new = swap16(old), swap16(new)
        tcp.checksum = checksum_update16(tcp.checksum, old, new)


cdef void clamp_mss(nat_main_t* nm, ip4_header_t* ip, uint32_t n_bytes) noexcept nogil:
    """Lower the MSS option of a SYN to what is configured. n_bytes: of the packet in its first buffer."""
    cdef tcp_header_t* tcp = <tcp_header_t*> ip4_payload(ip)
    cdef uint8_t* option = <uint8_t*> (tcp + 1)
    cdef uint8_t* end = <uint8_t*> tcp + (tcp.data_offset >> 4) * 4
    if end > <uint8_t*> ip + n_bytes:
        end = <uint8_t*> ip + n_bytes
    if not tcp.flags & TCP_FLAG_SYN:
        return
    while option < end and option[0] != OPTION_END:
        if option[0] == OPTION_NO_OPERATION:
            option += 1
            continue
        if option + 2 > end or option[1] < 2 or option + option[1] > end:
            return
        if option[0] == OPTION_MSS and option[1] == 4:
            clamp_option(nm, tcp, option)
            return
        option += option[1]
