"""Which rule of an interface's lookup context decides."""

from libc.stdint cimport uint32_t

from ...tables.tuple_space cimport tuple_key_t
from .acl cimport acl_main_t
from .rules cimport acl_context_t

cdef void match_context(acl_main_t* m, const acl_context_t* context, const tuple_key_t* keys, uint32_t n,
                        uint32_t* rules) noexcept nogil
cdef void match_run(acl_main_t* m, uint32_t sw_if_index, int direction, const tuple_key_t* keys, uint32_t n,
                    uint32_t* rules) noexcept nogil
