"""Where the payload of an Ethernet frame begins."""

from libc.stdint cimport uint8_t, uint16_t

from ...core.buffer cimport buffer_current, buffer_t
from ...wire.headers cimport (
    ETHERTYPE_DOT1AD,
    ETHERTYPE_DOT1Q,
    ETHERTYPE_QINQ_9100,
    ETHERTYPE_QINQ_9200,
    ethernet_header_t,
    swap16,
    vlan_header_t,
)


cdef inline bint is_vlan_type(uint16_t ethertype) noexcept nogil:
    return (ethertype == ETHERTYPE_DOT1Q or ethertype == ETHERTYPE_DOT1AD or ethertype == ETHERTYPE_QINQ_9100
            or ethertype == ETHERTYPE_QINQ_9200)


cdef inline void set_l2_length(buffer_t* b) noexcept nogil:
    """Note the length of the Ethernet header with up to two tags, for the nodes of the bridge."""
    cdef uint8_t* data = buffer_current(b)
    cdef uint8_t n = sizeof(ethernet_header_t), more = 2
    cdef uint16_t ethertype = swap16((<ethernet_header_t*> data).type)
    while more and is_vlan_type(ethertype):
        ethertype = swap16((<vlan_header_t*> (data + n)).type)
        n += sizeof(vlan_header_t)
        more -= 1
    b.u.l2.l2_len = n
