"""Which sub-interface of an interface takes which VLAN tags."""

from libc.stdint cimport uint16_t, uint32_t

# NO_SUB: nobody. An index of VLAN_ANY stands for any id.
cdef enum:
    VLAN_IDS = 4097
    VLAN_ANY = 4096
    NO_SUB = 0xffffffffU

# Takers of frames with one outer tag
ctypedef struct vlan_t:
    uint32_t single             # with this tag alone
    uint32_t more               # with this tag, whatever follows it
    uint32_t* inner             # with another tag behind it, by its id, VLAN_IDS of them; NULL without any

ctypedef struct vlans_t:
    vlan_t* tags[2]             # of 802.1q and 802.1ad, by id of the outer tag; NULL without any
    uint32_t untagged
    uint32_t others             # what nobody else takes


cdef vlans_t* new_vlans() noexcept
cdef void free_vlans(vlans_t* vlans) noexcept
cdef uint32_t* vlan_place(vlans_t* vlans, bint dot1ad, uint32_t outer, int inner, bint exact) except NULL


cdef inline uint32_t find_vlan(const vlans_t* vlans, bint dot1ad, uint32_t outer, int inner) noexcept nogil:
    """sw_if_index of who takes a frame with these tags; inner is below 0 for one tag. The more exact match wins."""
    cdef vlan_t* vlan
    if vlans.tags[dot1ad] == NULL:
        return vlans.others
    vlan = &vlans.tags[dot1ad][outer]
    if inner >= 0 and vlan.inner != NULL:
        if vlan.inner[inner] != NO_SUB:
            return vlan.inner[inner]
        if vlan.inner[VLAN_ANY] != NO_SUB:
            return vlan.inner[VLAN_ANY]
    if inner < 0 and vlan.single != NO_SUB:
        return vlan.single
    return vlan.more if vlan.more != NO_SUB else vlans.others
