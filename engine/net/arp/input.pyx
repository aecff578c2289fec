"""arp-input: answers requests for own addresses and learns from those who speak (behaviour of VPP 18.10)."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memcmp, memcpy

from ...core.buffer cimport (
    SW_IF_INDEX_RX,
    SW_IF_INDEX_TX,
    buffer_advance,
    buffer_current,
    buffer_t,
)
from ...core.graph cimport (
    FRAME_SIZE,
    FRAME_TRACE,
    count_error,
    enqueue_frame,
    frame_t,
    get_buffer,
    node_t,
    set_error,
    worker_t,
)
from ...core.trace cimport is_traced, trace_add
from ...wire.headers cimport ETHERTYPE_IP4, arp_header_t, ethernet_header_t, swap16
from ..fib.fib cimport (
    ADJACENCY_GLEAN,
    DPO_ADJACENCY,
    DPO_RECEIVE,
    adjacency_at,
    adjacency_t,
    dpo_t,
    fib_lookup,
    fib_main_t,
    interface_fib_index,
    load_balance_at,
    receive_at,
)
from ..interface.interface cimport INTERFACE_IP4
from .arp cimport ArpState, arp_main_t, learn

from .trace import INPUT_FORMAT

cdef enum:
    NEXT_DROP = 0
    NEXT_REPLY = 1
    TRACE_BYTES = 28
    HARDWARE_ETHERNET = 1
    OPCODE_REQUEST = 1
    OPCODE_REPLY = 2

cdef enum:
    ERROR_REPLIES_SENT = 0      # also the reason of drops that have no other
    ERROR_NOT_ETHERNET = 1
    ERROR_NOT_IP4 = 2
    ERROR_SOURCE_NOT_LOCAL = 3
    ERROR_TARGET_NOT_LOCAL = 4
    ERROR_TARGET_UNSET = 5
    ERROR_SOURCE_IS_OURS = 6
    ERROR_LEARNED = 7
    ERROR_OPCODE = 9
    ERROR_MAC_MISMATCH = 11
    ERROR_ANNOUNCEMENT = 12
    ERROR_NO_IP4 = 14
    ANSWER = 255                # no error: the request is for us

ERRORS = (
    "ARP replies sent", "L2 type not ethernet", "L3 type not IP4", "IP4 source address not local to subnet",
    "IP4 destination address not local to subnet", "IP4 destination address is unset",
    "IP4 source address matches local interface", "ARP request IP4 source address learned", "ARP replies received",
    "ARP opcode not request", "Proxy ARP replies sent", "ARP hw addr does not match L2 frame src addr",
    "ARP probe or announcement dropped", "Interface is not mapped to an IP table", "Interface is not IP enabled",
)


cdef void trace_frame(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef uint32_t i
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        if is_traced(b):
            memcpy(trace_add(w, node, b, TRACE_BYTES), buffer_current(b), TRACE_BYTES)


cdef inline dpo_t* route_of(fib_main_t* fm, uint32_t sw_if_index, uint32_t address) noexcept nogil:
    return &load_balance_at(fm, fib_lookup(fm, interface_fib_index(fm, sw_if_index), address)).first


cdef bint is_neighbour(fib_main_t* fm, dpo_t* route, uint32_t address) noexcept nogil:
    """The route is the /32 of a neighbour of that address."""
    cdef adjacency_t* adjacency
    if route.type != DPO_ADJACENCY:
        return False
    adjacency = adjacency_at(fm, route.index)
    return adjacency.kind != ADJACENCY_GLEAN and adjacency.next_hop == address


cdef bint is_attached(fib_main_t* fm, dpo_t* route, uint32_t address, uint32_t sw_if_index) noexcept nogil:
    """The address is on the interface's own link, or is the interface's own."""
    cdef adjacency_t* adjacency
    if route.type == DPO_RECEIVE:
        return receive_at(fm, route.index).sw_if_index == sw_if_index
    if route.type != DPO_ADJACENCY:
        return False
    adjacency = adjacency_at(fm, route.index)
    return adjacency.sw_if_index == sw_if_index and (
        adjacency.kind == ADJACENCY_GLEAN or adjacency.next_hop == address)


cdef bint is_connected(fib_main_t* fm, dpo_t* route) noexcept nogil:
    """The address is on the link of some interface and has no neighbour of its own, or is ours."""
    if route.type == DPO_ADJACENCY:
        return adjacency_at(fm, route.index).kind == ADJACENCY_GLEAN
    return route.type == DPO_RECEIVE


cdef inline uint32_t address_owner(arp_main_t* am, uint32_t sw_if_index) noexcept nogil:
    """The interface whose addresses this one answers for: itself, or the one it borrows from."""
    return am.interfaces.interfaces[sw_if_index].address_owner


cdef uint32_t check_headers(arp_main_t* am, buffer_t* b, arp_header_t* arp) noexcept nogil:
    """The error of what can be said without looking at routes; ANSWER if there is none."""
    if b.current_length < sizeof(arp_header_t) or swap16(arp.hardware_type) != HARDWARE_ETHERNET:
        return ERROR_NOT_ETHERNET
    if swap16(arp.protocol_type) != ETHERTYPE_IP4:
        return ERROR_NOT_IP4
    if arp.sender_address == 0 or arp.target_address == 0:
        return ERROR_TARGET_UNSET
    if not am.interfaces.interfaces[b.sw_if_index[SW_IF_INDEX_RX]].flags & INTERFACE_IP4:
        return ERROR_NO_IP4
    return ANSWER


cdef bint sent_by_another(buffer_t* b, arp_header_t* arp) noexcept nogil:
    """The frame's source MAC address is not the sender's."""
    cdef ethernet_header_t* ethernet = <ethernet_header_t*> (buffer_current(b) - b.current_data + b.l2_hdr_offset)
    return memcmp(ethernet.src, arp.sender_mac, 6) != 0


cdef uint32_t decide(worker_t* w, arp_main_t* am, buffer_t* b, arp_header_t* arp) noexcept nogil:
    """Why a packet is dropped, or ANSWER; the checks stand in VPP's order. Learns where VPP does."""
    cdef uint32_t sw_if_index = b.sw_if_index[SW_IF_INDEX_RX], error = check_headers(am, b, arp)
    cdef dpo_t* source
    cdef dpo_t* target
    cdef bint ours
    if error != ANSWER:
        return error
    source = route_of(am.fib, sw_if_index, arp.sender_address)
    target = route_of(am.fib, sw_if_index, arp.target_address)
    if not is_attached(am.fib, source, arp.sender_address, sw_if_index):
        return ERROR_SOURCE_NOT_LOCAL
    if sent_by_another(b, arp):
        return ERROR_MAC_MISMATCH
    if is_neighbour(am.fib, target, arp.target_address):
        if arp.sender_address != arp.target_address:
            return ERROR_REPLIES_SENT
        learn(w, am, sw_if_index, arp.sender_address, arp.sender_mac)
        return ERROR_LEARNED
    if not is_connected(am.fib, target):
        return ERROR_TARGET_NOT_LOCAL
    if arp.sender_address == arp.target_address:
        return ERROR_ANNOUNCEMENT
    if source.type == DPO_RECEIVE:
        return ERROR_SOURCE_IS_OURS
    ours = target.type == DPO_RECEIVE and receive_at(am.fib, target.index).sw_if_index == address_owner(am, sw_if_index)
    if swap16(arp.opcode) == OPCODE_REPLY:
        if not ours:
            return ERROR_ANNOUNCEMENT
        learn(w, am, sw_if_index, arp.sender_address, arp.sender_mac)
        return ERROR_LEARNED
    if swap16(arp.opcode) != OPCODE_REQUEST:
        return ERROR_OPCODE
    return ANSWER if ours else ERROR_REPLIES_SENT


cdef void answer(worker_t* w, arp_main_t* am, buffer_t* b, arp_header_t* arp) noexcept nogil:
    """Turn a request into its reply, in place, and learn who asked."""
    cdef uint32_t sw_if_index = b.sw_if_index[SW_IF_INDEX_RX], target = arp.target_address
    cdef uint8_t* mac = am.interfaces.interfaces[sw_if_index].mac
    cdef ethernet_header_t* ethernet
    learn(w, am, sw_if_index, arp.sender_address, arp.sender_mac)
    arp.opcode = swap16(OPCODE_REPLY)
    memcpy(arp.target_mac, arp.sender_mac, 6)
    arp.target_address = arp.sender_address
    memcpy(arp.sender_mac, mac, 6)
    arp.sender_address = target
    buffer_advance(b, b.l2_hdr_offset - b.current_data)
    ethernet = <ethernet_header_t*> buffer_current(b)
    memcpy(ethernet.dst, ethernet.src, 6)
    memcpy(ethernet.src, mac, 6)
    b.sw_if_index[SW_IF_INDEX_TX] = sw_if_index


cdef void arp_input(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef arp_main_t* am = <arp_main_t*> node.main
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i, error
    cdef buffer_t* b
    if frame.flags & FRAME_TRACE:
        trace_frame(w, node, frame)
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        error = decide(w, am, b, <arp_header_t*> buffer_current(b))
        if error == ANSWER:
            answer(w, am, b, <arp_header_t*> buffer_current(b))
            count_error(w, node, ERROR_REPLIES_SENT, 1)
            nexts[i] = NEXT_REPLY
        else:
            set_error(b, node, error)
            nexts[i] = NEXT_DROP
    enqueue_frame(w, node, frame, nexts)


def register(ArpState arp):
    arp.graph.register("arp-input", arp_input, &arp.main, "internal", ("error-drop", "interface-output"), ERRORS,
                       None, None, INPUT_FORMAT, 0)
