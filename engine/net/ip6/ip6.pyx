"""IPv6, MPLS and LLC as far as VPP without any configuration for them goes: counted and dropped."""

from libc.stdint cimport uint16_t, uint32_t
from libc.string cimport memcpy

from ...core.buffer cimport SW_IF_INDEX_RX, buffer_current, buffer_t
from ...core.features cimport Features, arc_start, feature_arc_t
from ...core.graph cimport (
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

from .trace import IP6_FORMAT, LLC_FORMAT, MPLS_FORMAT

cdef enum:
    NEXT_ONLY = 0
    TRACE_BYTES = 64
    DST_AT = 24                 # of the destination address in the IPv6 header

cdef enum:
    LLC_UNKNOWN_SAP = 0
    LLC_UNKNOWN_CONTROL = 1
    LLC_UI = 3                  # control field of unnumbered information

LLC_ERRORS = ("unknown llc ssap/dsap", "unknown llc control")
MPLS_ERRORS = ("MPLS input packets decapsulated", "no MPLS fib entry", "MPLS ttl error", "MPLS not enabled")
REFUSING = (
    ("ip6-unicast", "ip6-not-enabled"),
    ("ip6-multicast", "ip6-not-enabled"),
    ("mpls-input", "mpls-not-enabled"),
)

ctypedef struct ip6_main_t:
    feature_arc_t* unicast
    feature_arc_t* multicast
    feature_arc_t* mpls


cdef void trace_frame(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef uint32_t i
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        if is_traced(b):
            memcpy(trace_add(w, node, b, TRACE_BYTES), buffer_current(b), TRACE_BYTES)


cdef void ip6_input(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """Count for the interface and start its features, of which ip6-not-enabled is always one."""
    cdef ip6_main_t* m = <ip6_main_t*> node.main
    cdef feature_arc_t* arc
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i, sw_if_index
    cdef buffer_t* b
    if frame.flags & FRAME_TRACE:
        trace_frame(w, node, frame)
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        sw_if_index = b.sw_if_index[SW_IF_INDEX_RX]
        w.interface_counters[sw_if_index].ip6 += 1
        arc = m.multicast if b.current_length > DST_AT and buffer_current(b)[DST_AT] == 0xff else m.unicast
        nexts[i] = arc_start(w, arc, sw_if_index, b, NEXT_ONLY)
    enqueue_frame(w, node, frame, nexts)


cdef void mpls_input(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """Start the interface's features, of which mpls-not-enabled is always one."""
    cdef ip6_main_t* m = <ip6_main_t*> node.main
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i
    cdef buffer_t* b
    if frame.flags & FRAME_TRACE:
        trace_frame(w, node, frame)
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        nexts[i] = arc_start(w, m.mpls, b.sw_if_index[SW_IF_INDEX_RX], b, NEXT_ONLY)
    enqueue_frame(w, node, frame, nexts)


cdef void pass_on(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    if frame.flags & FRAME_TRACE:
        trace_frame(w, node, frame)
    enqueue_frame_to(w, node, frame, NEXT_ONLY)


cdef void llc_input(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """No protocol has registered with LLC (IEEE 802.2): the reason says what was not known."""
    cdef uint32_t i
    cdef buffer_t* b
    if frame.flags & FRAME_TRACE:
        trace_frame(w, node, frame)
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        set_error(b, node, LLC_UNKNOWN_SAP if buffer_current(b)[2] == LLC_UI else LLC_UNKNOWN_CONTROL)
    enqueue_frame_to(w, node, frame, NEXT_ONLY)


cdef class Ip6:
    """What stands for IPv6 and MPLS on a vswitch that carries neither: their arcs, and nodes that refuse."""

    cdef Graph graph
    cdef Features features
    cdef ip6_main_t main

    def __cinit__(self, Graph graph, Features features):
        self.graph, self.features = graph, features
        features.add_arc("ip6-unicast", ("ip6-input",), "ip6-drop")
        features.add_arc("ip6-multicast", ("ip6-input",), "ip6-drop")
        features.add_arc("ip6-output", (), "interface-output")
        features.add_arc("mpls-input", ("mpls-input",), "error-drop")
        self.main.unicast = &features.arc("ip6-unicast").arc
        self.main.multicast = &features.arc("ip6-multicast").arc
        self.main.mpls = &features.arc("mpls-input").arc

    def register(self):
        """Add the nodes; the features that refuse come last on their arcs."""
        graph, main = self.graph, <void*> &self.main
        graph.register("ip6-input", ip6_input, main, "internal", ("ip6-drop",), (), "null-node", None, IP6_FORMAT, 0)
        for name in ("ip6-not-enabled", "ip6-drop"):
            graph.register(name, pass_on, NULL, "internal", ("error-drop",), (), "null-node", None, IP6_FORMAT, 0)
        graph.register("mpls-not-enabled", pass_on, NULL, "internal", ("error-drop",), (), "null-node", None,
                       MPLS_FORMAT, 0)
        graph.register("mpls-input", mpls_input, main, "internal", ("mpls-not-enabled",), MPLS_ERRORS, None, None,
                       MPLS_FORMAT, 0)
        graph.register("llc-input", llc_input, NULL, "internal", ("error-drop",), LLC_ERRORS, None, None, LLC_FORMAT, 0)
        for arc, feature in REFUSING:
            self.features.add_feature(arc, feature)

    def follow(self, interfaces):
        """Refuse on every interface there is and will be. Call when all nodes are registered."""
        for interface in interfaces:
            self.interface_added(interface)
        interfaces.observe(self)

    def interface_added(self, interface):
        for arc, feature in REFUSING:
            self.features.enable(arc, feature, interface.sw_if_index)
