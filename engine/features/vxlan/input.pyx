"""vxlan4-input: a UDP packet to port 4789 becomes the frame in it, which came in by the tunnel (RFC 7348)."""

from libc.stdint cimport uint16_t, uint32_t

from ...core.buffer cimport buffer_current, buffer_t
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
from ...core.trace cimport is_traced
from ...net.ethernet.l2_length cimport set_l2_length
from ...net.tunnel.tunnel cimport (
    NO_TUNNEL,
    TunnelState,
    decapsulate,
    header_vni,
    last_tunnel_t,
    no_tunnel_yet,
    trace_decap,
    tunnel_at,
    tunnel_header_t,
    tunnel_main_t,
    tunnel_of,
)
from ...wire.headers cimport ethernet_header_t

from .trace import INPUT_FORMAT

NEXTS = ("error-drop", "l2-input")
ERRORS = ("good packets decapsulated", "no such tunnel packets", "packets with bad flags field in vxlan header")

cdef enum:
    NEXT_DROP = 0
    ERROR_DECAPSULATED = 0
    ERROR_NO_TUNNEL = 1
    ERROR_BAD_FLAGS = 2
    VNI_VALID = 0x08            # in the header's first byte; nothing else may be set
    LEAST = sizeof(tunnel_header_t) + sizeof(ethernet_header_t)


cdef inline uint32_t check(tunnel_main_t* m, last_tunnel_t* last, buffer_t* b, uint32_t vni,
                           uint32_t* index) noexcept nogil:
    """The error of a packet, and the index of its tunnel."""
    if b.current_length < LEAST or buffer_current(b)[0] != VNI_VALID:
        index[0] = NO_TUNNEL
        return ERROR_BAD_FLAGS
    index[0] = tunnel_of(m, last, b, vni)
    return ERROR_NO_TUNNEL if index[0] == NO_TUNNEL else ERROR_DECAPSULATED


cdef void vxlan4_input(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef tunnel_main_t* m = <tunnel_main_t*> node.main
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i, index, error, vni, n_good = 0
    cdef last_tunnel_t last
    cdef buffer_t* b
    no_tunnel_yet(&last)
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        vni = header_vni(b)
        error = check(m, &last, b, vni, &index)
        nexts[i] = NEXT_DROP
        if error == ERROR_DECAPSULATED:
            nexts[i] = tunnel_at(m, index).decap_next
            decapsulate(w, b, tunnel_at(m, index), sizeof(tunnel_header_t))
            set_l2_length(b)
            n_good += 1
        else:
            set_error(b, node, error)
        if frame.flags & FRAME_TRACE and is_traced(b):
            trace_decap(w, node, b, vni, index, nexts[i], error)
    count_error(w, node, ERROR_DECAPSULATED, n_good)
    enqueue_frame(w, node, frame, nexts)


def register(TunnelState vxlan):
    vxlan.graph.register("vxlan4-input", vxlan4_input, &vxlan.main, "internal", NEXTS, ERRORS, None, None,
                         INPUT_FORMAT, 0)
