"""Physical interfaces as a DPDK driver serves them: dpdk-input and NAME-tx, here without the card."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from ...core.buffer cimport (
    BUFFER_L2_HDR_OFFSET_VALID,
    BUFFER_L3_HDR_OFFSET_VALID,
    BUFFER_L4_CHECKSUM_COMPUTED,
    BUFFER_L4_CHECKSUM_CORRECT,
    buffer_advance,
    buffer_current,
    buffer_t,
)
from ...core.graph cimport (
    FRAME_SIZE,
    FRAME_TRACE,
    Graph,
    enqueue_buffers,
    frame_t,
    get_buffer,
    node_t,
    worker_t,
)
from ...core.trace cimport wants_trace
from ...net.interface.interface cimport INTERFACE_L2, Interfaces, interface_main_t, interface_t
from ...wire.headers cimport ETHERTYPE_IP4, ethernet_header_t, swap16
from ..buffer_trace cimport trace_received, trace_transmitted
from ..feed cimport Detached, feed_frame, feed_main_t, feed_t, transmit_frame

from ...errors import ControlError
from ..input import INPUT_NEXT_NODES
from .trace import INPUT_FORMAT, TX_FORMAT

cdef enum:
    ETHERNET_HEADER = 14
    NEXT_IP4_INPUT = 1
    NEXT_ETHERNET_INPUT = 4


cdef uint16_t bypass_ethernet(buffer_t* b, const uint8_t* own_mac) noexcept nogil:
    """A card says what it saw: plain IPv4 for its own address needs no ethernet-input."""
    cdef ethernet_header_t* ethernet = <ethernet_header_t*> buffer_current(b)
    cdef uint64_t dst = 0, mac = 0
    memcpy(&dst, ethernet.dst, 6)
    memcpy(&mac, own_mac, 6)
    if b.current_length < ETHERNET_HEADER or swap16(ethernet.type) != ETHERTYPE_IP4 or dst != mac:
        return NEXT_ETHERNET_INPUT
    b.l2_hdr_offset = 0
    b.l3_hdr_offset = ETHERNET_HEADER
    b.flags |= (BUFFER_L2_HDR_OFFSET_VALID | BUFFER_L3_HDR_OFFSET_VALID | BUFFER_L4_CHECKSUM_COMPUTED
                | BUFFER_L4_CHECKSUM_CORRECT)
    buffer_advance(b, ETHERNET_HEADER)
    return NEXT_IP4_INPUT


cdef void dpdk_input(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """Take what the card's ring holds, up to a frame. `frame` is unused: input nodes have none."""
    cdef feed_main_t* fm = <feed_main_t*> node.main
    cdef interface_main_t* im = <interface_main_t*> fm.interfaces
    cdef uint32_t indices[FRAME_SIZE]
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i, flags = 0, n = feed_frame(w, node, fm.feed, fm.budget, indices)
    cdef interface_t* interface = &im.interfaces[fm.feed.sw_if_index]
    cdef bint l2 = (interface.flags & INTERFACE_L2) != 0
    for i in range(n):
        nexts[i] = NEXT_ETHERNET_INPUT if l2 else bypass_ethernet(get_buffer(w, indices[i]), interface.mac)
    if wants_trace(node):
        flags = trace_received(w, node, fm.feed, indices, n)
    enqueue_buffers(w, node, indices, nexts, n, flags)


cdef void dpdk_tx(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef feed_t* feed = <feed_t*> node.main
    if frame.flags & FRAME_TRACE:
        trace_transmitted(w, node, feed, frame)
    transmit_frame(w, feed, frame)


cdef class Physicals:
    """Network cards of a vswitch, without the cards: their frames come from captures."""

    cdef Graph graph
    cdef Interfaces interfaces
    cdef feed_main_t main
    cdef object random_mac

    def __cinit__(self, Graph graph, Interfaces interfaces, random_mac):
        self.graph, self.interfaces, self.random_mac = graph, interfaces, random_mac
        self.main.interfaces = &interfaces.main
        graph.register("dpdk-input", dpdk_input, &self.main, "input", INPUT_NEXT_NODES, ("no error",),
                       None, None, INPUT_FORMAT, 0)

    def create(self, str name, mac=None) -> str:
        """A card by its VPP name, e.g. GigabitEthernet0/8/0; admin down. mac: 6 bytes, None makes one.

        Raises ControlError for a name that is taken or cannot be one.
        """
        cdef Detached device = Detached()
        if not name or len(name) > 63 or any(c.isspace() for c in name):
            raise ControlError(f"{name!r} is no name for an interface")
        interface = self.interfaces.create(name, "physical", mac or self.random_mac(), True, 9000,
                                           "dpdk-input", dpdk_tx, &device.feed, TX_FORMAT)
        device.attach(interface, self.graph.by_name["dpdk-input"].index)
        return interface.name
