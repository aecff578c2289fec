"""ip4-udp-lookup: to the node that has registered the destination port, else ICMP port unreachable."""

from libc.stdint cimport uint16_t, uint32_t
from libc.stdlib cimport calloc, free

from ...core.buffer cimport buffer_advance, buffer_current, buffer_length, buffer_t
from ...core.graph cimport (
    FRAME_SIZE,
    Graph,
    count_error,
    enqueue_frame,
    frame_t,
    get_buffer,
    node_t,
    set_error,
    worker_t,
)
from ...core.trace cimport is_traced, trace_add
from ...wire.headers cimport ICMP_DESTINATION_UNREACHABLE, ip4_header_t, swap16, udp_header_t
from ..ip4.ip4 cimport set_icmp_error

from ...errors import ControlError
from .trace import LOOKUP_FORMAT

cdef enum:
    NEXT_PUNT = 0               # as a port's next index: nobody has registered it
    NEXT_DROP = 1
    NEXT_ICMP_ERROR = 2
    PORT_UNREACHABLE = 3

cdef enum:
    ERROR_NONE = 0
    ERROR_NO_LISTENER = 1
    ERROR_LENGTH = 2

NEXTS = ("error-punt", "error-drop", "ip4-icmp-error")
ERRORS = ("no error", "no listener for dst port", "UDP packets with length errors", "no listener punt")

ctypedef struct udp_trace_t:
    uint16_t src_port           # network order
    uint16_t dst_port
    uint32_t has_listener


cdef void trace_lookup(worker_t* w, node_t* node, buffer_t* b, udp_header_t* udp, bint has_listener) noexcept nogil:
    cdef udp_trace_t* entry = <udp_trace_t*> trace_add(w, node, b, sizeof(udp_trace_t))
    if udp != NULL:
        entry.src_port, entry.dst_port = udp.src_port, udp.dst_port
    entry.has_listener = has_listener


cdef uint16_t find_listener(worker_t* w, node_t* node, buffer_t* b) noexcept nogil:
    """Next index; a packet for a listener begins behind the UDP header then, any other at its IP header."""
    cdef udp_main_t* um = <udp_main_t*> node.main
    cdef uint32_t header_length = ((<ip4_header_t*> buffer_current(b)).version_and_length & 0xf) * 4
    cdef udp_header_t* udp = <udp_header_t*> (buffer_current(b) + header_length)
    cdef uint16_t next_index
    if (b.current_length < header_length + sizeof(udp_header_t)
            or swap16(udp.length) > buffer_length(b) - header_length):
        if is_traced(b):
            trace_lookup(w, node, b, NULL, True)
        set_error(b, node, ERROR_LENGTH)
        return NEXT_DROP
    next_index = um.nexts[swap16(udp.dst_port)]
    if is_traced(b):
        trace_lookup(w, node, b, udp, next_index != NEXT_PUNT)
    if next_index == NEXT_PUNT:
        set_error(b, node, ERROR_NO_LISTENER)
        count_error(w, node, ERROR_NO_LISTENER, 1)
        set_icmp_error(b, ICMP_DESTINATION_UNREACHABLE, PORT_UNREACHABLE, 0)
        return NEXT_ICMP_ERROR
    set_error(b, node, ERROR_NONE)
    buffer_advance(b, header_length + sizeof(udp_header_t))
    return next_index


cdef void ip4_udp_lookup(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i
    for i in range(frame.n_vectors):
        nexts[i] = find_listener(w, node, get_buffer(w, frame.indices[i]))
    enqueue_frame(w, node, frame, nexts)


cdef class Udp:
    """The UDP ports of one vswitch."""

    def __cinit__(self, Graph graph):
        self.graph = graph
        self.ports = {}
        self.main = <udp_main_t*> calloc(1, sizeof(udp_main_t))
        if self.main == NULL:
            raise MemoryError("no memory for UDP ports")

    def __dealloc__(self):
        free(self.main)

    def register_port(self, uint16_t port, str node):
        """Let packets to a port go to a node, which gets them behind the UDP header. Raises ControlError if taken."""
        if self.ports.get(port, node) != node:
            raise ControlError(f"UDP port {port} is taken by {self.ports[port]}")
        self.main.nexts[port] = self.graph.add_next("ip4-udp-lookup", node)
        self.ports[port] = node

    def unregister_port(self, uint16_t port):
        """Nobody listens on a port any more."""
        self.ports.pop(port, None)
        self.main.nexts[port] = NEXT_PUNT


def register(Udp udp):
    udp.graph.register("ip4-udp-lookup", ip4_udp_lookup, udp.main, "internal", NEXTS, ERRORS, None, None,
                       LOOKUP_FORMAT, 0)
