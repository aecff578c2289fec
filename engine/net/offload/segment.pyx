"""TCP segmentation: one packet that stands for many becomes them (as a card does it; RFC 9293, RFC 3168)."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memcpy

from ...core.buffer cimport (
    BUFFER_DATA_SIZE,
    BUFFER_IS_TRACED,
    BUFFER_NEXT_PRESENT,
    BUFFER_TOTAL_LENGTH_VALID,
    SW_IF_INDEX_RX,
    buffer_alloc,
    buffer_current,
    buffer_free_one,
    buffer_t,
)
from ...core.graph cimport get_buffer, worker_t
from ...wire.checksum cimport ip4_header_checksum
from ...wire.headers cimport TCP_FLAG_FIN, ip4_header_t, swap16, swap32, tcp_header_t
from .l4 cimport finish_checksum, l4_place_t
from .offload cimport BUFFER_OFFLOADS

cdef enum:
    TCP_FLAG_PSH = 0x08
    TCP_FLAG_CWR = 0x80
    OF_THE_LAST = TCP_FLAG_FIN | TCP_FLAG_PSH


cdef buffer_t* extend(worker_t* w, buffer_t* head, buffer_t* last) noexcept nogil:
    """Another buffer behind the last one of a packet; NULL when there is none."""
    cdef uint32_t index
    cdef buffer_t* b
    if buffer_alloc(w.cache, &index, 1) == 0:
        return NULL
    b = get_buffer(w, index)
    b.current_data, b.current_length, b.flags = 0, 0, 0
    last.next_buffer = index
    last.flags |= BUFFER_NEXT_PRESENT
    head.flags |= BUFFER_TOTAL_LENGTH_VALID
    return b


cdef bint copy_payload(worker_t* w, buffer_t* source, uint32_t skip, buffer_t* head, uint32_t length) noexcept nogil:
    """Append length bytes of a packet, from skip bytes behind its start; False when buffers run out."""
    cdef buffer_t* last = head
    cdef uint32_t n, room
    head.total_length_not_including_first_buffer = 0
    while length:
        while skip >= source.current_length:
            skip -= source.current_length
            source = get_buffer(w, source.next_buffer)
        room = BUFFER_DATA_SIZE - last.current_data - last.current_length
        if room == 0:
            last = extend(w, head, last)
            if last == NULL:
                return False
            room = BUFFER_DATA_SIZE
        n = min(min(room, length), source.current_length - skip)
        memcpy(buffer_current(last) + last.current_length, buffer_current(source) + skip, n)
        last.current_length += <uint16_t> n
        if last != head:
            head.total_length_not_including_first_buffer += n
        skip += n
        length -= n
    return True


cdef void begin_like(buffer_t* piece, buffer_t* b, l4_place_t* place) noexcept nogil:
    """Header of the buffer and headers of the packet, as the original's."""
    memcpy(piece, b, sizeof(buffer_t))
    piece.flags &= ~<uint32_t> (BUFFER_OFFLOADS | BUFFER_NEXT_PRESENT | BUFFER_TOTAL_LENGTH_VALID)
    piece.current_length = <uint16_t> place.payload
    memcpy(buffer_current(piece), buffer_current(b), place.payload)


cdef void number(worker_t* w, buffer_t* piece, l4_place_t* place, uint32_t done, uint32_t length, uint32_t nth,
                 bint last) noexcept nogil:
    """Lengths, numbers, flags and checksums of one segment, whose payload starts `done` bytes into the whole's."""
    cdef ip4_header_t* ip = <ip4_header_t*> (buffer_current(piece) + place.ip)
    cdef tcp_header_t* tcp = <tcp_header_t*> (buffer_current(piece) + place.l4)
    cdef l4_place_t own = place[0]
    own.l4_length = place.payload - place.l4 + length
    ip.length = swap16(<uint16_t> (own.l4_length + place.l4 - place.ip))
    ip.fragment_id = swap16(<uint16_t> (swap16(ip.fragment_id) + nth))
    ip.checksum = ip4_header_checksum(ip, place.l4 - place.ip)
    tcp.sequence = swap32(swap32(tcp.sequence) + done)
    if not last:
        tcp.flags &= <uint8_t> ~OF_THE_LAST
    if nth:
        tcp.flags &= <uint8_t> ~TCP_FLAG_CWR
    finish_checksum(w, piece, &own)


cdef uint32_t segment(worker_t* w, uint32_t index, l4_place_t* place, uint32_t* done, uint32_t* pieces,
                      uint32_t most) noexcept nogil:
    """Make the next segments of a packet, up to `most`; returns how many. Fewer: it is done and its buffers are free.

    done: bytes of payload that are in segments already. When buffers run out the rest is lost, as on a wire: the
    packet then counts as so many as were made. The first segment keeps the trace.
    """
    cdef buffer_t* b = get_buffer(w, index)
    cdef uint32_t total = place.l4_length - (place.payload - place.l4), n = 0, length
    cdef buffer_t* piece
    while n < most and done[0] < total:
        length = min(b.gso_size, total - done[0])
        if buffer_alloc(w.cache, &pieces[n], 1) == 0:
            break
        piece = get_buffer(w, pieces[n])
        begin_like(piece, b, place)
        if not copy_payload(w, b, place.payload + done[0], piece, length):
            buffer_free_one(w.cache, pieces[n])
            break
        if done[0]:
            piece.flags &= ~<uint32_t> BUFFER_IS_TRACED
        number(w, piece, place, done[0], length, done[0] // b.gso_size, done[0] + length == total)
        done[0] += length
        n += 1
    w.n_generated += n
    if n < most:
        w.n_consumed += 1
        w.interface_counters[b.sw_if_index[SW_IF_INDEX_RX]].rx_no_buf += done[0] < total
        buffer_free_one(w.cache, index)
    return n
