"""From a bridge domain up to L3, by its BVI: shared by the nodes that forward and flood."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memcmp, memcpy

from ...core.buffer cimport (
    SW_IF_INDEX_RX,
    SW_IF_INDEX_TX,
    buffer_advance,
    buffer_current,
    buffer_length,
    buffer_t,
)
from ...core.graph cimport NO_INDEX, worker_t
from ...wire.headers cimport ETHERTYPE_ARP, ETHERTYPE_IP4, ETHERTYPE_IP6, ETHERTYPE_MPLS, swap16
from .l2 cimport l2_main_t

# Next indices that l2-fwd and l2-flood declare
cdef enum:
    NEXT_OUTPUT = 0
    NEXT_DROP = 1
    NEXT_IP4 = 2
    NEXT_IP6 = 3
    NEXT_ARP = 4
    NEXT_MPLS = 5

# What to_bvi answers when a frame cannot go up
cdef enum:
    BVI_BAD_MAC = 0xfffe
    BVI_BAD_TYPE = 0xffff


cdef inline uint16_t next_above(uint16_t ethertype) noexcept nogil:
    """Next index of an ethertype's node; BVI_BAD_TYPE for one that nobody takes."""
    if ethertype == ETHERTYPE_IP4:
        return NEXT_IP4
    if ethertype == ETHERTYPE_ARP:
        return NEXT_ARP
    if ethertype == ETHERTYPE_IP6:
        return NEXT_IP6
    return NEXT_MPLS if ethertype == ETHERTYPE_MPLS else BVI_BAD_TYPE


cdef inline uint16_t to_bvi(worker_t* w, l2_main_t* m, buffer_t* b, uint32_t bvi) noexcept nogil:
    """Take the Ethernet header off and let the frame come in by the BVI; the next index, or BVI_BAD_."""
    cdef uint8_t* data = buffer_current(b)
    cdef uint16_t ethertype, next_index
    if not data[0] & 1 and memcmp(data, m.hardware.interfaces[bvi].mac, 6) != 0:
        return BVI_BAD_MAC
    if b.current_length < b.u.l2.l2_len:
        return BVI_BAD_TYPE
    b.l2_hdr_offset = b.current_data
    memcpy(&ethertype, data + b.u.l2.l2_len - 2, 2)
    buffer_advance(b, b.u.l2.l2_len)
    b.sw_if_index[SW_IF_INDEX_RX] = bvi
    b.sw_if_index[SW_IF_INDEX_TX] = NO_INDEX
    next_index = next_above(swap16(ethertype))
    if next_index != BVI_BAD_TYPE:
        w.interface_counters[bvi].rx.packets += 1
        w.interface_counters[bvi].rx.bytes += buffer_length(b)
    return next_index
