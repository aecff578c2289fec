# cython: language_level=3
"""pcap files, written without Python: a node appends frames from C memory.

    writer_begin(w, time, length)               # then exactly `length` bytes, in as many pieces as it takes
    writer_add(w, data, n)                      # one call a buffer of a chain
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t

cdef enum:
    SNAPLEN = 65535             # the largest snapshot length

ctypedef struct pcap_writer_t:
    uint8_t *buffer
    size_t used
    size_t size
    int fd                      # -1: all is kept in the buffer, which grows
    int error                   # errno of what failed first; nothing is written behind that
    uint32_t tick               # nanoseconds of one unit
    uint32_t snaplen            # bytes of a frame that are kept; its record still says how long it was
    uint32_t room               # bytes of the frame begun that may still be kept
    uint64_t count              # frames begun


cdef class PcapWriter:
    cdef pcap_writer_t state
    cdef readonly str name
    cdef readonly bint nanoseconds

    cpdef void append(self, frame, uint64_t time) except *
    cpdef flush(self)
    cpdef close(self)


cdef void writer_begin(pcap_writer_t *w, uint64_t time, uint32_t length) noexcept nogil
cdef void writer_add(pcap_writer_t *w, const void *data, uint32_t n) noexcept nogil
