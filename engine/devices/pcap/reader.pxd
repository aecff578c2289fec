# cython: language_level=3
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from .source cimport Source

ctypedef struct window_t:
    # the piece of a file that is in memory
    uint8_t* memory
    uint64_t offset             # in the file, of what comes behind it
    int fd


cdef class ClassicPcap(Source):
    cdef readonly uint32_t link         # LINKTYPE_*, of tcpdump.org/linktypes.html
    cdef readonly bint nanoseconds      # the unit of its times; else microseconds

    cdef read_header(self, const uint8_t* header, size_t size)


cdef class PcapMemory(ClassicPcap):
    cdef const uint8_t[::1] view

    cpdef void rewind(self)


cdef class PcapFile(ClassicPcap):
    cdef window_t window

    cpdef void rewind(self)
