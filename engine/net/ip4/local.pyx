"""ip4-local: packets to the vswitch itself. Checks, the ip4-local arc, and the protocol's node."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from ...core.buffer cimport (
    BUFFER_IS_NATED,
    BUFFER_L4_CHECKSUM_COMPUTED,
    BUFFER_L4_CHECKSUM_CORRECT,
    BUFFER_OFFLOAD_TCP_CKSUM,
    BUFFER_OFFLOAD_UDP_CKSUM,
    SW_IF_INDEX_RX,
    buffer_current,
    buffer_t,
)
from ...core.features cimport arc_start
from ...core.graph cimport FRAME_SIZE, FRAME_TRACE, enqueue_frame, frame_t, get_buffer, node_t, set_error, worker_t
from ...wire.checksum cimport checksum_fold, ip4_pseudo_header_sum
from ...wire.headers cimport (
    IP_PROTOCOL_TCP,
    IP_PROTOCOL_UDP,
    ip4_header_t,
    is_fragment,
    swap16,
    udp_header_t,
)
from ..fib.fib cimport (
    DPO_RECEIVE,
    NO_INTERFACE,
    buffer_fib_index,
    fib_lookup,
    load_balance_at,
    load_balance_uses,
)
from .ip4 cimport (
    IP4_ERROR_SPOOFED_LOCAL,
    IP4_ERROR_SRC_LOOKUP_MISS,
    IP4_ERROR_TCP_CHECKSUM,
    IP4_ERROR_UDP_CHECKSUM,
    IP4_ERROR_UDP_LENGTH,
    IP4_ERROR_UNKNOWN_PROTOCOL,
    Ip4,
    chain_sum,
    ip4_main_t,
    trace_forward,
)

from .trace import INDENTED_FORMAT

cdef enum:
    NEXT_DROP = 0
    BROADCAST = 0xffffffffU


cdef inline uint32_t header_bytes(ip4_header_t* ip) noexcept nogil:
    return (ip.version_and_length & 0xf) * 4


cdef bint l4_checksum_ok(worker_t* w, buffer_t* b, ip4_header_t* ip) noexcept nogil:
    """Verify a TCP or UDP checksum over the whole packet (RFC 9293, RFC 768); remember the answer in the flags."""
    cdef uint32_t skip = header_bytes(ip), length = swap16(ip.length)
    cdef uint64_t total
    length = length - skip if length > skip else 0
    total = ip4_pseudo_header_sum(ip.src, ip.dst, ip.protocol, <uint16_t> length) + chain_sum(w, b, skip, length)
    b.flags |= BUFFER_L4_CHECKSUM_COMPUTED
    if checksum_fold(total) != 0xffff:
        return False
    b.flags |= BUFFER_L4_CHECKSUM_CORRECT
    return True


cdef uint32_t check_l4(worker_t* w, buffer_t* b, ip4_header_t* ip) noexcept nogil:
    """Error of a TCP or UDP packet, IP4_ERROR_UNKNOWN_PROTOCOL if it has none yet."""
    cdef udp_header_t* udp = <udp_header_t*> (<uint8_t*> ip + header_bytes(ip))
    cdef bint is_udp = ip.protocol == IP_PROTOCOL_UDP
    if not is_udp and ip.protocol != IP_PROTOCOL_TCP:
        return IP4_ERROR_UNKNOWN_PROTOCOL
    if is_udp and swap16(udp.length) + header_bytes(ip) > swap16(ip.length):
        return IP4_ERROR_UDP_LENGTH
    if b.flags & (BUFFER_L4_CHECKSUM_CORRECT | BUFFER_OFFLOAD_TCP_CKSUM | BUFFER_OFFLOAD_UDP_CKSUM):
        return IP4_ERROR_UNKNOWN_PROTOCOL
    if is_udp and udp.checksum == 0:            # none was sent
        b.flags |= BUFFER_L4_CHECKSUM_COMPUTED | BUFFER_L4_CHECKSUM_CORRECT
        return IP4_ERROR_UNKNOWN_PROTOCOL
    if not b.flags & BUFFER_L4_CHECKSUM_COMPUTED and l4_checksum_ok(w, b, ip):
        return IP4_ERROR_UNKNOWN_PROTOCOL
    return IP4_ERROR_UDP_CHECKSUM if is_udp else IP4_ERROR_TCP_CHECKSUM


cdef uint32_t check_source(ip4_main_t* im, ip4_header_t* ip, uint32_t load_balance) noexcept nogil:
    """Error of the source address, IP4_ERROR_UNKNOWN_PROTOCOL if it is one that may speak to us."""
    if load_balance_at(im.fib, load_balance).first.type == DPO_RECEIVE:
        return IP4_ERROR_SPOOFED_LOCAL
    if ip.dst != BROADCAST and not load_balance_uses(im.fib, load_balance, NO_INTERFACE):
        return IP4_ERROR_SRC_LOOKUP_MISS
    return IP4_ERROR_UNKNOWN_PROTOCOL


# What was found of the packet before in the frame
ctypedef struct verdict_t:
    bint known
    uint32_t src
    uint32_t error


cdef uint32_t check(worker_t* w, ip4_main_t* im, buffer_t* b, ip4_header_t* ip, verdict_t* last) noexcept nogil:
    """Error of a packet, IP4_ERROR_UNKNOWN_PROTOCOL if it may go on.

    18.10 looks a source up once for packets that follow each other, and with the answer takes over what else was
    found of the first of them: whether its checksum was right.
    """
    cdef uint32_t error = check_l4(w, b, ip)
    if im.source_verdict_sticks and last.known and last.src == ip.src:
        return last.error
    if error == IP4_ERROR_UNKNOWN_PROTOCOL:
        error = check_source(im, ip, b.u.ip.adj_index_rx)
    last.known, last.src, last.error = True, ip.src, error
    return error


cdef uint16_t receive(worker_t* w, node_t* node, buffer_t* b, verdict_t* last) noexcept nogil:
    """Next index of a packet to us. The source's load-balance goes with it: answers are sent by it directly."""
    cdef ip4_main_t* im = <ip4_main_t*> node.main
    cdef ip4_header_t* ip = <ip4_header_t*> buffer_current(b)
    cdef uint16_t next_index = im.local_nexts[ip.protocol]
    cdef uint32_t error = IP4_ERROR_UNKNOWN_PROTOCOL
    b.l3_hdr_offset = b.current_data
    if is_fragment(ip):
        next_index = im.local_fragment_next
        b.u.ip.fib_index = buffer_fib_index(im.fib, b)
    else:
        b.u.ip.adj_index_rx = fib_lookup(im.fib, buffer_fib_index(im.fib, b), ip.src)
        b.u.ip.adj_index_tx = b.u.ip.adj_index_rx
        if not b.flags & BUFFER_IS_NATED:
            error = check(w, im, b, ip, last)
    set_error(b, node, error)
    if error != IP4_ERROR_UNKNOWN_PROTOCOL:
        return NEXT_DROP
    return arc_start(w, im.local, b.sw_if_index[SW_IF_INDEX_RX], b, next_index)


cdef void ip4_local(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i
    cdef verdict_t last
    last.known = False
    if frame.flags & FRAME_TRACE:
        trace_forward((<ip4_main_t*> node.main).fib, w, node, frame)
    for i in range(frame.n_vectors):
        nexts[i] = receive(w, node, get_buffer(w, frame.indices[i]), &last)
    enqueue_frame(w, node, frame, nexts)


cdef void ip4_local_end_of_arc(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """Behind the arc's features: the protocol's node, without checking again."""
    cdef ip4_main_t* im = <ip4_main_t*> node.main
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i
    cdef buffer_t* b
    cdef ip4_header_t* ip
    if frame.flags & FRAME_TRACE:
        trace_forward(im.fib, w, node, frame)
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        ip = <ip4_header_t*> buffer_current(b)
        set_error(b, node, IP4_ERROR_UNKNOWN_PROTOCOL)
        b.u.ip.fib_index = buffer_fib_index(im.fib, b)
        nexts[i] = im.local_fragment_next if is_fragment(ip) else im.local_nexts[ip.protocol]
    enqueue_frame(w, node, frame, nexts)


def register(Ip4 ip4):
    ip4.graph.register("ip4-local", ip4_local, &ip4.main, "internal", ip4.profile.local_nexts, (), "ip4-input", None,
                       INDENTED_FORMAT, 0)
    ip4.graph.register("ip4-local-end-of-arc", ip4_local_end_of_arc, &ip4.main, "internal", (), (), "ip4-input",
                       "ip4-local", INDENTED_FORMAT, 0)
