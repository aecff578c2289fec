"""Protocols other than TCP, UDP and ICMP: only the address is translated."""

from libc.stdint cimport uint16_t, uint32_t

from ...core.buffer cimport buffer_t
from ...core.graph cimport node_t, worker_t
from ...wire.headers cimport ip4_header_t
from .nat44 cimport nat_main_t

cdef uint16_t unknown_in2out(worker_t* w, nat_main_t* nm, node_t* node, buffer_t* b, ip4_header_t* ip,
                             uint32_t fib_index, bint is_output, uint32_t* session) noexcept nogil
cdef uint16_t unknown_out2in(worker_t* w, nat_main_t* nm, node_t* node, buffer_t* b, ip4_header_t* ip,
                             uint32_t fib_index, uint32_t* session) noexcept nogil
cdef bint unknown_hairpin(nat_main_t* nm, buffer_t* b, ip4_header_t* ip) noexcept nogil
cdef uint32_t unknown_in2out_session(nat_main_t* nm, node_t* node, buffer_t* b, ip4_header_t* ip,
                                     uint32_t fib_index, uint32_t max_sessions_error) noexcept nogil
cdef uint32_t unknown_out2in_session(nat_main_t* nm, node_t* node, buffer_t* b, ip4_header_t* ip,
                                     uint32_t fib_index) noexcept nogil
