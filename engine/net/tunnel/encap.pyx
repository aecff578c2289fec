"""vxlan4-encap and geneve4-encap: a frame that leaves by a tunnel becomes a UDP packet to the tunnel's far end."""

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
    FRAME_OFFLOAD,
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
from ...wire.checksum cimport checksum_fold, checksum_replace
from ...wire.headers cimport ethernet_header_t, ip4_header_t, swap16
from ..ethernet.flow_hash cimport frame_flow_hash
from ..offload.offload cimport resolve_offloads
from .tunnel cimport NO_TUNNEL, TunnelState, outer_t, tunnel_at, tunnel_main_t, tunnel_of_interface, tunnel_t

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
    tunnel_t* tunnel
    uint32_t index
    uint32_t sw_if_index
    uint64_t packets
    uint64_t bytes


cdef inline void begin_run(tunnel_main_t* m, run_t* run, uint32_t sw_if_index) noexcept nogil:
    run.sw_if_index, run.packets, run.bytes = sw_if_index, 0, 0
    run.index = tunnel_of_interface(m, sw_if_index)
    run.tunnel = tunnel_at(m, run.index) if run.index != NO_TUNNEL else NULL


cdef inline void end_run(worker_t* w, run_t* run) noexcept nogil:
    w.interface_counters[run.sw_if_index].tx.packets += run.packets
    w.interface_counters[run.sw_if_index].tx.bytes += run.bytes


cdef inline void encapsulate(buffer_t* b, tunnel_t* tunnel, uint32_t hash) noexcept nogil:
    """Put the outer headers in front. The source port is the low half of the flow's hash, as it lies in memory,
    or the one port the tunnel sends from.
    """
    cdef outer_t* outer
    cdef uint32_t length
    buffer_advance(b, -<int> sizeof(outer_t))
    length = buffer_length(b)
    outer = <outer_t*> buffer_current(b)
    outer[0] = tunnel.outer
    outer.ip.length = swap16(<uint16_t> length)
    outer.ip.checksum = checksum_fold(checksum_replace(tunnel.outer.ip.checksum, 0, outer.ip.length))
    outer.udp.length = swap16(<uint16_t> (length - sizeof(ip4_header_t)))
    outer.udp.src_port |= <uint16_t> hash & tunnel.port_mask
    b.u.ip.adj_index_tx = tunnel.encap_index


cdef void trace_encap(worker_t* w, node_t* node, buffer_t* b, run_t* run) noexcept nogil:
    cdef encap_trace_t* entry = <encap_trace_t*> trace_add(w, node, b, sizeof(encap_trace_t))
    entry.tunnel, entry.vni = run.index, run.tunnel.vni


cdef void note_routed(tunnel_main_t* m, buffer_t* b) noexcept nogil:
    """A frame that ip4-rewrite made has no length of its Ethernet header noted, as those from a bridge have."""
    cdef uint32_t index = tunnel_of_interface(m, b.sw_if_index[SW_IF_INDEX_TX])
    if index != NO_TUNNEL and tunnel_at(m, index).routed:
        b.u.l2.l2_len = sizeof(ethernet_header_t)


cdef uint16_t no_room(buffer_t* b, node_t* node) noexcept nogil:
    set_error(b, node, ERROR_NO_ROOM)
    return NEXT_DROP


cdef void encap(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef tunnel_main_t* m = <tunnel_main_t*> node.main
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t hashes[FRAME_SIZE]
    cdef uint32_t i
    cdef run_t run
    cdef buffer_t* b
    if frame.flags & FRAME_OFFLOAD:
        resolve_offloads(w, node, frame, False)
        return
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        prefetch_write(buffer_current(b) - sizeof(outer_t))
        if m.n_routed:
            note_routed(m, b)
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


def register(TunnelState tunnels, str name, trace_format):
    tunnels.graph.register(name, encap, &tunnels.main, "internal", NEXTS, ERRORS, None, None, trace_format, 0)
