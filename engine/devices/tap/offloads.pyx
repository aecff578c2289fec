"""What Linux left undone in a frame, and what it may be left to do."""

from libc.stdint cimport uint16_t, uint32_t
from libc.string cimport memset

from ...core.buffer cimport (
    BUFFER_GSO,
    BUFFER_L4_CHECKSUM_COMPUTED,
    BUFFER_L4_CHECKSUM_CORRECT,
    BUFFER_OFFLOAD_TCP_CKSUM,
    BUFFER_OFFLOAD_UDP_CKSUM,
    buffer_current,
    buffer_t,
)
from ...core.graph cimport worker_t
from ...net.offload.l4 cimport begin_checksum, find_l4, finish_checksum_at, l4_place_t
from ...net.offload.offload cimport BUFFER_OFFLOADS
from ...wire.headers cimport IP_PROTOCOL_TCP, tcp_header_t
from .vnet cimport (
    VNET_DATA_VALID,
    VNET_GSO_ECN,
    VNET_GSO_NONE,
    VNET_GSO_TCP4,
    VNET_NEEDS_CHECKSUM,
    vnet_header_t,
)

cdef enum:
    TCP_FLAG_CWR = 0x80
    CHECKED = BUFFER_L4_CHECKSUM_COMPUTED | BUFFER_L4_CHECKSUM_CORRECT


cdef bint note_gso(buffer_t* b, vnet_header_t* header, l4_place_t* place) noexcept nogil:
    """Only TCP over IPv4 was offered to be segmented here, so another kind is a mistake of the sender's."""
    if header.gso_type & ~VNET_GSO_ECN != VNET_GSO_TCP4 or place.protocol != IP_PROTOCOL_TCP or header.gso_size == 0:
        return False
    b.flags |= BUFFER_GSO
    b.gso_size = header.gso_size
    return True


cdef bint note_offloads(worker_t* w, buffer_t* b, vnet_header_t* header) noexcept nogil:
    """Flag a received frame, at its Ethernet header, as its virtio-net header says; False when that makes no sense.

    A checksum that is not that of the outermost IPv4 packet (of IPv6, say, or inside a tunnel) is filled in at once.
    """
    cdef l4_place_t place
    cdef uint32_t field = <uint32_t> header.checksum_start + header.checksum_offset
    cdef bint known
    if not header.flags & VNET_NEEDS_CHECKSUM:
        if header.flags & VNET_DATA_VALID:
            b.flags |= CHECKED
        return header.gso_type == VNET_GSO_NONE
    known = find_l4(b, False, &place) and place.l4 == header.checksum_start and place.checksum == field
    if header.gso_type != VNET_GSO_NONE and not (known and note_gso(b, header, &place)):
        return False
    if not known:
        return finish_checksum_at(w, b, header.checksum_start, field)
    b.flags |= CHECKED | (BUFFER_OFFLOAD_TCP_CKSUM if place.protocol == IP_PROTOCOL_TCP else BUFFER_OFFLOAD_UDP_CKSUM)
    return True


cdef void tell_offloads(worker_t* w, buffer_t* b, vnet_header_t* header) noexcept nogil:
    """The header for a frame about to be sent to who does checksums and segmentation himself."""
    cdef l4_place_t place
    cdef tcp_header_t* tcp
    memset(header, 0, sizeof(vnet_header_t))
    if not b.flags & BUFFER_OFFLOADS or not find_l4(b, False, &place):
        return
    begin_checksum(b, &place)
    header.flags = VNET_NEEDS_CHECKSUM
    header.checksum_start = <uint16_t> place.l4
    header.checksum_offset = <uint16_t> (place.checksum - place.l4)
    if b.flags & BUFFER_GSO and place.protocol == IP_PROTOCOL_TCP:
        tcp = <tcp_header_t*> (buffer_current(b) + place.l4)
        header.gso_type = VNET_GSO_TCP4 | (VNET_GSO_ECN if tcp.flags & TCP_FLAG_CWR else 0)
        header.gso_size, header.header_length = <uint16_t> b.gso_size, <uint16_t> place.payload
