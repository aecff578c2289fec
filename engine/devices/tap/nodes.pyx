"""virtio-input, the node that receives for taps, and detached taps, which have no kernel device."""

from libc.stdint cimport uint32_t

from ...core.graph cimport (
    FRAME_SIZE,
    Graph,
    enqueue_same,
    frame_t,
    get_buffer,
    node_function_t,
    node_t,
    worker_t,
)
from ...core.trace cimport trace_add, trace_mark, wants_trace
from ...net.interface.interface cimport Interfaces
from ..buffer_trace cimport zero_tail
from ..feed cimport Detached, detached_tx, feed_frame, feed_main_t, feed_t

from ..input import INPUT_NEXT_NODES
from .trace import INPUT_FORMAT

cdef enum:
    NEXT_ETHERNET_INPUT = 4


ctypedef struct virtio_trace_t:
    uint32_t hw_if_index
    uint32_t next_index
    uint32_t length


cdef uint32_t trace_frame(worker_t* w, node_t* node, feed_t* feed, uint32_t* indices, uint32_t n) noexcept nogil:
    cdef uint32_t i, flags = 0
    cdef virtio_trace_t* entry
    for i in range(n):
        if trace_mark(w, node, get_buffer(w, indices[i])) == 0:
            continue
        flags = 1
        zero_tail(get_buffer(w, indices[i]))
        entry = <virtio_trace_t*> trace_add(w, node, get_buffer(w, indices[i]), sizeof(virtio_trace_t))
        entry.hw_if_index, entry.next_index = feed.hw_if_index, NEXT_ETHERNET_INPUT
        entry.length = get_buffer(w, indices[i]).current_length
    return flags


cdef void virtio_input(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """Take what the ring of one tap holds, up to a frame. `frame` is unused: input nodes have none."""
    cdef feed_main_t* fm = <feed_main_t*> node.main
    cdef uint32_t indices[FRAME_SIZE]
    cdef uint32_t flags = 0, n = feed_frame(w, node, fm.feed, fm.budget, indices)
    if wants_trace(node):
        flags = trace_frame(w, node, fm.feed, indices, n)
    enqueue_same(w, node, indices, n, NEXT_ETHERNET_INPUT, flags)


cdef class Taps:
    """TAP v2 interfaces of a vswitch."""

    cdef Graph graph
    cdef Interfaces interfaces
    cdef feed_main_t main
    cdef object random_mac

    def __cinit__(self, Graph graph, Interfaces interfaces, random_mac):
        self.graph, self.interfaces, self.random_mac = graph, interfaces, random_mac
        graph.register("virtio-input", virtio_input, &self.main, "input", INPUT_NEXT_NODES, ("unknown",),
                       None, None, INPUT_FORMAT, 0)

    def create(self, tap_id=None, mac=None) -> str:
        """A detached tap, admin down, link up. Returns its name, tapN.

        tap_id: N; None takes the lowest that is free. mac: 6 bytes, None makes one (02:fe and four more).
        Raises ControlError when the number is taken.
        """
        cdef Detached device = Detached()
        if tap_id is None:
            tap_id = next(n for n in range(len(self.interfaces.by_name) + 1) if f"tap{n}" not in self.interfaces.by_name)
        interface = self.interfaces.create(f"tap{tap_id}", "tap", mac or self.random_mac(), True, 9000,
                                           "virtio-input", detached_tx, &device.feed, None)
        device.attach(interface, self.graph.by_name["virtio-input"].index)
        return interface.name
