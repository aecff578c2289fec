"""ip4-icmp-input and what stands behind it: echo requests are answered, everything else is punted."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memcpy

from ...core.buffer cimport BUFFER_LOCALLY_ORIGINATED, SW_IF_INDEX_RX, buffer_current, buffer_t
from ...core.graph cimport (
    FRAME_SIZE,
    FRAME_TRACE,
    count_error,
    enqueue_frame,
    enqueue_frame_to,
    frame_t,
    get_buffer,
    node_t,
    set_error,
    worker_t,
)
from ...core.random cimport random_u32
from ...core.trace cimport is_traced, trace_add
from ...wire.checksum cimport checksum_fold, checksum_replace
from ...wire.headers cimport (
    ICMP_ECHO_REPLY,
    ICMP_ECHO_REQUEST,
    icmp4_header_t,
    ip4_header_t,
    swap16,
)
from ..ip4.ip4 cimport Ip4, ip4_main_t, trace_headers

from ..ip4.trace import HEADERS_FORMAT
from .profile import ERRORS
from .trace import REPLY_FORMAT

cdef enum:
    NEXT_PUNT = 0
    NEXT_ECHO_REQUEST = 1
    NEXT_ECHO_REPLY = 2
    ERROR_UNKNOWN_TYPE = 1
    ERROR_REPLIES_SENT = 6
    NEXT_LOAD_BALANCE = 0
    ECHO_TTL = 64
    LOCAL0 = 0


cdef inline icmp4_header_t* icmp_of(ip4_header_t* ip) noexcept nogil:
    return <icmp4_header_t*> (<uint8_t*> ip + (ip.version_and_length & 0xf) * 4)


cdef void ip4_icmp_input(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i
    cdef buffer_t* b
    cdef uint8_t kind
    if frame.flags & FRAME_TRACE:
        trace_headers(w, node, frame)
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        kind = icmp_of(<ip4_header_t*> buffer_current(b)).type
        set_error(b, node, ERROR_UNKNOWN_TYPE)
        nexts[i] = NEXT_PUNT
        if kind == ICMP_ECHO_REQUEST:
            nexts[i] = NEXT_ECHO_REQUEST
        elif kind == ICMP_ECHO_REPLY:
            nexts[i] = NEXT_ECHO_REPLY
    enqueue_frame(w, node, frame, nexts)


cdef inline void answer_echo(ip4_main_t* im, buffer_t* b) noexcept nogil:
    """Turn a request into its reply, in place, with both checksums adjusted (RFC 792, RFC 1624)."""
    cdef ip4_header_t* ip = <ip4_header_t*> buffer_current(b)
    cdef icmp4_header_t* icmp = icmp_of(ip)
    cdef uint32_t source = ip.src
    cdef uint16_t old_ttl, new_ttl, fragment_id
    icmp.checksum = checksum_fold(checksum_replace(icmp.checksum, swap16(ICMP_ECHO_REQUEST << 8), 0))
    icmp.type = ICMP_ECHO_REPLY
    fragment_id = <uint16_t> (random_u32(&im.random_seed) >> 16)
    memcpy(&old_ttl, &ip.ttl, 2)
    ip.ttl = ECHO_TTL
    memcpy(&new_ttl, &ip.ttl, 2)
    ip.checksum = checksum_fold(checksum_replace(
        checksum_replace(ip.checksum, old_ttl, new_ttl), ip.fragment_id, fragment_id))
    ip.fragment_id = fragment_id
    ip.src = ip.dst
    ip.dst = source
    b.flags |= BUFFER_LOCALLY_ORIGINATED
    b.sw_if_index[SW_IF_INDEX_RX] = LOCAL0


cdef void ip4_icmp_echo_request(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """The reply goes by the load-balance of the request's source, which ip4-local has put into the buffer."""
    cdef uint32_t i
    if frame.flags & FRAME_TRACE:
        trace_headers(w, node, frame)
    for i in range(frame.n_vectors):
        answer_echo(<ip4_main_t*> node.main, get_buffer(w, frame.indices[i]))
    count_error(w, node, ERROR_REPLIES_SENT, frame.n_vectors)
    enqueue_frame_to(w, node, frame, NEXT_LOAD_BALANCE)


cdef void ip4_icmp_echo_reply(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """Nobody here waits for replies."""
    cdef uint32_t i
    cdef buffer_t* b
    if frame.flags & FRAME_TRACE:
        for i in range(frame.n_vectors):
            b = get_buffer(w, frame.indices[i])
            if is_traced(b):
                memcpy(trace_add(w, node, b, 4), &icmp_of(<ip4_header_t*> buffer_current(b)).identifier, 4)
    enqueue_frame_to(w, node, frame, NEXT_PUNT)


def register(Ip4 ip4):
    ip4.graph.register("ip4-icmp-input", ip4_icmp_input, &ip4.main, "internal",
                       ("ip4-punt", "ip4-icmp-echo-request", "ip4-icmp-echo-reply"), ERRORS, None, None,
                       HEADERS_FORMAT, 0)
    ip4.graph.register("ip4-icmp-echo-request", ip4_icmp_echo_request, &ip4.main, "internal", ("ip4-load-balance",),
                       (), "ip4-icmp-input", None, HEADERS_FORMAT, 0)
    ip4.graph.register("ip4-icmp-echo-reply", ip4_icmp_echo_reply, &ip4.main, "internal", ("ip4-punt",), (),
                       "ip4-icmp-input", None, REPLY_FORMAT, 0)
