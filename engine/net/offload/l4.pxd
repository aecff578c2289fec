"""Where the TCP or UDP header of a packet stands, and its checksum."""

from libc.stdint cimport uint8_t, uint32_t

from ...core.buffer cimport buffer_t
from ...core.graph cimport worker_t

ctypedef struct l4_place_t:
    uint32_t ip                 # bytes from the packet's start to the IPv4 header,
    uint32_t l4                 # to the TCP or UDP header,
    uint32_t payload            # and to what is behind it
    uint32_t checksum           # to the L4 checksum
    uint32_t l4_length          # bytes from the L4 header to the packet's end, as the IPv4 header says
    uint8_t protocol


cdef bint find_l4(buffer_t* b, bint at_ip, l4_place_t* place) noexcept nogil
cdef void begin_checksum(buffer_t* b, l4_place_t* place) noexcept nogil
cdef void finish_checksum(worker_t* w, buffer_t* b, l4_place_t* place) noexcept nogil
cdef bint finish_checksum_at(worker_t* w, buffer_t* b, uint32_t start, uint32_t field) noexcept nogil
cdef bint segments_fit(buffer_t* b, uint32_t mtu) noexcept nogil
