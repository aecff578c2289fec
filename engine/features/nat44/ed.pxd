"""Endpoint-dependent sessions: load-balanced, out2in-only and twice-nat mappings, and bypasses of forwarding."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from ...core.buffer cimport SW_IF_INDEX_TX, buffer_length, buffer_t
from ...core.graph cimport NO_INDEX, node_t, worker_t
from ...wire.headers cimport ip4_header_t
from .nat44 cimport (
    SESSION_TWICE_NAT,
    cold_at,
    flow_t,
    match_t,
    nat_main_t,
    session_at,
    session_cold_t,
    session_heard,
    session_t,
)
from .rewrite cimport rewrite_destination, rewrite_source
from .tcp cimport tcp_follow


cdef inline void ed_translate_source(worker_t* w, nat_main_t* nm, uint32_t index, buffer_t* b,
                                     ip4_header_t* ip, bint set_table) noexcept nogil:
    """A TCP or UDP packet of a session, from inside: new source, with twice-nat also a new destination."""
    cdef session_t* s = session_at(nm, index)
    cdef session_cold_t* cold
    rewrite_source(ip, s.out_addr, s.out_port)
    if s.flags & SESSION_TWICE_NAT:
        cold = cold_at(nm, index)
        rewrite_destination(ip, cold.ext_addr, cold.ext_port)
    if set_table and b.sw_if_index[SW_IF_INDEX_TX] == NO_INDEX:
        b.sw_if_index[SW_IF_INDEX_TX] = s.out_fib
    if not tcp_follow(nm, index, s, ip, True):
        session_heard(nm, s, w.now_ns, buffer_length(b))


cdef inline void ed_translate_destination(worker_t* w, nat_main_t* nm, uint32_t index, buffer_t* b,
                                          ip4_header_t* ip) noexcept nogil:
    """A TCP or UDP packet of a session, from outside: new destination, with twice-nat also a new source."""
    cdef session_t* s = session_at(nm, index)
    cdef session_cold_t* cold
    rewrite_destination(ip, s.in_addr, s.in_port)
    if s.flags & SESSION_TWICE_NAT:
        cold = cold_at(nm, index)
        rewrite_source(ip, cold.ext_nat_addr, cold.ext_nat_port)
    b.sw_if_index[SW_IF_INDEX_TX] = s.in_fib
    if not tcp_follow(nm, index, s, ip, False):
        session_heard(nm, s, w.now_ns, buffer_length(b))


cdef uint32_t new_session(nat_main_t* nm, uint32_t user_address, uint32_t user_fib, bint is_static,
                          uint64_t now_ns) noexcept nogil
cdef uint32_t in2out_ed_session(worker_t* w, nat_main_t* nm, node_t* node, buffer_t* b, flow_t* flow) noexcept nogil
cdef uint32_t out2in_ed_session(worker_t* w, nat_main_t* nm, node_t* node, buffer_t* b, flow_t* flow) noexcept nogil
cdef uint32_t session_from_outside(worker_t* w, nat_main_t* nm, node_t* node, buffer_t* b, flow_t* flow,
                                   match_t* match) noexcept nogil
cdef void remember_bypass(worker_t* w, nat_main_t* nm, ip4_header_t* ip, uint16_t port,
                          uint16_t remote_port) noexcept nogil
