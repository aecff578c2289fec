"""Endpoint-independent sessions: who is translated, and the making of a session."""

from libc.stdint cimport uint16_t, uint32_t

from ...core.buffer cimport buffer_t
from ...core.graph cimport node_t
from ...wire.headers cimport ip4_header_t
from .nat44 cimport flow_t, match_t, nat_main_t

cdef uint32_t outside_fib_of(nat_main_t* nm, uint32_t remote) noexcept nogil
cdef bint is_interface_address(nat_main_t* nm, uint32_t sw_if_index, uint32_t address) noexcept nogil
cdef bint leads_outside(nat_main_t* nm, flow_t* flow) noexcept nogil
cdef bint stays_inside(nat_main_t* nm, uint32_t sw_if_index, flow_t* flow) noexcept nogil
cdef bint stays_untranslated_output(nat_main_t* nm, uint32_t sw_if_index, flow_t* flow) noexcept nogil
cdef uint16_t in2out_session(nat_main_t* nm, node_t* node, buffer_t* b, flow_t* flow,
                             uint32_t* session) noexcept nogil
cdef uint32_t out2in_session(nat_main_t* nm, node_t* node, buffer_t* b, flow_t* flow, match_t* match) noexcept nogil
