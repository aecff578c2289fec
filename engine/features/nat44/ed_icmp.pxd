"""ICMP through the endpoint-dependent nodes."""

from libc.stdint cimport uint16_t, uint32_t

from ...core.graph cimport node_t, worker_t
from .batch cimport packet_t
from .nat44 cimport nat_main_t

cdef uint16_t ed_icmp_in2out(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p, bint is_output) noexcept nogil
cdef uint16_t ed_icmp_out2in(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p) noexcept nogil
