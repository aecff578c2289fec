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
    buffer_length,
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
    ETHERTYPE_IP4,
    ETHERTYPE_IP6,
    ETHERTYPE_MPLS,
    ethernet_header_t,
    swap16,
    vlan_header_t,
)
from ..interface.interface cimport (
    INTERFACE_ADMIN_UP,
    INTERFACE_L2,
    INTERFACE_UNTAGGED,
    Interfaces,
    interface_main_t,
    interface_t,
)
from ..interface.vlans cimport NO_SUB, find_vlan
from .l2_length cimport is_vlan_type

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
    ERROR_SUB_DOWN = 5

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


# What stands between the MAC addresses and the payload
ctypedef struct tags_t:
    uint32_t depth
    uint32_t ids[2]
    bint dot1ad                 # the outer one
    uint16_t ethertype          # of the payload


cdef uint32_t parse_tags(buffer_t* b, tags_t* tags) noexcept nogil:
    """Length of the header with up to two tags, the first of which has the type in tags.ethertype."""
    cdef uint32_t n = ETHERNET_HEADER
    cdef vlan_header_t* tag
    tags.depth, tags.dot1ad = 0, tags.ethertype == ETHERTYPE_DOT1AD
    while tags.depth < 2 and is_vlan_type(tags.ethertype) and b.current_length >= n + VLAN_HEADER:
        tag = <vlan_header_t*> (buffer_current(b) + n)
        tags.ethertype = swap16(tag.type)
        tags.ids[tags.depth] = swap16(tag.priority_cfi_and_id) & VLAN_ID_MASK
        n += VLAN_HEADER
        tags.depth += 1
    if tags.depth:
        b.flags |= BUFFER_VLAN_1_DEEP if tags.depth == 1 else BUFFER_VLAN_2_DEEP
    return n


cdef inline bint is_untagged(tags_t* tags) noexcept nogil:
    """Without a tag, or with tags that only say a priority (id 0)."""
    return tags.depth == 0 or (tags.ids[0] == 0 and (tags.depth == 1 or tags.ids[1] == 0))


cdef uint32_t find_sub(interface_t* interface, tags_t* tags) noexcept nogil:
    """sw_if_index of who takes a frame with these tags: the interface, a sub-interface, or NO_SUB."""
    if is_untagged(tags):
        if interface.flags & INTERFACE_UNTAGGED:
            return interface.vlans.untagged
        return interface.sw_if_index
    if interface.vlans == NULL:
        return NO_SUB
    return find_vlan(interface.vlans, tags.dot1ad, tags.ids[0], <int> tags.ids[1] if tags.depth == 2 else -1)


cdef void enter_sub(worker_t* w, buffer_t* b, uint32_t sub) noexcept nogil:
    """From here on the frame came in by the sub-interface."""
    b.sw_if_index[SW_IF_INDEX_RX] = sub
    w.interface_counters[sub].rx.packets += 1
    w.interface_counters[sub].rx.bytes += buffer_length(b)


cdef uint16_t parse_slowly(worker_t* w, node_t* node, buffer_t* b, interface_t* interface) noexcept nogil:
    """Everything but an untagged frame for us: tags, other MACs, odd types, runts."""
    cdef ethernet_header_t* ethernet = <ethernet_header_t*> buffer_current(b)
    cdef interface_main_t* im = <interface_main_t*> node.main
    cdef uint32_t header_length, taker
    cdef tags_t tags
    if b.current_length < ETHERNET_HEADER:
        return drop(b, node, ERROR_LLC_LENGTH)
    tags.ethertype = swap16(ethernet.type)
    header_length = parse_tags(b, &tags)
    note_offsets(b, header_length)
    taker = find_sub(interface, &tags)
    if taker == NO_SUB:
        return drop(b, node, ERROR_UNKNOWN_VLAN)
    if taker != interface.sw_if_index:
        interface = &im.interfaces[taker]
        enter_sub(w, b, taker)
        if not interface.flags & INTERFACE_ADMIN_UP:
            return drop(b, node, ERROR_SUB_DOWN)
    if interface.flags & INTERFACE_L2:
        b.u.l2.l2_len = <uint8_t> header_length
        return NEXT_L2
    return to_l3(node, b, interface, tags.ethertype, header_length)


cdef uint16_t to_l3(node_t* node, buffer_t* b, interface_t* interface, uint16_t ethertype,
                    uint32_t header_length) noexcept nogil:
    """Next index of a frame for the interface's own protocols."""
    cdef ethernet_header_t* ethernet = <ethernet_header_t*> buffer_current(b)
    cdef uint16_t next_index
    if not ethernet.dst[0] & 1 and mac_word(ethernet.dst) != mac_word(interface.mac):
        return drop(b, node, ERROR_MAC_MISMATCH)
    next_index = next_of_type(ethertype)
    if next_index == NEXT_LLC and ethertype > b.current_length - header_length:
        return drop(b, node, ERROR_LLC_LENGTH)
    if next_index == NEXT_PUNT:
        set_error(b, node, ERROR_UNKNOWN_TYPE)
    buffer_advance(b, header_length)
    return next_index


cdef inline void note_offsets(buffer_t* b, uint32_t header_length) noexcept nogil:
    b.l2_hdr_offset = b.current_data
    b.l3_hdr_offset = <short> (b.current_data + header_length)
    b.flags |= BUFFER_L2_HDR_OFFSET_VALID | BUFFER_L3_HDR_OFFSET_VALID


cdef inline bint is_untagged_frame(buffer_t* b) noexcept nogil:
    return b.current_length >= ETHERNET_HEADER and not is_vlan_type(
        swap16((<ethernet_header_t*> buffer_current(b)).type))


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
    cdef bint l3 = False, bridged = False
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
            bridged = interface.flags & (INTERFACE_L2 | INTERFACE_UNTAGGED) == INTERFACE_L2
            l3 = not interface.flags & (INTERFACE_L2 | INTERFACE_UNTAGGED)
        if l3 and b.current_length >= ETHERNET_HEADER and is_plain_ip4(buffer_current(b), mac):
            note_offsets(b, ETHERNET_HEADER)
            buffer_advance(b, ETHERNET_HEADER)
            nexts[i] = NEXT_IP4
        elif bridged and is_untagged_frame(b):
            note_offsets(b, ETHERNET_HEADER)
            b.u.l2.l2_len = ETHERNET_HEADER
            nexts[i] = NEXT_L2
        else:
            nexts[i] = parse_slowly(w, node, b, interface)
    enqueue_frame(w, node, frame, nexts)


def register(Graph graph, Interfaces interfaces):
    graph.register("ethernet-input", ethernet_input, &interfaces.main, "internal", NEXT_NODES, ERRORS,
                   None, None, INPUT_FORMAT, 0)
