"""ip4-icmp-error: turns a packet into the ICMP error that says why it went no further (RFC 792)."""

from libc.stdint cimport uint16_t, uint32_t
from libc.string cimport memcpy, memset

from ...core.buffer cimport (
    BUFFER_HEADROOM,
    BUFFER_NEXT_PRESENT,
    SW_IF_INDEX_RX,
    SW_IF_INDEX_TX,
    buffer_advance,
    buffer_current,
    buffer_free_one,
    buffer_t,
)
from ...core.graph cimport (
    FRAME_SIZE,
    FRAME_TRACE,
    NO_INDEX,
    count_error,
    enqueue_frame,
    frame_t,
    get_buffer,
    node_t,
    worker_t,
)
from ...wire.checksum cimport checksum_of, ip4_header_checksum
from ...wire.headers cimport (
    ICMP_DESTINATION_UNREACHABLE,
    ICMP_PARAMETER_PROBLEM,
    ICMP_TIME_EXCEEDED,
    IP_PROTOCOL_ICMP,
    icmp4_header_t,
    ip4_header_t,
    swap16,
)
from ..ip4.ip4 cimport Ip4, ip4_main_t, trace_headers
from ..offload.offload cimport BUFFER_OFFLOADS

from ..ip4.trace import HEADERS_FORMAT
from .profile import ERRORS

cdef enum:
    NEXT_DROP = 0
    NEXT_LOOKUP = 1
    LONGEST = 576               # bytes of IP: what every host must take (RFC 791)
    ERROR_TTL = 255
    HEADERS = 28                # sizeof(ip4_header_t) + sizeof(icmp4_header_t)

cdef enum:
    ERROR_UNREACHABLE_SENT = 8
    ERROR_TTL_SENT = 9
    ERROR_PARAMETER_SENT = 10
    ERROR_DROPPED = 11

ctypedef packed struct icmp4_error_t:
    ip4_header_t ip
    icmp4_header_t icmp


cdef uint32_t counter_of(uint32_t kind) noexcept nogil:
    if kind == ICMP_DESTINATION_UNREACHABLE:
        return ERROR_UNREACHABLE_SENT
    if kind == ICMP_TIME_EXCEEDED:
        return ERROR_TTL_SENT
    return ERROR_PARAMETER_SENT if kind == ICMP_PARAMETER_PROBLEM else ERROR_DROPPED


cdef void cut(worker_t* w, buffer_t* b) noexcept nogil:
    """Keep what fits behind the new headers; a chain loses all but its first buffer."""
    if b.flags & BUFFER_NEXT_PRESENT:
        buffer_free_one(w.cache, b.next_buffer)
        b.flags &= ~<uint32_t> BUFFER_NEXT_PRESENT
        b.total_length_not_including_first_buffer = 0
    b.flags &= ~<uint32_t> BUFFER_OFFLOADS
    if b.current_length > LONGEST - HEADERS:
        b.current_length = LONGEST - HEADERS


cdef void make_error(buffer_t* b, uint32_t source) noexcept nogil:
    """Put IP and ICMP headers in front of the packet, from an address of ours (network order) to its source."""
    cdef icmp4_error_t* out
    cdef uint32_t destination = (<ip4_header_t*> buffer_current(b)).src
    cdef uint32_t data = b.u.icmp.data
    buffer_advance(b, -<int> HEADERS)
    out = <icmp4_error_t*> buffer_current(b)
    memset(out, 0, HEADERS)
    out.ip.version_and_length, out.ip.ttl, out.ip.protocol = 0x45, ERROR_TTL, IP_PROTOCOL_ICMP
    out.ip.length = swap16(b.current_length)
    out.ip.src, out.ip.dst = source, destination
    out.ip.checksum = ip4_header_checksum(&out.ip, sizeof(ip4_header_t))
    out.icmp.type, out.icmp.code = b.u.icmp.type, b.u.icmp.code
    memcpy(&out.icmp.identifier, &data, sizeof(data))
    out.icmp.checksum = checksum_of(&out.icmp, b.current_length - sizeof(ip4_header_t))
    b.sw_if_index[SW_IF_INDEX_TX] = NO_INDEX


cdef void ip4_icmp_error(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """The error comes from the first address of the interface that received the packet; without one it is dropped."""
    cdef ip4_main_t* im = <ip4_main_t*> node.main
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i, source
    cdef buffer_t* b
    if frame.flags & FRAME_TRACE:
        trace_headers(w, node, frame)
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        source = im.interfaces.interfaces[b.sw_if_index[SW_IF_INDEX_RX]].ip4_address
        cut(w, b)
        if source == 0 or b.current_data < <int> (HEADERS - BUFFER_HEADROOM):
            count_error(w, node, ERROR_DROPPED, 1)
            nexts[i] = NEXT_DROP
        else:
            count_error(w, node, counter_of(b.u.icmp.type), 1)
            make_error(b, source)
            nexts[i] = NEXT_LOOKUP
    enqueue_frame(w, node, frame, nexts)


def register(Ip4 ip4):
    ip4.graph.register("ip4-icmp-error", ip4_icmp_error, &ip4.main, "internal", ("ip4-drop", "ip4-lookup"), ERRORS,
                       None, None, HEADERS_FORMAT, 0)
