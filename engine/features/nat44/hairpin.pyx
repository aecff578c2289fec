"""Hairpinning: an inside host speaks to another one by its outside address."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from ...core.buffer cimport SW_IF_INDEX_RX, SW_IF_INDEX_TX, buffer_current, buffer_t
from ...core.features cimport feature_next
from ...core.graph cimport (
    FRAME_SIZE,
    Graph,
    count_error,
    enqueue_frame,
    frame_t,
    get_buffer,
    node_t,
    worker_t,
)
from ...wire.checksum cimport checksum_update32
from ...wire.headers cimport IP_PROTOCOL_ICMP, IP_PROTOCOL_TCP, ip4_header_t, tcp_header_t, udp_header_t
from .icmp cimport icmp_hairpin
from .mappings cimport mapping_by_external
from .nat44 cimport (
    ED_MARK,
    MAPPING_ADDRESS_ONLY,
    MAPPING_LOAD_BALANCED,
    NAT_OTHER,
    POLICY_ENDPOINT_DEPENDENT,
    ROLE_OUTPUT_IN,
    ed_key,
    ed_key_t,
    ei_key,
    interface_role,
    ip4_payload,
    mapping_t,
    nat_main_t,
    nat_protocol,
    session_at,
    session_t,
)
from .rewrite cimport rewrite_destination, rewrite_destination_address
from .sessions cimport ed_find, ei_find
from .state cimport NatState
from .unknown cimport unknown_hairpin

cdef enum:
    NEXT_LOOKUP = 0
    NEXT_DROP = 1
    HAIRPINNED = 1              # nat flags, first word of the buffer's scratch area
    ERROR_PROCESSED = 0

cdef enum:
    SRC_NEXT_DROP = 0
    SRC_NEXT_IN2OUT = 1
    SRC_NEXT_HANDOFF = 2
    SRC_NEXT_OUTPUT = 3

ERRORS = ("NAT44 hairpinning packets processed",)


cdef inline void to_inside(buffer_t* b, ip4_header_t* ip, uint32_t address, uint16_t port,
                           uint32_t fib_index) noexcept nogil:
    """New destination; where the port stays, a UDP checksum does too, as in VPP."""
    cdef tcp_header_t* tcp = <tcp_header_t*> ip4_payload(ip)
    b.sw_if_index[SW_IF_INDEX_TX] = fib_index
    if port != tcp.dst_port:
        rewrite_destination(ip, address, port)
        return
    if ip.protocol == IP_PROTOCOL_TCP:
        tcp.checksum = checksum_update32(tcp.checksum, ip.dst, address)
    rewrite_destination_address(ip, address)


cdef inline uint64_t find_outside(nat_main_t* nm, ip4_header_t* ip, udp_header_t* udp, uint8_t protocol) noexcept nogil:
    """The session whose outside a packet from inside is for."""
    cdef ed_key_t key
    if not nm.policy & POLICY_ENDPOINT_DEPENDENT:
        return ei_find(&nm.out2in, ei_key(ip.dst, udp.dst_port, protocol, nm.outside_fib))
    ed_key(&key, ip.dst, ip.src, ip.protocol, nm.outside_fib, udp.dst_port, udp.src_port)
    return ed_find(&nm.out2in_ed, &key)


cdef bint hairpin(nat_main_t* nm, buffer_t* b, ip4_header_t* ip) noexcept nogil:
    """Give a packet for an outside address and port of a mapping or session its inside destination."""
    cdef udp_header_t* udp = <udp_header_t*> ip4_payload(ip)
    cdef uint8_t protocol = nat_protocol(ip.protocol)
    cdef mapping_t* mapping = mapping_by_external(nm, ip.dst, udp.dst_port, protocol)
    cdef uint64_t found
    cdef session_t* s
    if mapping != NULL and not mapping.flags & MAPPING_LOAD_BALANCED:
        to_inside(b, ip, mapping.local_addr,
                  udp.dst_port if mapping.flags & MAPPING_ADDRESS_ONLY else mapping.local_port, mapping.fib_index)
        return True
    found = find_outside(nm, ip, udp, protocol)
    if found >= ED_MARK:
        return False
    s = session_at(nm, <uint32_t> found)
    to_inside(b, ip, s.in_addr, s.in_port, s.in_fib)
    return True


cdef void hairpinning(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """On ip4-local of inside interfaces: packets for an inside host go back to the lookup."""
    cdef nat_main_t* nm = <nat_main_t*> node.main
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        nexts[i] = feature_next(w, b)
        if hairpin(nm, b, <ip4_header_t*> buffer_current(b)):
            nexts[i] = NEXT_LOOKUP
    count_error(w, node, ERROR_PROCESSED, frame.n_vectors)
    enqueue_frame(w, node, frame, nexts)


cdef inline bint hairpin_any(nat_main_t* nm, buffer_t* b) noexcept nogil:
    cdef ip4_header_t* ip = <ip4_header_t*> buffer_current(b)
    if nat_protocol(ip.protocol) == NAT_OTHER:
        return unknown_hairpin(nm, b, ip)
    if ip.protocol == IP_PROTOCOL_ICMP:
        return icmp_hairpin(nm, b, ip)
    return hairpin(nm, b, ip)


cdef void hairpin_dst(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """On inside interfaces with the output feature: destination first, source on the way out."""
    cdef nat_main_t* nm = <nat_main_t*> node.main
    cdef uint32_t i
    cdef buffer_t* b
    cdef uint16_t nexts[FRAME_SIZE]
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        b.u.words[0] = HAIRPINNED if hairpin_any(nm, b) else 0
        nexts[i] = NEXT_LOOKUP
    count_error(w, node, ERROR_PROCESSED, frame.n_vectors)
    enqueue_frame(w, node, frame, nexts)


cdef void hairpin_src(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """On output: what hairpin-dst gave another destination gets its outside source."""
    cdef nat_main_t* nm = <nat_main_t*> node.main
    cdef uint32_t i
    cdef buffer_t* b
    cdef uint16_t nexts[FRAME_SIZE]
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        nexts[i] = SRC_NEXT_OUTPUT
        if interface_role(nm, b.sw_if_index[SW_IF_INDEX_RX]) & ROLE_OUTPUT_IN and b.u.words[0] & HAIRPINNED:
            nexts[i] = SRC_NEXT_IN2OUT
    count_error(w, node, ERROR_PROCESSED, frame.n_vectors)
    enqueue_frame(w, node, frame, nexts)


def register(Graph graph, NatState state, str prefix):
    """prefix: of the nodes' names, "nat44" or "nat44-ed"."""
    cdef nat_main_t* nm = &state.main
    graph.register(f"{prefix}-hairpinning", hairpinning, nm, "internal", ("ip4-lookup", "error-drop"),
                   ERRORS, None, None, None, 0)
    graph.register(f"{prefix}-hairpin-dst", hairpin_dst, nm, "internal", ("ip4-lookup", "error-drop"),
                   ERRORS, None, None, None, 0)
    graph.register(f"{prefix}-hairpin-src", hairpin_src, nm, "internal",
                   ("error-drop", f"{prefix}-in2out-output", f"{prefix}-in2out-output-worker-handoff",
                    "interface-output"), ERRORS, None, None, None, 0)
