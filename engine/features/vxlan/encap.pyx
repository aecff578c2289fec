"""vxlan4-encap: a frame that leaves by a tunnel becomes a UDP packet to the tunnel's far end (RFC 7348)."""

from libc.stdint cimport uint16_t, uint32_t, uint64_t

from ...core.buffer cimport (
    BUFFER_HEADROOM,
    SW_IF_INDEX_TX,
    buffer_advance,
    buffer_current,
    buffer_length,
    buffer_t,
    prefetch_write,
)
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
from ...net.ethernet.flow_hash cimport frame_flow_hash
from ...wire.checksum cimport checksum_fold, checksum_replace
from ...wire.headers cimport ip4_header_t, swap16
from .vxlan cimport NO_TUNNEL, VxlanState, outer_t, tunnel_at, vxlan_main_t, vxlan_tunnel_t

from .trace import ENCAP_FORMAT

NEXTS = ("error-drop",)
ERRORS = ("good packets encapsulated", "no room for another header")

cdef enum:
    NEXT_DROP = 0
    ERROR_ENCAPSULATED = 0
    ERROR_NO_ROOM = 1
    LOWEST_START = <int> sizeof(outer_t) - BUFFER_HEADROOM

ctypedef struct encap_trace_t:
    uint32_t tunnel
    uint32_t vni

# What the packets of one tunnel have in common, and what is counted of them
ctypedef struct run_t:
    vxlan_tunnel_t* tunnel
    uint32_t index
    uint32_t sw_if_index
    uint64_t packets
    uint64_t bytes


cdef inline void begin_run(vxlan_main_t* m, run_t* run, uint32_t sw_if_index) noexcept nogil:
    run.sw_if_index, run.packets, run.bytes = sw_if_index, 0, 0
    run.index = m.by_interface[sw_if_index] if sw_if_index < m.n_interfaces else <uint32_t> NO_TUNNEL
    run.tunnel = tunnel_at(m, run.index) if run.index != NO_TUNNEL else NULL


cdef inline void end_run(worker_t* w, run_t* run) noexcept nogil:
    w.interface_counters[run.sw_if_index].tx.packets += run.packets
    w.interface_counters[run.sw_if_index].tx.bytes += run.bytes


cdef inline void encapsulate(buffer_t* b, vxlan_tunnel_t* tunnel, uint32_t hash) noexcept nogil:
    """Put the outer header in front. The source port is the low half of the flow's hash, as it lies in memory."""
    cdef outer_t* outer
    cdef uint32_t length
    buffer_advance(b, -<int> sizeof(outer_t))
    length = buffer_length(b)
    outer = <outer_t*> buffer_current(b)
    outer[0] = tunnel.outer
    outer.ip.length = swap16(<uint16_t> length)
    outer.ip.checksum = checksum_fold(checksum_replace(tunnel.outer.ip.checksum, 0, outer.ip.length))
    outer.udp.length = swap16(<uint16_t> (length - sizeof(ip4_header_t)))
    outer.udp.src_port = <uint16_t> hash
    b.u.ip.adj_index_tx = tunnel.encap_index


cdef void trace_encap(worker_t* w, node_t* node, buffer_t* b, run_t* run) noexcept nogil:
    cdef encap_trace_t* entry = <encap_trace_t*> trace_add(w, node, b, sizeof(encap_trace_t))
    entry.tunnel, entry.vni = run.index, run.tunnel.vni


cdef uint16_t no_room(buffer_t* b, node_t* node) noexcept nogil:
    set_error(b, node, ERROR_NO_ROOM)
    return NEXT_DROP


cdef void vxlan4_encap(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef vxlan_main_t* m = <vxlan_main_t*> node.main
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t hashes[FRAME_SIZE]
    cdef uint32_t i
    cdef run_t run
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        prefetch_write(buffer_current(b) - sizeof(outer_t))
        hashes[i] = frame_flow_hash(b)
    begin_run(m, &run, get_buffer(w, frame.indices[0]).sw_if_index[SW_IF_INDEX_TX])
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        if b.sw_if_index[SW_IF_INDEX_TX] != run.sw_if_index:
            end_run(w, &run)
            begin_run(m, &run, b.sw_if_index[SW_IF_INDEX_TX])
        if run.tunnel == NULL or b.current_data < LOWEST_START:
            nexts[i] = no_room(b, node)
            continue
        encapsulate(b, run.tunnel, hashes[i])
        nexts[i] = run.tunnel.encap_next
        run.packets += 1
        run.bytes += buffer_length(b)
        if frame.flags & FRAME_TRACE and is_traced(b):
            trace_encap(w, node, b, &run)
    end_run(w, &run)
    count_error(w, node, ERROR_ENCAPSULATED, frame.n_vectors)
    enqueue_frame(w, node, frame, nexts)


def register(VxlanState vxlan):
    vxlan.graph.register("vxlan4-encap", vxlan4_encap, &vxlan.main, "internal", NEXTS, ERRORS, None, None,
                         ENCAP_FORMAT, 0)
