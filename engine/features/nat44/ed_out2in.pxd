"""Translation of a single packet, for the reassembly nodes."""

from libc.stdint cimport uint16_t

from ...core.graph cimport node_t, worker_t
from .batch cimport packet_t
from .nat44 cimport nat_main_t

cdef uint16_t ed_out2in_first_fragment(worker_t* w, nat_main_t* nm, node_t* node, packet_t* p,
                                       bint is_output) noexcept nogil
