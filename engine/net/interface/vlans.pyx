"""Tables of sub-interfaces by their tags."""

from libc.stdint cimport uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset


cdef vlans_t* new_vlans() noexcept:
    """An empty table; NULL without memory."""
    cdef vlans_t* vlans = <vlans_t*> malloc(sizeof(vlans_t))
    if vlans != NULL:
        memset(vlans, 0, sizeof(vlans_t))
        vlans.untagged = vlans.others = NO_SUB
    return vlans


cdef void free_vlans(vlans_t* vlans) noexcept:
    cdef int kind, outer
    if vlans == NULL:
        return
    for kind in range(2):
        if vlans.tags[kind] != NULL:
            for outer in range(VLAN_IDS):
                free(vlans.tags[kind][outer].inner)
            free(vlans.tags[kind])
    free(vlans)


cdef vlan_t* vlan_of(vlans_t* vlans, bint dot1ad, uint32_t outer) except NULL:
    cdef int i
    cdef vlan_t* tags = vlans.tags[dot1ad]
    if tags == NULL:
        tags = <vlan_t*> malloc(VLAN_IDS * sizeof(vlan_t))
        if tags == NULL:
            raise MemoryError("no memory for sub-interfaces")
        for i in range(VLAN_IDS):
            tags[i].single = tags[i].more = NO_SUB
            tags[i].inner = NULL
        vlans.tags[dot1ad] = tags
    return &tags[outer]


cdef uint32_t* vlan_place(vlans_t* vlans, bint dot1ad, uint32_t outer, int inner, bint exact) except NULL:
    """Where the taker of frames with these tags stands: to be read and written.

    inner: id of the second tag, VLAN_ANY for any, below 0 for none. exact: without it more tags may follow.
    """
    cdef vlan_t* vlan = vlan_of(vlans, dot1ad, outer)
    if inner < 0:
        return &vlan.single if exact else &vlan.more
    if vlan.inner == NULL:
        vlan.inner = <uint32_t*> malloc(VLAN_IDS * sizeof(uint32_t))
        if vlan.inner == NULL:
            raise MemoryError("no memory for sub-interfaces")
        memset(vlan.inner, 0xff, VLAN_IDS * sizeof(uint32_t))
    return &vlan.inner[inner]
