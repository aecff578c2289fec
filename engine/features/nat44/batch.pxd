"""The three passes of the NAT nodes: keys with their buckets asked for, searches with their sessions asked for,
and the translation, which each node does in its own way.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from ...core.buffer cimport (
    SW_IF_INDEX_RX,
    SW_IF_INDEX_TX,
    buffer_advance,
    buffer_current,
    buffer_t,
    prefetch_write,
)
from ...core.graph cimport FRAME_SIZE, NO_INDEX, frame_t, get_buffer, worker_t
from ...net.fib.fib cimport interface_fib_index
from ...tables.bihash cimport bihash_hash, bihash_prefetch, bihash_search, bihash_t
from ...wire.headers cimport (
    ICMP_TIME_EXCEEDED,
    IP_PROTOCOL_TCP,
    IP_PROTOCOL_UDP,
    ip4_header_t,
    is_fragment,
    udp_header_t,
)
from .nat44 cimport (
    ED_MARK,
    NAT_ICMP,
    NAT_NONE,
    NAT_OTHER,
    POLICY_FRAGMENTS_FIRST,
    UNDECIDED,
    ed_key,
    ed_key_t,
    ei_key,
    flow_t,
    ip4_payload,
    nat_main_t,
    nat_protocol,
    session_at,
)

# A packet of the frame while it is looked up
ctypedef struct packet_t:
    buffer_t* b
    ip4_header_t* ip
    uint64_t key                # EI
    uint32_t hash
    uint32_t session            # index, ED_MARK, or NAT_NONE
    uint32_t fib_index
    uint32_t ed_hash
    ed_key_t ed


cdef inline void expire_ttl(buffer_t* b) noexcept nogil:
    """Time exceeded, for ip4-icmp-error, which wants the packet to begin with its IP header."""
    b.sw_if_index[SW_IF_INDEX_TX] = NO_INDEX
    b.u.icmp.type = ICMP_TIME_EXCEEDED
    b.u.icmp.code = 0
    b.u.icmp.data = 0


cdef inline bint is_tcp_or_udp(ip4_header_t* ip) noexcept nogil:
    return ip.protocol == IP_PROTOCOL_TCP or ip.protocol == IP_PROTOCOL_UDP


cdef inline void start_packets(worker_t* w, nat_main_t* nm, frame_t* frame, packet_t* packets,
                               bint is_output) noexcept nogil:
    """Find each packet's header (behind the Ethernet header on output) and its table."""
    cdef uint32_t i, sw_if_index = NO_INDEX, fib_index = 0
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        packets[i].b = b
        packets[i].ip = <ip4_header_t*> (buffer_current(b) + (b.u.ip.save_rewrite_length if is_output else 0))
        if b.sw_if_index[SW_IF_INDEX_RX] != sw_if_index:
            sw_if_index = b.sw_if_index[SW_IF_INDEX_RX]
            fib_index = interface_fib_index(nm.fib, sw_if_index)
        packets[i].fib_index = fib_index
        packets[i].session = NAT_NONE


cdef inline void key_source(packet_t* p) noexcept nogil:
    cdef udp_header_t* udp = <udp_header_t*> ip4_payload(p.ip)
    p.key = ei_key(p.ip.src, udp.src_port, nat_protocol(p.ip.protocol), p.fib_index)


cdef inline void key_destination(packet_t* p) noexcept nogil:
    cdef udp_header_t* udp = <udp_header_t*> ip4_payload(p.ip)
    p.key = ei_key(p.ip.dst, udp.dst_port, nat_protocol(p.ip.protocol), p.fib_index)


cdef inline void key_source_ed(packet_t* p, uint32_t fib_index) noexcept nogil:
    cdef udp_header_t* udp = <udp_header_t*> ip4_payload(p.ip)
    ed_key(&p.ed, p.ip.src, p.ip.dst, p.ip.protocol, fib_index, udp.src_port, udp.dst_port)


cdef inline void key_destination_ed(packet_t* p, uint32_t fib_index) noexcept nogil:
    cdef udp_header_t* udp = <udp_header_t*> ip4_payload(p.ip)
    ed_key(&p.ed, p.ip.dst, p.ip.src, p.ip.protocol, fib_index, udp.dst_port, udp.src_port)


cdef inline void flow_of_source(packet_t* p, flow_t* flow) noexcept nogil:
    """Of a TCP or UDP packet."""
    cdef udp_header_t* udp = <udp_header_t*> ip4_payload(p.ip)
    flow.address, flow.port, flow.remote, flow.remote_port = p.ip.src, udp.src_port, p.ip.dst, udp.dst_port
    flow.protocol, flow.fib_index = nat_protocol(p.ip.protocol), p.fib_index


cdef inline void flow_of_destination(packet_t* p, flow_t* flow) noexcept nogil:
    """Of a TCP or UDP packet."""
    cdef udp_header_t* udp = <udp_header_t*> ip4_payload(p.ip)
    flow.address, flow.port, flow.remote, flow.remote_port = p.ip.dst, udp.dst_port, p.ip.src, udp.src_port
    flow.protocol, flow.fib_index = nat_protocol(p.ip.protocol), p.fib_index


cdef inline void ask(bihash_t* table, packet_t* p) noexcept nogil:
    p.hash = bihash_hash(&p.key, 1)
    bihash_prefetch(table, p.hash, 1)


cdef inline void ask_ed(bihash_t* table, packet_t* p) noexcept nogil:
    p.ed_hash = bihash_hash(p.ed.words, 2)
    bihash_prefetch(table, p.ed_hash, 2)


cdef inline void find(bihash_t* table, packet_t* p) noexcept nogil:
    cdef uint64_t value = NAT_NONE
    bihash_search(table, &p.key, p.hash, 1, &value)
    p.session = <uint32_t> value


cdef inline void find_ed(bihash_t* table, packet_t* p) noexcept nogil:
    cdef uint64_t value = NAT_NONE
    bihash_search(table, p.ed.words, p.ed_hash, 2, &value)
    p.session = <uint32_t> value


cdef inline void ask_session(nat_main_t* nm, packet_t* p) noexcept nogil:
    prefetch_write(session_at(nm, p.session))
