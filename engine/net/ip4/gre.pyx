"""gre4-input: GRE to the vswitch itself. There are no GRE tunnels, so every packet is for an unknown one."""

from libc.stdint cimport uint32_t

from ...core.buffer cimport buffer_current, buffer_t
from ...core.graph cimport FRAME_TRACE, enqueue_frame_to, frame_t, get_buffer, node_t, set_error, worker_t
from ...core.trace cimport is_traced, trace_add
from ...wire.headers cimport ip4_header_t, swap16
from .ip4 cimport Ip4

from .trace import GRE_FORMAT

cdef enum:
    NEXT_DROP = 1
    ERROR_NO_SUCH_TUNNEL = 5
    PROTOCOL_GRE = 47

NEXTS = ("error-punt", "error-drop")
ERRORS = ("no error", "unknown protocol", "unsupported version", "GRE input packets decapsulated",
          "GRE output packets encapsulated", "GRE input packets dropped due to missing tunnel")

ctypedef struct gre_trace_t:
    uint32_t length
    uint32_t src                # network order
    uint32_t dst


cdef void trace_packet(worker_t* w, node_t* node, buffer_t* b) noexcept nogil:
    cdef ip4_header_t* ip = <ip4_header_t*> buffer_current(b)
    cdef gre_trace_t* entry = <gre_trace_t*> trace_add(w, node, b, sizeof(gre_trace_t))
    entry.length, entry.src, entry.dst = swap16(ip.length), ip.src, ip.dst


cdef void gre4_input(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef uint32_t i
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        set_error(b, node, ERROR_NO_SUCH_TUNNEL)
        if frame.flags & FRAME_TRACE and is_traced(b):
            trace_packet(w, node, b)
    enqueue_frame_to(w, node, frame, NEXT_DROP)


def register(Ip4 ip4):
    ip4.graph.register("gre4-input", gre4_input, &ip4.main, "internal", NEXTS, ERRORS, None, None, GRE_FORMAT, 0)
    ip4.register_protocol(PROTOCOL_GRE, "gre4-input")
