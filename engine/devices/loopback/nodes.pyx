"""Loopback interfaces: what leaves by one comes in again on it."""

from libc.stdint cimport uint32_t, uint64_t

from ...core.buffer cimport SW_IF_INDEX_RX, SW_IF_INDEX_TX, buffer_length, buffer_t
from ...core.capture cimport CAPTURE_RX, capture_frame
from ...core.graph cimport NO_INDEX, enqueue_frame_to, frame_t, get_buffer, node_t, worker_t
from ...net.ethernet.l2_length cimport set_l2_length
from ...net.interface.interface cimport (
    INTERFACE_BVI,
    INTERFACE_L2,
    Interfaces,
    interface_main_t,
    interface_t,
)

from ...errors import ControlError

# Next indices of every NAME-tx
cdef enum:
    NEXT_L2_INPUT = 1
    NEXT_ETHERNET_INPUT = 2

cdef enum:
    TX_FROM_BVI = 0xfffffffeU   # sw_if_index[TX] by which l2-input knows a frame of the BVI


cdef void loopback_tx(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """loopN-tx: into the bridge, or in again. As in VPP it counts once more what loopN-output has counted already."""
    cdef interface_t* interface = &(<interface_main_t*> node.main).interfaces[node.runtime]
    cdef bint bridged = interface.flags & INTERFACE_L2 != 0
    cdef uint32_t i, tx = TX_FROM_BVI if interface.flags & INTERFACE_BVI else <uint32_t> NO_INDEX
    cdef uint64_t n_bytes = 0
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        n_bytes += buffer_length(b)
        b.sw_if_index[SW_IF_INDEX_RX] = node.runtime
        b.sw_if_index[SW_IF_INDEX_TX] = tx
        if bridged:
            set_l2_length(b)
    w.interface_counters[node.runtime].tx.packets += frame.n_vectors
    w.interface_counters[node.runtime].tx.bytes += n_bytes
    capture_frame(w, CAPTURE_RX, node.runtime, frame.indices, frame.n_vectors)
    enqueue_frame_to(w, node, frame, NEXT_L2_INPUT if bridged else NEXT_ETHERNET_INPUT)


cdef class Loopbacks:
    """Loopback interfaces of a vswitch."""

    cdef Interfaces interfaces
    cdef uint32_t lowest        # no number below it is free

    def __cinit__(self, Interfaces interfaces):
        self.interfaces = interfaces
        self.lowest = 0
        interfaces.observe(self)

    def create(self, mac=None, instance=None) -> str:
        """loopN, admin down, link up. Returns its name.

        mac: 6 bytes, None is de:ad:00:00:00:NN. instance: N; None takes the lowest that is free.
        Raises ControlError when the instance is taken.
        """
        by_name = self.interfaces.by_name
        if instance is None:
            while f"loop{self.lowest}" in by_name:
                self.lowest += 1
            instance = self.lowest
        if f"loop{instance}" in by_name:
            raise ControlError("vnet_create_loopback_interface failed")
        mac = mac or b"\xde\xad\0\0" + (instance & 0xffff).to_bytes(2, "big")
        return self.interfaces.create(f"loop{instance}", "loopback", mac, True, 9000, "",
                                      loopback_tx, &self.interfaces.main, None).name

    def interface_deleted(self, interface):
        """Its number is free again."""
        if interface.kind == "loopback":
            self.lowest = min(self.lowest, <uint32_t> int(interface.name.removeprefix("loop")))
