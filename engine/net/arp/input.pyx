"""arp-input: answers requests for own addresses and learns from those who speak (behaviour of VPP 18.10)."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memcmp, memcpy

from ...core.buffer cimport (
    SW_IF_INDEX_RX,
    SW_IF_INDEX_TX,
    buffer_current,
    buffer_data,
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
from ...wire.headers cimport ETHERTYPE_IP4, arp_header_t, ethernet_header_t, swap16, swap32
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
from ..interface.interface cimport INTERFACE_IP4, INTERFACE_PROXY_ARP, interface_t
from .arp cimport HARDWARE_ETHERNET, OPCODE_REPLY, OPCODE_REQUEST, ArpState, arp_main_t, learn, put_ethernet

from .trace import INPUT_FORMAT

cdef enum:
    NEXT_DROP = 0
    NEXT_REPLY = 1
    TRACE_BYTES = 28

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
    ERROR_PROXIED = 10
    ERROR_MAC_MISMATCH = 11
    ERROR_ANNOUNCEMENT = 12
    ERROR_NO_IP4 = 14
    # no errors, but answers
    PROXY = 253                 # for another
    PROXY_AND_LEARN = 254
    ANSWER = 255                # for us

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
    cdef ethernet_header_t* ethernet = <ethernet_header_t*> (buffer_data(b) + b.l2_hdr_offset)
    return memcmp(ethernet.src, arp.sender_mac, 6) != 0


cdef bint is_proxied(arp_main_t* am, uint32_t sw_if_index, uint32_t address) noexcept nogil:
    """The interface answers for the address (network order), whoever has it."""
    cdef uint32_t wanted = swap32(address), fib_index = interface_fib_index(am.fib, sw_if_index), i
    if not am.interfaces.interfaces[sw_if_index].flags & INTERFACE_PROXY_ARP:
        return False
    for i in range(am.n_proxies):
        if am.proxies[i].fib_index == fib_index and am.proxies[i].low <= wanted <= am.proxies[i].high:
            return True
    return False


cdef uint32_t not_ours(arp_main_t* am, uint32_t sw_if_index, arp_header_t* arp, uint32_t error) noexcept nogil:
    """`error`, unless the message is an announcement, or a request that is answered for another."""
    if arp.sender_address == arp.target_address:
        return ERROR_ANNOUNCEMENT
    if swap16(arp.opcode) == OPCODE_REQUEST and is_proxied(am, sw_if_index, arp.target_address):
        return PROXY_AND_LEARN if error == ERROR_REPLIES_SENT else PROXY
    return error


cdef uint32_t decide(worker_t* w, arp_main_t* am, buffer_t* b, arp_header_t* arp) noexcept nogil:
    """Why a packet is dropped, or one of the answers; the checks stand in VPP's order. Learns where VPP does."""
    cdef uint32_t sw_if_index = b.sw_if_index[SW_IF_INDEX_RX], error = check_headers(am, b, arp)
    cdef dpo_t* source
    cdef dpo_t* target
    if error != ANSWER:
        return error
    source = route_of(am.fib, sw_if_index, arp.sender_address)
    target = route_of(am.fib, sw_if_index, arp.target_address)
    if source.type == DPO_RECEIVE:
        return not_ours(am, sw_if_index, arp, ERROR_SOURCE_IS_OURS)
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
        return not_ours(am, sw_if_index, arp, ERROR_TARGET_NOT_LOCAL)
    if arp.sender_address == arp.target_address:
        return ERROR_ANNOUNCEMENT
    return decide_connected(w, am, b, arp, target)


cdef uint32_t decide_connected(worker_t* w, arp_main_t* am, buffer_t* b, arp_header_t* arp,
                               dpo_t* target) noexcept nogil:
    """A message between hosts of a link, or to us."""
    cdef uint32_t sw_if_index = b.sw_if_index[SW_IF_INDEX_RX], opcode = swap16(arp.opcode)
    cdef bint ours = target.type == DPO_RECEIVE
    ours = ours and receive_at(am.fib, target.index).sw_if_index == address_owner(am, sw_if_index)
    if opcode == OPCODE_REQUEST:
        return ANSWER if ours else not_ours(am, sw_if_index, arp, ERROR_REPLIES_SENT)
    if opcode != OPCODE_REPLY:
        return ERROR_OPCODE
    if not ours:
        return ERROR_ANNOUNCEMENT
    learn(w, am, sw_if_index, arp.sender_address, arp.sender_mac)
    return ERROR_LEARNED


cdef void answer(worker_t* w, arp_main_t* am, buffer_t* b, arp_header_t* arp, bint learns) noexcept nogil:
    """Turn a request into its reply, in place, and learn who asked."""
    cdef uint32_t sw_if_index = b.sw_if_index[SW_IF_INDEX_RX], target = arp.target_address
    cdef interface_t* interface = &am.interfaces.interfaces[sw_if_index]
    cdef ethernet_header_t* asked = <ethernet_header_t*> (buffer_data(b) + b.l2_hdr_offset)
    if learns:
        learn(w, am, sw_if_index, arp.sender_address, arp.sender_mac)
    arp.opcode = swap16(OPCODE_REPLY)
    memcpy(arp.target_mac, arp.sender_mac, 6)
    arp.target_address = arp.sender_address
    memcpy(arp.sender_mac, interface.mac, 6)
    arp.sender_address = target
    put_ethernet(interface, b, asked.src)
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
        if error >= PROXY:
            answer(w, am, b, <arp_header_t*> buffer_current(b), error != PROXY)
            count_error(w, node, ERROR_REPLIES_SENT if error == ANSWER else ERROR_PROXIED, 1)
            nexts[i] = NEXT_REPLY
        else:
            set_error(b, node, error)
            nexts[i] = NEXT_DROP
    enqueue_frame(w, node, frame, nexts)


def register(ArpState arp):
    arp.graph.register("arp-input", arp_input, &arp.main, "internal", ("error-drop", "interface-output"), ERRORS,
                       None, None, INPUT_FORMAT, 0)
