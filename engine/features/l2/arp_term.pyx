"""arp-term-l2bd: the domain answers ARP requests for addresses it was told of; all else goes on to be flooded."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy

from ...core.buffer cimport SW_IF_INDEX_RX, SW_IF_INDEX_TX, buffer_current, buffer_t
from ...core.graph cimport (
    FRAME_SIZE,
    count_error,
    enqueue_frame,
    frame_t,
    get_buffer,
    node_t,
    set_error,
    worker_t,
)
from ...core.trace cimport is_traced, trace_add
from ...tables.bihash cimport bihash_hash, bihash_search
from ...wire.headers cimport ETHERTYPE_ARP, ETHERTYPE_IP4, arp_header_t, ethernet_header_t, swap16
from .l2 cimport L2State, arp_key, l2_node_t, next_feature

from engine.net.arp.input import ERRORS
from .trace import ARP_FORMAT

NEXTS = ("l2-output", "error-drop")

cdef enum:
    NEXT_OUTPUT = 0
    NEXT_DROP = 1
    ERROR_REPLIES_SENT = 0
    ERROR_NOT_ETHERNET = 1
    ERROR_NOT_IP4 = 2
    ERROR_SOURCE_NOT_LOCAL = 3
    ERROR_MAC_MISMATCH = 11
    HARDWARE_ETHERNET = 1
    REQUEST = 1
    REPLY = 2


cdef uint32_t find_error(ethernet_header_t* ethernet, arp_header_t* arp) noexcept nogil:
    """The error of a request that nobody should see; ERROR_REPLIES_SENT if there is none."""
    if swap16(arp.hardware_type) != HARDWARE_ETHERNET:
        return ERROR_NOT_ETHERNET
    if swap16(arp.protocol_type) != ETHERTYPE_IP4:
        return ERROR_NOT_IP4
    if memcmp(ethernet.src, arp.sender_mac, 6) != 0 or arp.sender_mac[0] & 1:
        return ERROR_MAC_MISMATCH
    if (<uint8_t*> &arp.sender_address)[0] & 0xf0 == 0xe0:
        return ERROR_SOURCE_NOT_LOCAL
    return ERROR_REPLIES_SENT


cdef void make_reply(ethernet_header_t* ethernet, arp_header_t* arp, uint64_t mac) noexcept nogil:
    """Turn a request into its reply, in place."""
    cdef uint32_t target = arp.target_address
    arp.opcode = swap16(REPLY)
    memcpy(arp.target_mac, arp.sender_mac, 6)
    arp.target_address = arp.sender_address
    memcpy(arp.sender_mac, &mac, 6)
    arp.sender_address = target
    memcpy(ethernet.dst, ethernet.src, 6)
    memcpy(ethernet.src, &mac, 6)


cdef uint16_t send_reply(l2_node_t* n, buffer_t* b) noexcept nogil:
    """Back by the interface the request came by; to the BVI only forwarding can bring it."""
    cdef uint32_t rx = b.sw_if_index[SW_IF_INDEX_RX]
    if n.main.interfaces[rx].is_bvi:
        b.sw_if_index[SW_IF_INDEX_RX] = 0
        b.u.l2.feature_bitmap |= n.main.bits.forward
        return next_feature(n.nexts, b, n.main.bits.arp_term)
    b.sw_if_index[SW_IF_INDEX_TX] = rx
    return NEXT_OUTPUT


cdef uint16_t terminate(worker_t* w, node_t* node, buffer_t* b) noexcept nogil:
    """Next index of a frame, which is answered if it can be."""
    cdef l2_node_t* n = <l2_node_t*> node.main
    cdef ethernet_header_t* ethernet = <ethernet_header_t*> buffer_current(b)
    cdef arp_header_t* arp = <arp_header_t*> (buffer_current(b) + b.u.l2.l2_len)
    cdef uint64_t key, mac = 0
    cdef uint32_t error
    cdef uint16_t ethertype
    memcpy(&ethertype, buffer_current(b) + b.u.l2.l2_len - 2, 2)
    if (swap16(ethertype) != ETHERTYPE_ARP or b.current_length < b.u.l2.l2_len + sizeof(arp_header_t)
            or swap16(arp.opcode) != REQUEST):
        return next_feature(n.nexts, b, n.main.bits.arp_term)
    if is_traced(b):
        memcpy(trace_add(w, node, b, sizeof(arp_header_t)), arp, sizeof(arp_header_t))
    error = find_error(ethernet, arp)
    if error != ERROR_REPLIES_SENT:
        set_error(b, node, error)
        return NEXT_DROP
    key = arp_key(arp.target_address, b.u.l2.bd_index)
    if (arp.sender_address == arp.target_address
            or not bihash_search(&n.main.arp, &key, bihash_hash(&key, 1), 1, &mac)):
        return next_feature(n.nexts, b, n.main.bits.arp_term)
    make_reply(ethernet, arp, mac)
    count_error(w, node, ERROR_REPLIES_SENT, 1)
    return send_reply(n, b)


cdef void arp_term(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i
    for i in range(frame.n_vectors):
        nexts[i] = terminate(w, node, get_buffer(w, frame.indices[i]))
    enqueue_frame(w, node, frame, nexts)


def register(L2State l2):
    l2.register_node("arp-term-l2bd", arp_term, True, NEXTS, ERRORS, ARP_FORMAT)
