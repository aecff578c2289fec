"""The virtio-net header that stands before each frame of a tap (virtio 1.2, 5.1.6), in the machine's byte order."""

from libc.stdint cimport uint8_t, uint16_t

cdef enum:
    VNET_HEADER = 12            # bytes, with num_buffers
    VNET_NEEDS_CHECKSUM = 1     # flags
    VNET_DATA_VALID = 2
    VNET_GSO_NONE = 0           # gso_type
    VNET_GSO_TCP4 = 1
    VNET_GSO_ECN = 0x80

ctypedef packed struct vnet_header_t:
    uint8_t flags
    uint8_t gso_type
    uint16_t header_length
    uint16_t gso_size
    uint16_t checksum_start     # bytes from the frame's start to what the checksum covers,
    uint16_t checksum_offset    # and from there to the checksum
    uint16_t n_buffers
