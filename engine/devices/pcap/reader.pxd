# cython: language_level=3
from libc.stdint cimport uint8_t, uint32_t

from .source cimport Source


cdef class PcapFile(Source):
    cdef const uint8_t[::1] view
    cdef readonly uint32_t link         # LINKTYPE_*, of tcpdump.org/linktypes.html
    cdef readonly bint nanoseconds      # the unit of its times; else microseconds

    cpdef void rewind(self)
