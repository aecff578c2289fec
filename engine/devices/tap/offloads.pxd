"""The virtio-net header and a buffer's flags say the same; here is how one becomes the other."""

from ...core.buffer cimport buffer_t
from ...core.graph cimport worker_t
from .vnet cimport vnet_header_t

cdef bint note_offloads(worker_t* w, buffer_t* b, vnet_header_t* header) noexcept nogil
cdef void tell_offloads(worker_t* w, buffer_t* b, vnet_header_t* header) noexcept nogil
