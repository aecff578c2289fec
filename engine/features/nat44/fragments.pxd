"""Virtual reassembly: fragments follow what their datagram's first one became, without being put together."""

from libc.stdint cimport uint16_t, uint32_t

from ...core.graph cimport node_t, worker_t
from ...wire.headers cimport ip4_header_t
from .nat44 cimport datagram_t, nat_main_t

cdef datagram_t* datagram_find(worker_t* w, nat_main_t* nm, node_t* node, ip4_header_t* ip) noexcept nogil
