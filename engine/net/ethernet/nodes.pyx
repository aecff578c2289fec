"""ethernet-input: which interface, which protocol, and is it for us (behaviour of VPP 18.x)."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from ...core.buffer cimport (
    BUFFER_L2_HDR_OFFSET_VALID,
    BUFFER_L3_HDR_OFFSET_VALID,
    BUFFER_VLAN_1_DEEP,
    BUFFER_VLAN_2_DEEP,
    SW_IF_INDEX_RX,
    buffer_advance,
    buffer_current,
    buffer_t,
)
from ...core.graph cimport (
    FRAME_SIZE,
    FRAME_TRACE,
    Graph,
    enqueue_frame,
    frame_t,
    get_buffer,
    node_t,
    set_error,
    worker_t,
)
from ...core.trace cimport is_traced, trace_add
from ...wire.headers cimport (
    ETHERTYPE_ARP,
    ETHERTYPE_DOT1AD,
    ETHERTYPE_DOT1Q,
    ETHERTYPE_IP4,
    ETHERTYPE_IP6,
    ETHERTYPE_MPLS,
    ETHERTYPE_QINQ_9100,
    ETHERTYPE_QINQ_9200,
    ethernet_header_t,
    swap16,
    vlan_header_t,
)
from ..interface.interface cimport INTERFACE_L2, Interfaces, interface_main_t, interface_t

from .trace import INPUT_FORMAT

cdef enum:
    ETHERNET_HEADER = 14
    VLAN_HEADER = 4
    LOWEST_TYPE = 0x600         # below stands a length (IEEE 802.3)
    VLAN_ID_MASK = 0xfff
    TRACE_BYTES = 32

cdef enum:
    NEXT_PUNT = 0
    NEXT_DROP = 1
    NEXT_LLC = 2
    NEXT_L2 = 3
    NEXT_IP4 = 4
    NEXT_IP6 = 5
    NEXT_MPLS = 6
    NEXT_ARP = 7

cdef enum:
    ERROR_NONE = 0
    ERROR_LLC_LENGTH = 1
    ERROR_UNKNOWN_TYPE = 2
    ERROR_UNKNOWN_VLAN = 3
    ERROR_MAC_MISMATCH = 4

NEXT_NODES = ("error-punt", "error-drop", "llc-input", "l2-input", "ip4-input", "ip6-input", "mpls-input", "arp-input")
ERRORS = ("no error", "llc length > packet length", "unknown ethernet type", "unknown vlan", "l3 mac mismatch",
          "subinterface down")


cdef void trace_frame(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef uint32_t i
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        if is_traced(b):
            memcpy(trace_add(w, node, b, TRACE_BYTES), buffer_current(b), TRACE_BYTES)


cdef inline uint64_t mac_word(const uint8_t* mac) noexcept nogil:
    cdef uint64_t word = 0
    memcpy(&word, mac, 6)
    return word


cdef inline bint is_vlan_type(uint16_t ethertype) noexcept nogil:
    return (ethertype == ETHERTYPE_DOT1Q or ethertype == ETHERTYPE_DOT1AD or ethertype == ETHERTYPE_QINQ_9100
            or ethertype == ETHERTYPE_QINQ_9200)


cdef inline uint16_t next_of_type(uint16_t ethertype) noexcept nogil:
    if ethertype == ETHERTYPE_IP4:
        return NEXT_IP4
    if ethertype == ETHERTYPE_ARP:
        return NEXT_ARP
    if ethertype == ETHERTYPE_IP6:
        return NEXT_IP6
    if ethertype == ETHERTYPE_MPLS:
        return NEXT_MPLS
    if ethertype < LOWEST_TYPE:
        return NEXT_LLC
    return NEXT_PUNT


cdef uint16_t drop(buffer_t* b, node_t* node, uint32_t error) noexcept nogil:
    set_error(b, node, error)
    return NEXT_DROP


cdef uint32_t parse_tags(buffer_t* b, uint16_t* ethertype, bint* tagged) noexcept nogil:
    """Length of the header with up to two tags; ethertype becomes that of the payload, tagged: an id other than 0."""
    cdef uint32_t n = ETHERNET_HEADER, depth = 0
    cdef vlan_header_t* tag
    tagged[0] = False
    while depth < 2 and is_vlan_type(ethertype[0]) and b.current_length >= n + VLAN_HEADER:
        tag = <vlan_header_t*> (buffer_current(b) + n)
        ethertype[0] = swap16(tag.type)
        tagged[0] |= (swap16(tag.priority_cfi_and_id) & VLAN_ID_MASK) != 0
        n += VLAN_HEADER
        depth += 1
    if depth:
        b.flags |= BUFFER_VLAN_1_DEEP if depth == 1 else BUFFER_VLAN_2_DEEP
    return n


cdef uint16_t parse_slowly(node_t* node, buffer_t* b, interface_t* interface) noexcept nogil:
    """Everything but an untagged frame for us: tags, other MACs, bridged interfaces, odd types, runts."""
    cdef ethernet_header_t* ethernet = <ethernet_header_t*> buffer_current(b)
    cdef uint16_t ethertype, next_index
    cdef uint32_t header_length
    cdef bint tagged
    if b.current_length < ETHERNET_HEADER:
        return drop(b, node, ERROR_LLC_LENGTH)
    ethertype = swap16(ethernet.type)
    header_length = parse_tags(b, &ethertype, &tagged)
    b.l2_hdr_offset = b.current_data
    b.l3_hdr_offset = <short> (b.current_data + header_length)
    b.flags |= BUFFER_L2_HDR_OFFSET_VALID | BUFFER_L3_HDR_OFFSET_VALID
    if tagged:
        return drop(b, node, ERROR_UNKNOWN_VLAN)
    if interface.flags & INTERFACE_L2:
        b.u.l2.l2_len = <uint8_t> header_length
        return NEXT_L2
    if not ethernet.dst[0] & 1 and mac_word(ethernet.dst) != mac_word(interface.mac):
        return drop(b, node, ERROR_MAC_MISMATCH)
    next_index = next_of_type(ethertype)
    if next_index == NEXT_LLC and ethertype > b.current_length - header_length:
        return drop(b, node, ERROR_LLC_LENGTH)
    if next_index == NEXT_PUNT:
        set_error(b, node, ERROR_UNKNOWN_TYPE)
    buffer_advance(b, header_length)
    return next_index


cdef inline bint is_plain_ip4(const uint8_t* data, uint64_t mac) noexcept nogil:
    """Destination is mac or a group, type is IPv4, no tag."""
    cdef uint64_t first
    cdef uint16_t ethertype
    memcpy(&first, data, 8)
    memcpy(&ethertype, data + 12, 2)
    return ethertype == swap16(ETHERTYPE_IP4) and ((first ^ mac) << 16 == 0 or first & 1)


cdef void ethernet_input(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef interface_main_t* im = <interface_main_t*> node.main
    cdef interface_t* interface = NULL
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i, sw_if_index
    cdef uint64_t mac = 0
    cdef bint l3 = False
    cdef buffer_t* b
    if frame.flags & FRAME_TRACE:
        trace_frame(w, node, frame)
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        set_error(b, node, ERROR_NONE)
        sw_if_index = b.sw_if_index[SW_IF_INDEX_RX]
        if interface == NULL or interface.sw_if_index != sw_if_index:
            interface = &im.interfaces[sw_if_index]
            mac = mac_word(interface.mac)
            l3 = not interface.flags & INTERFACE_L2
        if l3 and b.current_length >= ETHERNET_HEADER and is_plain_ip4(buffer_current(b), mac):
            b.l2_hdr_offset = b.current_data
            b.l3_hdr_offset = <short> (b.current_data + ETHERNET_HEADER)
            b.flags |= BUFFER_L2_HDR_OFFSET_VALID | BUFFER_L3_HDR_OFFSET_VALID
            buffer_advance(b, ETHERNET_HEADER)
            nexts[i] = NEXT_IP4
        else:
            nexts[i] = parse_slowly(node, b, interface)
    enqueue_frame(w, node, frame, nexts)


def register(Graph graph, Interfaces interfaces):
    graph.register("ethernet-input", ethernet_input, &interfaces.main, "internal", NEXT_NODES, ERRORS,
                   None, None, INPUT_FORMAT, 0)
