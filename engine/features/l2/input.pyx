"""l2-input: which features a frame meets, by its interface, its domain and its destination."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memcpy

from ...core.buffer cimport SW_IF_INDEX_RX, SW_IF_INDEX_TX, buffer_current, buffer_t
from ...core.graph cimport FRAME_SIZE, FRAME_TRACE, count_error, enqueue_frame, frame_t, get_buffer, node_t, worker_t
from ...wire.headers cimport ETHERTYPE_ARP, ETHERTYPE_IP6, arp_header_t, swap16
from .l2 cimport (
    MODE_BRIDGE,
    MODE_XCONNECT,
    TX_FROM_BVI,
    L2State,
    feature_slot,
    l2_interface_t,
    l2_main_t,
    l2_node_t,
    trace_frames,
)

from .trace import INPUT_FORMAT

NEXTS = ("l2-learn", "l2-fwd", "error-drop")
ERRORS = ("L2 input packets", "L2 input drops")

cdef enum:
    ERROR_PACKETS = 0
    ICMP6 = 58
    PROTOCOL_AT = 6             # in the IPv6 header
    ARP_REQUEST = 1


# What the unicast frames of one interface have in common
ctypedef struct run_t:
    uint32_t rx
    uint32_t tx                 # as they come
    uint32_t peer
    uint32_t features
    uint16_t bd_index
    uint16_t sn
    uint16_t next_index
    uint8_t mac_age
    uint8_t shg
    bint connected


cdef void begin_run(l2_node_t* n, run_t* run, uint32_t rx, uint32_t tx) noexcept nogil:
    cdef l2_main_t* m = n.main
    cdef l2_interface_t* interface = &m.interfaces[rx]
    run.rx, run.tx, run.features, run.bd_index = rx, tx, interface.features, interface.bd_index
    run.peer, run.connected = interface.peer, interface.mode == MODE_XCONNECT
    run.sn = run.mac_age = 0
    if interface.mode == MODE_BRIDGE:
        run.sn = interface.sn | <uint16_t> m.domains[interface.bd_index].sn << 8
        run.mac_age = m.domains[interface.bd_index].mac_age
    # a unicast frame from the BVI may leave by tunnels of the BVI's own group
    run.shg = 0 if tx == TX_FROM_BVI else interface.shg
    run.next_index = feature_slot(n.nexts, run.features)


cdef uint16_t treat_group(l2_node_t* n, buffer_t* b, run_t* run) noexcept nogil:
    """A frame to a group is flooded, by the interface's group; only the BVI's ARP requests reach that group too."""
    cdef l2_main_t* m = n.main
    cdef uint8_t* l3 = buffer_current(b) + b.u.l2.l2_len
    cdef uint32_t off = m.bits.forward | m.bits.unknown_flood | m.bits.unknown_forward
    cdef uint16_t ethertype
    memcpy(&ethertype, l3 - 2, 2)
    ethertype = swap16(ethertype)
    b.u.l2.shg = m.interfaces[run.rx].shg
    if ethertype == ETHERTYPE_ARP:
        if run.tx == TX_FROM_BVI and swap16((<arp_header_t*> l3).opcode) == ARP_REQUEST:
            b.u.l2.shg = 0
    elif ethertype != ETHERTYPE_IP6 or l3[PROTOCOL_AT] != ICMP6:
        off |= m.bits.arp_term
    b.u.l2.feature_bitmap = run.features & ~off
    return feature_slot(n.nexts, b.u.l2.feature_bitmap)


cdef void l2_input(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef l2_node_t* n = <l2_node_t*> node.main
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i
    cdef run_t run
    cdef buffer_t* b = get_buffer(w, frame.indices[0])
    if frame.flags & FRAME_TRACE:
        trace_frames(w, node, frame, SW_IF_INDEX_RX)
    begin_run(n, &run, b.sw_if_index[SW_IF_INDEX_RX], b.sw_if_index[SW_IF_INDEX_TX])
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        if b.sw_if_index[SW_IF_INDEX_RX] != run.rx or b.sw_if_index[SW_IF_INDEX_TX] != run.tx:
            begin_run(n, &run, b.sw_if_index[SW_IF_INDEX_RX], b.sw_if_index[SW_IF_INDEX_TX])
        if run.connected:
            b.sw_if_index[SW_IF_INDEX_TX] = run.peer
        b.u.l2.bd_index, b.u.l2.l2fib_sn, b.u.l2.bd_age = run.bd_index, run.sn, run.mac_age
        if buffer_current(b)[0] & 1:
            nexts[i] = treat_group(n, b, &run)
        else:
            b.u.l2.feature_bitmap, b.u.l2.shg = run.features, run.shg
            nexts[i] = run.next_index
    count_error(w, node, ERROR_PACKETS, frame.n_vectors)
    enqueue_frame(w, node, frame, nexts)


def register(L2State l2):
    l2.register_node("l2-input", l2_input, True, NEXTS, ERRORS, INPUT_FORMAT)
