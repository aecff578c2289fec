"""Tag rewrite: VLAN tags taken off and put behind the MAC addresses of a frame."""

from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memcpy

from ...core.buffer cimport BUFFER_HEADROOM, buffer_advance, buffer_current, buffer_t
from .l2 cimport l2_rewrite_t

cdef enum:
    TAG_BYTES = 4
    MACS = 12
    VLAN_SHIFT = 28             # of buffer_t.flags: two bits that count tags


cdef inline void count_tags(buffer_t* b, int change) noexcept nogil:
    cdef uint32_t n = ((b.flags >> VLAN_SHIFT) + <uint32_t> change) & 3
    b.flags = (b.flags & ~(<uint32_t> 3 << VLAN_SHIFT)) | n << VLAN_SHIFT


cdef inline bint rewrite_tags(buffer_t* b, l2_rewrite_t* rewrite) noexcept nogil:
    """False, and nothing done, for a frame that has not the tags to take off or no room for those to put there."""
    cdef int change = rewrite.push - rewrite.pop
    cdef uint8_t macs[MACS]
    cdef uint8_t* data = buffer_current(b)
    if (b.u.l2.l2_len < MACS + 2 + rewrite.pop or b.current_length < b.u.l2.l2_len
            or b.current_data - change < -<int> BUFFER_HEADROOM):
        return False
    memcpy(macs, data, MACS)
    buffer_advance(b, -change)
    data = buffer_current(b)
    memcpy(data, macs, MACS)
    memcpy(data + MACS, rewrite.tags, rewrite.push)
    b.u.l2.l2_len = <uint8_t> (b.u.l2.l2_len + change)
    b.l2_hdr_offset = b.current_data
    count_tags(b, change // TAG_BYTES)
    return True
