"""Where a fragment stands among the others of its packet, what it takes from them, and how they become one chain.

Overlaps go as in VPP 18.10: a fragment that brings nothing new is not taken; what begins behind the start of another
loses what that one has; what begins in front of another takes from it, and replaces it when it has all of it.
"""

from libc.stdint cimport uint16_t, uint32_t
from libc.string cimport memcpy, memmove

from ...core.buffer cimport (
    BUFFER_DATA_SIZE,
    BUFFER_NEXT_PRESENT,
    BUFFER_TOTAL_LENGTH_VALID,
    buffer_advance,
    buffer_current,
    buffer_data,
    buffer_free_one,
    buffer_length,
    buffer_t,
)
from ...core.graph cimport get_buffer, worker_t
from ...wire.checksum cimport ip4_header_checksum
from ...wire.headers cimport ip4_header_t, swap16

cdef enum:
    OFFSET_MASK = 0x1fff
    LONGEST = 65535
    FIRST_BYTES = 256           # of a joined packet stand in its first buffer, where nodes look for headers


# ---- one fragment

cdef uint32_t count_buffers(worker_t* w, buffer_t* b) noexcept nogil:
    cdef uint32_t n = 1
    while b.flags & BUFFER_NEXT_PRESENT:
        b = get_buffer(w, b.next_buffer)
        n += 1
    return n


cdef bint describe(worker_t* w, uint32_t index) noexcept nogil:
    """Note in the buffer which bytes of the packet it holds; False for a fragment that no packet has."""
    cdef buffer_t* b = get_buffer(w, index)
    cdef fragment_t* fragment = fragment_of(w, index)
    cdef ip4_header_t* ip = <ip4_header_t*> buffer_current(b)
    cdef uint32_t header = header_bytes(ip), length = swap16(ip.length)
    cdef uint32_t first = (swap16(ip.flags_and_offset) & OFFSET_MASK) * 8
    if header < sizeof(ip4_header_t) or length <= header or length > buffer_length(b):
        return False
    if first + length > LONGEST:
        return False
    fragment.first = fragment.range_first = <uint16_t> first
    fragment.last = fragment.range_last = <uint16_t> (first + length - header - 1)
    fragment.n_buffers = count_buffers(w, b)
    fragment.following = NONE
    return True


cdef bint fits(worker_t* w, reassembly_t* r, fragment_t* new, bint more) noexcept nogil:
    """Whether the packet's end, if it is known, and the new fragment agree. more: others come behind it."""
    if r.total_length != NONE:
        return new.last < r.total_length if more else <uint32_t> new.last + 1 == r.total_length
    return more or r.last == NONE or fragment_of(w, r.last).range_last <= new.last


# ---- among the others; `before` is the buffer index of the fragment in front of a place, NONE for the first place

cdef uint32_t behind(worker_t* w, reassembly_t* r, uint32_t before) noexcept nogil:
    """Buffer index of what stands behind a place, NONE at the end."""
    return r.first if before == NONE else fragment_of(w, before).following


cdef bint find_place(worker_t* w, reassembly_t* r, fragment_t* new, uint32_t* before) noexcept nogil:
    """Behind all that begin in front of the new one, which loses what those have; False when it brings nothing.

    Fragments come in order or backwards as a rule, so both ends are looked at first.
    """
    cdef uint32_t at = r.first
    cdef fragment_t* other
    before[0] = NONE
    if r.last != NONE and fragment_of(w, r.last).range_first < new.first:
        before[0], at = r.last, NONE
    while at != NONE and fragment_of(w, at).range_first < new.first:
        before[0], at = at, fragment_of(w, at).following
    if before[0] != NONE:
        other = fragment_of(w, before[0])
        if other.range_last >= new.last:
            return False
        if other.range_last >= new.first:
            new.range_first = <uint16_t> (other.range_last + 1)
    at = behind(w, r, before[0])
    return at == NONE or fragment_of(w, at).range_first > new.first or fragment_of(w, at).range_last < new.last


cdef void insert(worker_t* w, reassembly_t* r, uint32_t before, uint32_t index) noexcept nogil:
    """Link a fragment in; nothing overlaps it any more."""
    cdef fragment_t* new = fragment_of(w, index)
    new.following = behind(w, r, before)
    if before == NONE:
        r.first = index
    else:
        fragment_of(w, before).following = index
    if new.following == NONE:
        r.last = index
    r.data_length += range_length(new)
    r.n_fragments += 1
    r.n_buffers += new.n_buffers


cdef void unlink(worker_t* w, reassembly_t* r, uint32_t before) noexcept nogil:
    """Take out the fragment behind a place; it is the caller's then."""
    cdef uint32_t index = behind(w, r, before)
    cdef fragment_t* gone = fragment_of(w, index)
    if before == NONE:
        r.first = gone.following
    else:
        fragment_of(w, before).following = gone.following
    if r.last == index:
        r.last = before
    r.data_length -= range_length(gone)
    r.n_fragments -= 1
    r.n_buffers -= gone.n_buffers


# ---- all of them

cdef uint32_t cut(worker_t* w, uint32_t index, uint32_t skip, uint32_t length, uint32_t* last) noexcept nogil:
    """Of a chain keep `length` bytes, one at least, from `skip` on, and free the buffers that hold none of them.

    Returns the first buffer that stays, last: the last one, which ends the chain.
    """
    cdef uint32_t first = NONE, following = index
    cdef buffer_t* b
    last[0] = NONE
    while following != NONE:
        index = following
        b = get_buffer(w, index)
        following = b.next_buffer if b.flags & BUFFER_NEXT_PRESENT else <uint32_t> NONE
        b.flags &= ~<uint32_t> BUFFER_NEXT_PRESENT
        if skip >= b.current_length or length == 0:
            skip -= min(skip, <uint32_t> b.current_length)
            buffer_free_one(w.cache, index)
            continue
        buffer_advance(b, <int> skip)
        skip = 0
        b.current_length = <uint16_t> min(length, <uint32_t> b.current_length)
        length -= b.current_length
        if first == NONE:
            first = index
        else:
            link(w, last[0], index)
        last[0] = index
    return first


cdef inline void link(worker_t* w, uint32_t index, uint32_t following) noexcept nogil:
    cdef buffer_t* b = get_buffer(w, index)
    b.flags |= BUFFER_NEXT_PRESENT
    b.next_buffer = following


cdef void fill_first(worker_t* w, buffer_t* head) noexcept nogil:
    """Move bytes forward until the first buffer holds what nodes look at, or all: a fragment may be 8 bytes long."""
    cdef buffer_t* b
    cdef uint32_t n, index
    if head.current_length < FIRST_BYTES and head.current_data > BUFFER_DATA_SIZE - FIRST_BYTES:
        memmove(buffer_data(head), buffer_current(head), head.current_length)
        head.current_data = 0
    while head.flags & BUFFER_NEXT_PRESENT and head.current_length < FIRST_BYTES:
        index = head.next_buffer
        b = get_buffer(w, index)
        n = min(<uint32_t> FIRST_BYTES - head.current_length, <uint32_t> b.current_length)
        memcpy(buffer_current(head) + head.current_length, buffer_current(b), n)
        head.current_length += n
        head.total_length_not_including_first_buffer -= n
        buffer_advance(b, <int> n)
        if b.current_length == 0:
            head.flags = head.flags & ~<uint32_t> BUFFER_NEXT_PRESENT | b.flags & BUFFER_NEXT_PRESENT
            head.next_buffer = b.next_buffer
            b.flags = 0
            buffer_free_one(w.cache, index)


cdef void join(worker_t* w, reassembly_t* r) noexcept nogil:
    """Make the fragments, which are all there, one packet behind the first one's header."""
    cdef buffer_t* head = get_buffer(w, r.first)
    cdef ip4_header_t* ip = <ip4_header_t*> buffer_current(head)
    cdef uint32_t header = header_bytes(ip), skip = 0, keep = header, last = NONE, index = r.first, end, first
    cdef fragment_t fragment
    while index != NONE:
        fragment = fragment_of(w, index)[0]
        if last != NONE:
            keep, skip = 0, header_bytes(<ip4_header_t*> buffer_current(get_buffer(w, index)))
            skip += <uint32_t> fragment.range_first - fragment.first
        first = cut(w, index, skip, keep + range_length(&fragment), &end)
        if last != NONE:
            link(w, last, first)
        last, index = end, fragment.following
    head.flags |= BUFFER_TOTAL_LENGTH_VALID
    head.total_length_not_including_first_buffer = header + r.data_length - head.current_length
    ip.length = swap16(<uint16_t> (header + r.data_length))
    ip.flags_and_offset = 0
    ip.checksum = ip4_header_checksum(ip, header)
    fill_first(w, head)
