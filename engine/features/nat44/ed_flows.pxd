"""Endpoint-dependent mode: who is translated, and the making of a session from inside."""

from libc.stdint cimport uint16_t, uint32_t

from ...core.buffer cimport buffer_t
from ...core.graph cimport node_t, worker_t
from ...wire.headers cimport ip4_header_t
from .nat44 cimport flow_t, nat_main_t

cdef bint ed_stays_inside(nat_main_t* nm, uint32_t sw_if_index, flow_t* flow) noexcept nogil
cdef bint ed_stays_untranslated_output(nat_main_t* nm, uint32_t tx_sw_if_index, flow_t* flow) noexcept nogil
cdef uint16_t ed_in2out_session(worker_t* w, nat_main_t* nm, node_t* node, buffer_t* b, flow_t* flow,
                                uint32_t* session) noexcept nogil
cdef uint16_t ed_without_mapping(worker_t* w, nat_main_t* nm, ip4_header_t* ip, uint16_t port, uint16_t remote_port,
                                 uint32_t fib_index) noexcept nogil
