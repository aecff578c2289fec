"""Choosing the masks of a tuple space and filling its partitions; see tuple_build.pyx."""

from libc.stdint cimport uint32_t

from .tuple_space cimport tuple_check_t, tuple_rule_t, tuple_space_t

cdef tuple_space_t* tuple_build(const tuple_rule_t* rules, uint32_t n_rules) noexcept nogil
cdef void tuple_build_free(tuple_space_t* space) noexcept nogil
