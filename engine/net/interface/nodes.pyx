"""interface-output, which only finds the interface, and NAME-output, which every interface has one of."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from ...core.buffer cimport BUFFER_GSO, SW_IF_INDEX_TX, buffer_current, buffer_length, buffer_t
from ...core.capture cimport CAPTURE_TX, capture_frame
from ...core.graph cimport (
    FRAME_OFFLOAD,
    FRAME_SIZE,
    FRAME_TRACE,
    Graph,
    enqueue_frame,
    enqueue_frame_to,
    frame_t,
    get_buffer,
    node_t,
    set_error,
    worker_t,
)
from ...core.trace cimport is_traced, trace_add
from ..offload.offload cimport BUFFER_OFFLOADS, OFFLOAD_CHECKSUM, OFFLOAD_SEGMENT, resolve_offloads
from .interface cimport INTERFACE_ADMIN_UP, interface_main_t, interface_t


cdef enum:
    OUTPUT_NEXT_DROP = 0
    OUTPUT_NEXT_TX = 1
    OUTPUT_ERROR_DOWN = 0
    OUTPUT_TRACE_BYTES = 124

OUTPUT_ERRORS = ("interface is down", "interface is deleted")


ctypedef struct output_trace_t:
    uint32_t sw_if_index
    uint8_t data[OUTPUT_TRACE_BYTES]


cdef void trace_output(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef uint32_t i
    cdef buffer_t* b
    cdef output_trace_t* entry
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        if is_traced(b):
            entry = <output_trace_t*> trace_add(w, node, b, sizeof(output_trace_t))
            entry.sw_if_index = b.sw_if_index[SW_IF_INDEX_TX]
            memcpy(entry.data, buffer_current(b), OUTPUT_TRACE_BYTES)


cdef void interface_output(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """Send each packet to NAME-output of the interface it leaves by."""
    cdef interface_main_t* im = <interface_main_t*> node.main
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i
    for i in range(frame.n_vectors):
        nexts[i] = <uint16_t> im.interfaces[get_buffer(w, frame.indices[i]).sw_if_index[SW_IF_INDEX_TX]].output_slot
    enqueue_frame(w, node, frame, nexts)


cdef void drop_all(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef uint32_t i
    for i in range(frame.n_vectors):
        set_error(get_buffer(w, frame.indices[i]), node, OUTPUT_ERROR_DOWN)
    w.interface_counters[node.runtime].tx_error += frame.n_vectors
    enqueue_frame_to(w, node, frame, OUTPUT_NEXT_DROP)


cdef inline void count_sub(worker_t* w, buffer_t* b) noexcept nogil:
    """What leaves by a sub-interface counts for it, and for its parent."""
    w.interface_counters[b.sw_if_index[SW_IF_INDEX_TX]].tx.packets += 1
    w.interface_counters[b.sw_if_index[SW_IF_INDEX_TX]].tx.bytes += buffer_length(b)


cdef bint must_resolve(worker_t* w, interface_t* interface, frame_t* frame) noexcept nogil:
    """Whether a packet of the frame wants more than the device does."""
    cdef uint32_t i, flags = 0, beyond = BUFFER_OFFLOADS
    if interface.offloads & OFFLOAD_SEGMENT:
        return False
    if interface.offloads & OFFLOAD_CHECKSUM:
        beyond = BUFFER_GSO
    for i in range(frame.n_vectors):
        flags |= get_buffer(w, frame.indices[i]).flags
    return flags & beyond != 0


cdef void named_output(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """NAME-output: counts what leaves and hands it to the driver; drops all while the interface is down."""
    cdef interface_main_t* im = <interface_main_t*> node.main
    cdef uint32_t i
    cdef uint64_t n_bytes = 0
    cdef buffer_t* b
    if frame.flags & FRAME_OFFLOAD and must_resolve(w, &im.interfaces[node.runtime], frame):
        resolve_offloads(w, node, frame, False)
        return
    if frame.flags & FRAME_TRACE:
        trace_output(w, node, frame)
    if not im.interfaces[node.runtime].flags & INTERFACE_ADMIN_UP:
        drop_all(w, node, frame)
        return
    capture_frame(w, CAPTURE_TX, node.runtime, frame.indices, frame.n_vectors)
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        n_bytes += buffer_length(b)
        if b.sw_if_index[SW_IF_INDEX_TX] != node.runtime:
            count_sub(w, b)
    w.interface_counters[node.runtime].tx.packets += frame.n_vectors
    w.interface_counters[node.runtime].tx.bytes += n_bytes
    enqueue_frame_to(w, node, frame, OUTPUT_NEXT_TX)


cdef void null_tx(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """local0-tx: nothing can leave by local0."""
    enqueue_frame_to(w, node, frame, 0)


def register(Graph graph):
    """interface-output gets its next indices as interfaces are made."""
    graph.register("interface-output", interface_output, NULL, "internal", ("error-drop",), (), None, None, None, 0)
