"""The IPv4 protocol of one vswitch: arcs, shared state, and what nodes share on their cold paths."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from ...core.buffer cimport BUFFER_NEXT_PRESENT, buffer_current, buffer_t
from ...core.features cimport Features
from ...core.graph cimport Graph, frame_t, get_buffer, node_t, worker_t
from ...core.trace cimport is_traced, trace_add
from ...wire.checksum cimport checksum_add, checksum_fold
from ..fib.fib cimport Fib, buffer_fib_index, fib_main_t

from .profile import PROFILES

cdef enum:
    HEADERS_BYTES = 64
    FORWARD_BYTES = 60
    NEXT_LOCAL_PUNT = 1
    NEXT_LOCAL_UDP = 2
    NEXT_LOCAL_ICMP = 3
    PROTOCOL_ICMP = 1
    PROTOCOL_UDP = 17

ctypedef struct forward_trace_t:
    uint32_t fib_index
    uint32_t dpo_index
    uint32_t flow_hash
    uint8_t data[FORWARD_BYTES]


# ---- cold helpers of the nodes ------------------------------------------------------------------

cdef void trace_headers(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """Record 64 bytes from where each traced packet begins now."""
    cdef uint32_t i
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        if is_traced(b):
            memcpy(trace_add(w, node, b, HEADERS_BYTES), buffer_current(b), HEADERS_BYTES)


cdef void trace_forward(fib_main_t* fm, worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """Record where each traced packet is going, and 60 bytes of it."""
    cdef uint32_t i
    cdef buffer_t* b
    cdef forward_trace_t* entry
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        if is_traced(b):
            entry = <forward_trace_t*> trace_add(w, node, b, sizeof(forward_trace_t))
            entry.fib_index = buffer_fib_index(fm, b)
            entry.dpo_index = b.u.ip.adj_index_tx
            entry.flow_hash = b.u.ip.flow_hash
            memcpy(entry.data, buffer_current(b), FORWARD_BYTES)


cdef uint64_t chain_sum(worker_t* w, buffer_t* b, uint32_t skip, uint32_t length) noexcept nogil:
    """One's complement sum of length bytes of a packet, from skip bytes behind its start; less if it ends before."""
    cdef uint64_t total = 0
    cdef uint32_t n, position = 0
    while length:
        if skip < b.current_length:
            n = b.current_length - skip
            if n > length:
                n = length
            # a buffer that begins at an odd place of the packet adds its bytes swapped (RFC 1071)
            total += swapped(checksum_fold(checksum_add(0, buffer_current(b) + skip, n)), position & 1)
            length -= n
            position += n
            skip = 0
        else:
            skip -= b.current_length
        if not b.flags & BUFFER_NEXT_PRESENT:
            break
        b = get_buffer(w, b.next_buffer)
    return total


cdef inline uint16_t swapped(uint16_t value, bint odd) noexcept nogil:
    return <uint16_t> (value << 8 | value >> 8) if odd else value


# ---- control ------------------------------------------------------------------------------------

cdef class Ip4:
    """IPv4 of one vswitch. Makes the arcs; the nodes register themselves on it."""

    def __cinit__(self, Graph graph, Features features, Fib fib, str profile="18.01"):
        self.graph, self.features, self.fib = graph, features, fib
        self.profile = PROFILES[profile]
        self.main.fib = &fib.main
        self.main.interfaces = fib.main.interfaces
        self.main.local_fragment_next = self.profile.local_fragment_next
        self.main.source_verdict_sticks = self.profile.source_verdict_sticks
        self.add_arcs()
        for protocol in range(256):
            self.main.local_nexts[protocol] = NEXT_LOCAL_PUNT
        self.main.local_nexts[PROTOCOL_UDP] = NEXT_LOCAL_UDP
        self.main.local_nexts[PROTOCOL_ICMP] = NEXT_LOCAL_ICMP

    def add_arcs(self):
        inputs = ("ip4-input", "ip4-input-no-checksum")
        self.features.add_arc("ip4-unicast", inputs, "ip4-lookup")
        self.features.add_arc("ip4-multicast", inputs, "ip4-mfib-forward-lookup")
        self.features.add_arc("ip4-output", ("ip4-rewrite",), "interface-output")
        self.features.add_arc("ip4-local", ("ip4-local",), "ip4-local-end-of-arc")
        self.main.unicast = &self.features.arc("ip4-unicast").arc
        self.main.multicast = &self.features.arc("ip4-multicast").arc
        self.main.output = &self.features.arc("ip4-output").arc
        self.main.local = &self.features.arc("ip4-local").arc

    def register_protocol(self, uint8_t protocol, str node):
        """Let packets of an IP protocol to the vswitch itself go to a node; they begin with the IP header there."""
        self.main.local_nexts[protocol] = self.graph.add_next("ip4-local", node)

    def protocols(self) -> dict:
        """{protocol: node} of what ip4-local hands on; everything else is punted."""
        nexts = self.graph.by_name["ip4-local"].next_names
        return {
            protocol: nexts[self.main.local_nexts[protocol]]
            for protocol in range(256) if self.main.local_nexts[protocol] != NEXT_LOCAL_PUNT
        }

    # ---- observer of interfaces: IPv4 runs only where there is an address

    def follow(self, interfaces):
        """Call when all nodes are registered."""
        for interface in interfaces:
            self.interface_added(interface)
        interfaces.observe(self)

    def interface_added(self, interface):
        self.interface_changed(interface)

    def interface_changed(self, interface):
        for arc in ("ip4-unicast", "ip4-multicast"):
            self.features.enable(arc, "ip4-not-enabled", interface.sw_if_index, not interface.used_addresses)
