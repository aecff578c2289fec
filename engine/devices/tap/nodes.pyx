"""virtio-input, the node that receives for taps; taps of the kernel's, and detached ones for replays."""

from libc.stdint cimport uint32_t

from ...core.graph cimport (
    FRAME_SIZE,
    Graph,
    enqueue_same,
    frame_t,
    node_t,
    worker_t,
)
from ...core.trace cimport wants_trace
from ...net.interface.interface cimport Interface, Interfaces
from ...net.offload.offload cimport OFFLOAD_CHECKSUM, OFFLOAD_SEGMENT
from ..feed cimport Detached, detached_tx, feed_frame, feed_main_t
from .device cimport Tap
from .record cimport NEXT_ETHERNET_INPUT, NO_QUEUE, trace_received
from .transmit cimport tap_tx

from ...errors import ControlError
from ..input import INPUT_NEXT_NODES
from .host import HostSide, create
from .trace import INPUT_FORMAT

DEFAULT_MTU = 9000


cdef void virtio_input(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """Take what the ring of one tap holds, up to a frame. `frame` is unused: input nodes have none."""
    cdef feed_main_t* fm = <feed_main_t*> node.main
    cdef uint32_t indices[FRAME_SIZE]
    cdef uint32_t flags = 0, n = feed_frame(w, node, fm.feed, fm.budget, indices)
    if wants_trace(node):
        flags = trace_received(w, node, fm.feed, NO_QUEUE, indices, n)
    enqueue_same(w, node, indices, n, NEXT_ETHERNET_INPUT, flags)


cdef class Taps:
    """TAP v2 interfaces of a vswitch. In a live engine they are taps of the kernel's, otherwise detached."""

    cdef Graph graph
    cdef Interfaces interfaces
    cdef feed_main_t main
    cdef object random_mac, live
    cdef list open_taps

    def __cinit__(self, Graph graph, Interfaces interfaces, random_mac, live):
        self.graph, self.interfaces, self.random_mac, self.live = graph, interfaces, random_mac, live
        self.open_taps = []
        graph.register("virtio-input", virtio_input, &self.main, "input", INPUT_NEXT_NODES, ("unknown",),
                       None, None, INPUT_FORMAT, 0)
        interfaces.observe(self)
        live.at_close(self.close)

    def create(self, tap_id=None, mac=None, host=None, queues=1) -> str:
        """A tap, admin down, link up. Returns its name, tapN.

        tap_id: N; None takes the lowest that is free. mac: 6 bytes, None makes one (02:fe and four more).
        host: the HostSide of a live engine's tap; None is an interface called tapN in the engine's own namespace.
        queues: file descriptors it is read by. Raises ControlError when the number is taken or the tap cannot be made.
        """
        cdef Detached device
        name, mac = f"tap{self.free_id() if tap_id is None else tap_id}", mac or self.random_mac()
        if self.live.running:
            return self.create_live(name, mac, host or HostSide(name), queues)
        device = Detached()
        interface = self.interfaces.create(name, "tap", mac, True, DEFAULT_MTU, "virtio-input", detached_tx,
                                           &device.feed, None)
        device.attach(interface, self.graph.by_name["virtio-input"].index)
        return interface.name

    def free_id(self) -> int:
        """The lowest number that no tap has."""
        by_name = self.interfaces.by_name
        return next(n for n in range(len(by_name) + 1) if f"tap{n}" not in by_name)

    def create_live(self, str name, bytes mac, host, queues) -> str:
        cdef Tap device = Tap()
        cdef Interface interface
        if name in self.interfaces.by_name:
            raise ControlError("interface already exists")
        fds = create(host, queues)
        workers = [self.live.workers[i % len(self.live.workers)] for i in range(queues)]
        try:
            device.open(fds, host, workers)
            interface = self.interfaces.create(name, "tap", mac, True, DEFAULT_MTU, "virtio-input", tap_tx,
                                               &device.tap, None)
        except BaseException:
            device.close()
            raise
        device.attach(interface, self.graph.by_name["virtio-input"].index)
        self.interfaces.set_offloads(interface, OFFLOAD_CHECKSUM | OFFLOAD_SEGMENT if host.gso else 0)
        self.open_taps.append(device)
        return interface.name

    def interface_changed(self, Interface interface):
        """An interface that is down receives nothing: its frames wait in the kernel."""
        if isinstance(interface.device, Tap):
            interface.device.serve(interface.admin_up)

    def interface_deleted(self, Interface interface):
        """With the interface goes the host's side."""
        if isinstance(interface.device, Tap):
            interface.device.close()
            self.open_taps.remove(interface.device)

    def close(self):
        """The engine ends: all host sides go."""
        for device in self.open_taps:
            device.close()
        self.open_taps.clear()
