"""geneve4-input: a UDP packet to port 6081 becomes what is in it, which came in by the tunnel (RFC 8926).

Options are skipped unread, critical ones too, as VPP does. Beyond VPP, which takes everything for an Ethernet frame:
IP packets go to the IP nodes, and a header that says it is longer than the packet is refused.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t

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
    tunnel_main_t,
    tunnel_of,
    tunnel_t,
)
from ...wire.headers cimport ETHERTYPE_IP4, ETHERTYPE_IP6, ethernet_header_t, swap16

from .trace import INPUT_FORMAT

NEXTS = ("error-drop", "l2-input", "ip4-input", "ip6-input")
ERRORS = ("good packets decapsulated", "no such tunnel packets", "packets with bad flags field in geneve header",
          "packets with bad length in geneve header")

cdef enum:
    NEXT_DROP = 0
    NEXT_IP4 = 2
    NEXT_IP6 = 3
    ERROR_DECAPSULATED = 0
    ERROR_NO_TUNNEL = 1
    ERROR_BAD_FLAGS = 2
    ERROR_BAD_LENGTH = 3
    VERSION = 0xc0              # of the header's first byte; the rest of it is the length of the options, in words
    OPTION_WORDS = 0x3f

ctypedef packed struct geneve_header_t:
    uint8_t version_and_options
    uint8_t flags               # OAM, critical options present
    uint16_t protocol           # ethertype of what follows
    uint32_t vni_reserved       # vni in the upper three bytes


cdef inline uint32_t header_length(geneve_header_t* geneve) noexcept nogil:
    """With its options."""
    return sizeof(geneve_header_t) + 4 * (geneve.version_and_options & OPTION_WORDS)


cdef inline uint32_t check(tunnel_main_t* m, last_tunnel_t* last, buffer_t* b, uint32_t vni,
                           uint32_t* index) noexcept nogil:
    """The error of a packet, and the index of its tunnel. A header cut short belongs to no tunnel, as in VPP."""
    cdef geneve_header_t* geneve = <geneve_header_t*> buffer_current(b)
    index[0] = NO_TUNNEL
    if b.current_length < sizeof(geneve_header_t):
        return ERROR_NO_TUNNEL
    if geneve.version_and_options & VERSION:
        return ERROR_BAD_FLAGS
    index[0] = tunnel_of(m, last, b, vni)
    if index[0] == NO_TUNNEL:
        return ERROR_NO_TUNNEL
    if b.current_length < header_length(geneve) + sizeof(ethernet_header_t):
        return ERROR_BAD_LENGTH
    return ERROR_DECAPSULATED


cdef inline uint16_t enter(worker_t* w, buffer_t* b, tunnel_t* tunnel) noexcept nogil:
    """Next index of what is inside, which now is the packet."""
    cdef geneve_header_t* geneve = <geneve_header_t*> buffer_current(b)
    cdef uint16_t protocol = swap16(geneve.protocol)
    decapsulate(w, b, tunnel, header_length(geneve))
    if protocol == ETHERTYPE_IP4:
        return NEXT_IP4
    if protocol == ETHERTYPE_IP6:
        return NEXT_IP6
    set_l2_length(b)
    return tunnel.decap_next


cdef void geneve4_input(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
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
            nexts[i] = enter(w, b, tunnel_at(m, index))
            n_good += 1
        else:
            set_error(b, node, error)
        if frame.flags & FRAME_TRACE and is_traced(b):
            trace_decap(w, node, b, vni, index, nexts[i], error)
    count_error(w, node, ERROR_DECAPSULATED, n_good)
    enqueue_frame(w, node, frame, nexts)


def register(TunnelState geneve):
    geneve.graph.register("geneve4-input", geneve4_input, &geneve.main, "internal", NEXTS, ERRORS, None, None,
                          INPUT_FORMAT, 0)
