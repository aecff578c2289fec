"""vxlan4-input: a UDP packet to port 4789 becomes the frame in it, which came in by the tunnel (RFC 7348)."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from ...core.buffer cimport SW_IF_INDEX_RX, buffer_advance, buffer_current, buffer_length, buffer_t
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
from ...core.trace cimport is_traced, trace_add
from ...net.ethernet.l2_length cimport set_l2_length
from ...net.fib.fib cimport buffer_fib_index
from ...tables.bihash cimport bihash_hash, bihash_search
from ...wire.headers cimport ethernet_header_t, ip4_header_t, swap32, udp_header_t
from .vxlan cimport (
    NO_TUNNEL,
    VXLAN_FLAGS,
    VxlanState,
    outer_key,
    tunnel_at,
    vxlan_header_t,
    vxlan_main_t,
    vxlan_tunnel_t,
)

from .trace import INPUT_FORMAT

NEXTS = ("error-drop", "l2-input")
ERRORS = ("good packets decapsulated", "no such tunnel packets", "packets with bad flags field in vxlan header")

cdef enum:
    NEXT_DROP = 0
    ERROR_DECAPSULATED = 0
    ERROR_NO_TUNNEL = 1
    ERROR_BAD_FLAGS = 2
    OUTER_BEFORE = sizeof(ip4_header_t) + sizeof(udp_header_t)
    LEAST = sizeof(vxlan_header_t) + sizeof(ethernet_header_t)

ctypedef struct decap_trace_t:
    uint32_t tunnel             # NO_TUNNEL: none takes it
    uint32_t vni
    uint32_t next_index
    uint32_t error

# The tunnel of the packet before: most packets of a frame have the same
ctypedef struct last_t:
    uint64_t key[2]
    uint32_t index


cdef uint32_t find_tunnel(vxlan_main_t* m, last_t* last, uint64_t* key) noexcept nogil:
    """Index of a key's tunnel, which is remembered; NO_TUNNEL for none."""
    cdef uint64_t index = NO_TUNNEL
    bihash_search(&m.by_key, key, bihash_hash(key, 2), 2, &index)
    last.key[0], last.key[1], last.index = key[0], key[1], <uint32_t> index
    return last.index


cdef inline uint32_t tunnel_of(vxlan_main_t* m, last_t* last, buffer_t* b) noexcept nogil:
    cdef ip4_header_t* ip = <ip4_header_t*> (buffer_current(b) - OUTER_BEFORE)
    cdef uint32_t vni = swap32((<vxlan_header_t*> buffer_current(b)).vni_reserved) >> 8
    cdef uint64_t key[2]
    outer_key(key, ip.dst, ip.src, buffer_fib_index(m.fib, b), vni)
    if key[0] == last.key[0] and key[1] == last.key[1]:
        return last.index
    return find_tunnel(m, last, key)


cdef inline uint32_t check(vxlan_main_t* m, last_t* last, buffer_t* b, uint32_t* index) noexcept nogil:
    """The error of a packet, and the index of its tunnel."""
    if b.current_length < LEAST or (<vxlan_header_t*> buffer_current(b)).flags != VXLAN_FLAGS:
        index[0] = NO_TUNNEL
        return ERROR_BAD_FLAGS
    index[0] = tunnel_of(m, last, b)
    return ERROR_NO_TUNNEL if index[0] == NO_TUNNEL else ERROR_DECAPSULATED


cdef void trace_decap(worker_t* w, node_t* node, buffer_t* b, uint32_t vni, uint32_t index, uint16_t next_index,
                      uint32_t error) noexcept nogil:
    cdef decap_trace_t* entry = <decap_trace_t*> trace_add(w, node, b, sizeof(decap_trace_t))
    entry.tunnel, entry.vni, entry.next_index, entry.error = index, vni, next_index, error


cdef inline void decapsulate(worker_t* w, buffer_t* b, vxlan_tunnel_t* tunnel) noexcept nogil:
    buffer_advance(b, sizeof(vxlan_header_t))
    set_l2_length(b)
    b.sw_if_index[SW_IF_INDEX_RX] = tunnel.sw_if_index
    w.interface_counters[tunnel.sw_if_index].rx.packets += 1
    w.interface_counters[tunnel.sw_if_index].rx.bytes += buffer_length(b)


cdef void vxlan4_input(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef vxlan_main_t* m = <vxlan_main_t*> node.main
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i, index, error, vni, n_good = 0
    cdef last_t last
    cdef buffer_t* b
    last.key[0] = last.key[1] = 0
    last.index = NO_TUNNEL
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        vni = swap32((<vxlan_header_t*> buffer_current(b)).vni_reserved) >> 8
        error = check(m, &last, b, &index)
        nexts[i] = NEXT_DROP
        if error == ERROR_DECAPSULATED:
            nexts[i] = tunnel_at(m, index).decap_next
            decapsulate(w, b, tunnel_at(m, index))
            n_good += 1
        else:
            set_error(b, node, error)
        if frame.flags & FRAME_TRACE and is_traced(b):
            trace_decap(w, node, b, vni, index, nexts[i], error)
    count_error(w, node, ERROR_DECAPSULATED, n_good)
    enqueue_frame(w, node, frame, nexts)


def register(VxlanState vxlan):
    vxlan.graph.register("vxlan4-input", vxlan4_input, &vxlan.main, "internal", NEXTS, ERRORS, None, None,
                         INPUT_FORMAT, 0)
