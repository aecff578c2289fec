"""ip4-frag: cuts packets that are too long for where they go (RFC 791); the pieces go through ip4-rewrite again."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memcpy, memset

from ...core.buffer cimport (
    BUFFER_DATA_SIZE,
    BUFFER_IS_TRACED,
    BUFFER_NEXT_PRESENT,
    SW_IF_INDEX_RX,
    SW_IF_INDEX_TX,
    buffer_alloc,
    buffer_current,
    buffer_data,
    buffer_free_one,
    buffer_length,
    buffer_t,
)
from ...core.graph cimport (
    FRAME_OFFLOAD,
    FRAME_TRACE,
    NO_INDEX,
    count_error,
    enqueue_one,
    frame_t,
    get_buffer,
    node_t,
    set_error,
    worker_t,
)
from ...core.trace cimport is_traced, trace_add
from ...wire.checksum cimport ip4_header_checksum
from ...wire.headers cimport ip4_header_t, swap16
from ..offload.offload cimport resolve_offloads
from .ip4 cimport Ip4, ip4_main_t

from .trace import FRAG_FORMAT

cdef enum:
    NEXT_REWRITE = 0
    NEXT_DROP = 2
    MORE_FRAGMENTS = 0x2000
    OFFSET_MASK = 0x1fff
    HEADER = 20                 # sizeof(ip4_header_t)

cdef enum:
    ERROR_NONE = 0
    ERROR_SENT = 2
    ERROR_CANNOT_FRAGMENT = 4
    ERROR_MALFORMED = 5
    ERROR_NO_BUFFER = 6

ERRORS = ("packet fragmented", "packet smaller than MTU", "number of sent fragments", "can't fragment header",
          "can't fragment this packet", "malformed packet", "could not allocate buffer", "unknown error")

ctypedef struct frag_trace_t:
    uint32_t mtu
    uint32_t n_fragments


cdef void copy_chain(worker_t* w, buffer_t* b, uint32_t skip, uint8_t* out, uint32_t length) noexcept nogil:
    """Copy length bytes of a packet, from skip bytes behind its start."""
    cdef uint32_t n
    while length:
        if skip < b.current_length:
            n = min(<uint32_t> b.current_length - skip, length)
            memcpy(out, buffer_current(b) + skip, n)
            out += n
            length -= n
            skip = 0
        else:
            skip -= b.current_length
        if not b.flags & BUFFER_NEXT_PRESENT:
            return
        b = get_buffer(w, b.next_buffer)


cdef uint32_t make_fragment(worker_t* w, buffer_t* b, uint32_t start, uint32_t length, bint last,
                            uint16_t fragment_id) noexcept nogil:
    """A new packet with length bytes of b's IP payload from start on; NO_INDEX when there is no buffer."""
    cdef uint32_t index
    cdef buffer_t* piece
    cdef ip4_header_t* ip
    cdef uint16_t word = swap16((<ip4_header_t*> buffer_current(b)).flags_and_offset)
    if buffer_alloc(w.cache, &index, 1) == 0:
        return NO_INDEX
    piece = get_buffer(w, index)
    memset(piece, 0, sizeof(buffer_t))
    piece.flags = b.flags & BUFFER_IS_TRACED
    piece.trace_index, piece.error = b.trace_index, b.error
    piece.current_length = <uint16_t> (HEADER + length)
    piece.current_config_index = NO_INDEX
    piece.sw_if_index[SW_IF_INDEX_RX] = b.sw_if_index[SW_IF_INDEX_RX]
    piece.sw_if_index[SW_IF_INDEX_TX] = b.sw_if_index[SW_IF_INDEX_TX]
    piece.u.ip.adj_index_tx = b.u.ip.adj_index_tx
    ip = <ip4_header_t*> buffer_data(piece)
    memcpy(ip, buffer_current(b), HEADER)
    copy_chain(w, b, HEADER + start, buffer_data(piece) + HEADER, length)
    ip.length = swap16(<uint16_t> (HEADER + length))
    ip.fragment_id = fragment_id
    ip.flags_and_offset = swap16(<uint16_t> (
        (word & ~OFFSET_MASK) | ((word & OFFSET_MASK) + (start >> 3)) | (0 if last else MORE_FRAGMENTS)))
    ip.checksum = ip4_header_checksum(ip, HEADER)
    return index


cdef uint32_t send_fragments(worker_t* w, node_t* node, buffer_t* b, uint32_t* error) noexcept nogil:
    """Cut a packet; returns how many pieces were sent, with the error that stopped it."""
    cdef ip4_main_t* im = <ip4_main_t*> node.main
    cdef ip4_header_t* ip = <ip4_header_t*> buffer_current(b)
    cdef uint32_t mtu = min(<uint32_t> b.u.frag.mtu, <uint32_t> BUFFER_DATA_SIZE), total = swap16(ip.length)
    cdef uint32_t most = (mtu - HEADER) & ~7 if mtu >= HEADER + 8 else 0
    cdef uint32_t start = 0, length, index, n = 0
    error[0] = ERROR_MALFORMED
    if total < HEADER or total > buffer_length(b) or ip.version_and_length != 0x45:
        return 0
    error[0] = ERROR_CANNOT_FRAGMENT
    if most == 0:
        return 0
    im.fragment_id += 1
    while start < total - HEADER:
        length = min(most, total - HEADER - start)
        index = make_fragment(w, b, start, length, start + length == total - HEADER, im.fragment_id)
        if index == NO_INDEX:
            error[0] = ERROR_NO_BUFFER
            return n
        enqueue_one(w, node, index, NEXT_REWRITE, FRAME_TRACE if is_traced(b) else 0)
        w.n_generated += 1
        start += length
        n += 1
    error[0] = ERROR_NONE
    return n


cdef void ip4_frag(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """The packet itself ends here: its buffer is freed when all pieces are made, else it is dropped."""
    cdef uint32_t i, n, error
    cdef buffer_t* b
    cdef frag_trace_t* entry
    if frame.flags & FRAME_OFFLOAD:
        resolve_offloads(w, node, frame, True)
        return
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        n = send_fragments(w, node, b, &error)
        if is_traced(b):
            entry = <frag_trace_t*> trace_add(w, node, b, sizeof(frag_trace_t))
            entry.mtu, entry.n_fragments = b.u.frag.mtu, n
        count_error(w, node, ERROR_SENT, n)
        if error == ERROR_NONE:
            buffer_free_one(w.cache, frame.indices[i])
            w.n_consumed += 1
        else:
            set_error(b, node, error)
            enqueue_one(w, node, frame.indices[i], NEXT_DROP, frame.flags)


def register(Ip4 ip4):
    ip4.graph.register("ip4-frag", ip4_frag, &ip4.main, "internal", ("ip4-rewrite", "ip4-lookup", "ip4-drop"), ERRORS,
                       None, None, FRAG_FORMAT, 0)
