"""TCP segmentation in software."""

from libc.stdint cimport uint32_t

from ...core.graph cimport worker_t
from .l4 cimport l4_place_t

cdef uint32_t segment(worker_t* w, uint32_t index, l4_place_t* place, uint32_t* done, uint32_t* pieces,
                      uint32_t most) noexcept nogil
