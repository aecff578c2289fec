"""Packet-generator interfaces: pg-input, and pgN-tx, which prints the buffer it sends."""

from libc.stdint cimport uint32_t

from ...core.graph cimport (
    FRAME_SIZE,
    FRAME_TRACE,
    Graph,
    enqueue_same,
    frame_t,
    node_t,
    worker_t,
)
from ...core.trace cimport wants_trace
from ...net.interface.interface cimport Interfaces
from ..buffer_trace cimport trace_received, trace_transmitted
from ..feed cimport Detached, feed_frame, feed_main_t, feed_t, transmit_frame

from ..input import INPUT_NEXT_NODES
from .trace import INPUT_FORMAT, TX_FORMAT

cdef enum:
    NEXT_ETHERNET_INPUT = 4


cdef void pg_input(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """Take the next frames of one interface's stream. `frame` is unused: input nodes have none."""
    cdef feed_main_t* fm = <feed_main_t*> node.main
    cdef uint32_t indices[FRAME_SIZE]
    cdef uint32_t flags = 0, n = feed_frame(w, node, fm.feed, fm.budget, indices)
    if wants_trace(node):
        flags = trace_received(w, node, fm.feed, indices, n)
    enqueue_same(w, node, indices, n, NEXT_ETHERNET_INPUT, flags)


cdef void pg_tx(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef feed_t* feed = <feed_t*> node.main
    if frame.flags & FRAME_TRACE:
        trace_transmitted(w, node, feed, frame)
    transmit_frame(w, feed, frame)


cdef class Generators:
    """Packet-generator interfaces of a vswitch."""

    cdef Graph graph
    cdef Interfaces interfaces
    cdef feed_main_t main
    cdef object random_mac

    def __cinit__(self, Graph graph, Interfaces interfaces, random_mac):
        self.graph, self.interfaces, self.random_mac = graph, interfaces, random_mac
        graph.register("pg-input", pg_input, &self.main, "input", INPUT_NEXT_NODES, (), None, None, INPUT_FORMAT, 0)

    def create(self, uint32_t number, mac=None) -> str:
        """pgN, admin down. mac: 6 bytes, None makes one. Raises ControlError when the number is taken."""
        cdef Detached device = Detached()
        interface = self.interfaces.create(f"pg{number}", "pg", mac or self.random_mac(), True, 9000,
                                           "pg-input", pg_tx, &device.feed, TX_FORMAT)
        device.attach(interface, self.graph.by_name["pg-input"].index)
        return interface.name
