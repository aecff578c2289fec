"""MACIP ACLs: who may send from which address. A chain of exact-match tables a list, as VPP builds it of classifiers.

A *step* is one such table: the frames of one kind (IPv4, IPv6 or ARP, with 0 to 2 VLAN tags) under one pair of masks.
The entries of all steps stand in one hash table. The steps are asked in order, the first that knows the frame decides.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from ...core.graph cimport Graph
from ...tables.bihash cimport bihash_hash, bihash_search, bihash_t
from ...wire.headers cimport ETHERTYPE_ARP, ETHERTYPE_DOT1AD, ETHERTYPE_DOT1Q, ETHERTYPE_IP4, ETHERTYPE_IP6

cdef enum:
    FAMILY_IP4 = 0
    FAMILY_IP6 = 1
    FAMILY_ARP = 2
    NUMBERS_OF_TAGS = 3         # a kind is family * 3 + number of tags
    KIND_OTHER = 255

cdef enum:
    MACIP_KEY_WORDS = 5
    ETHERTYPE_AT = 12           # of the first ethertype in the frame
    MAC_BYTES = 6
    SENDER_MAC_AT = 8           # in the ARP header
    SENDER_IP_AT = 14

# where the addresses stand in the IP headers
cdef enum:
    IP4_SRC_AT = 12
    IP4_DST_AT = 16
    IP6_SRC_AT = 8
    IP6_DST_AT = 24

ctypedef struct macip_step_t:
    uint64_t mac_mask
    uint64_t address_mask[2]
    uint32_t table_index        # number of the classifier table, as traces print it
    uint32_t kind

ctypedef struct macip_entry_t:
    uint32_t rule_index
    uint32_t permits
    uint64_t hits

ctypedef struct macip_chain_t:
    bihash_t table              # key: MAC address, address (2 words), step, 0; value: place of the entry
    macip_step_t* steps
    macip_entry_t* entries
    uint32_t n_steps
    uint32_t n_entries

# What the rules see of a frame: on input the sender's side, on output the receiver's
ctypedef struct macip_frame_t:
    uint64_t mac
    uint64_t claimed_mac        # of an ARP message's sender
    uint64_t address[2]
    uint32_t kind

ctypedef struct macip_interface_t:
    macip_chain_t* chains[2]    # by direction, 1 is input; NULL for none

ctypedef struct macip_main_t:
    macip_interface_t* interfaces   # by sw_if_index
    uint32_t n_interfaces
    uint32_t l2_bits[2]         # of the L2 path's feature, by direction
    uint16_t l2_nexts[2][32]    # by direction and L2 feature bit: next indices of the nodes on the L2 path


cdef inline uint64_t read_mac(const uint8_t* at) noexcept nogil:
    cdef uint64_t mac = 0
    memcpy(&mac, at, MAC_BYTES)
    return mac


cdef inline uint32_t read_ethertype(const uint8_t* at) noexcept nogil:
    return <uint32_t> at[0] << 8 | at[1]


cdef inline uint32_t macip_tags(const uint8_t* frame, uint32_t length) noexcept nogil:
    """VLAN tags of a frame that has a first ethertype: 802.1Q, or 802.1Q within 802.1ad. No other are looked for."""
    cdef uint32_t ethertype = read_ethertype(frame + ETHERTYPE_AT)
    if ethertype == ETHERTYPE_DOT1Q and length >= ETHERTYPE_AT + 6:
        return 1
    if ethertype == ETHERTYPE_DOT1AD and length >= ETHERTYPE_AT + 10:
        return 2 if read_ethertype(frame + ETHERTYPE_AT + 4) == ETHERTYPE_DOT1Q else 0
    return 0


cdef inline void macip_read(macip_frame_t* key, const uint8_t* frame, uint32_t length, bint is_input) noexcept nogil:
    """length: bytes there are from the Ethernet header on. What is cut short or of another kind is KIND_OTHER."""
    cdef uint32_t tags, ethertype, family, at, n = 4
    memset(key, 0, sizeof(macip_frame_t))
    key.kind = KIND_OTHER
    if length < ETHERTYPE_AT + 2:
        return
    tags = macip_tags(frame, length)
    at = ETHERTYPE_AT + 4 * tags
    ethertype = read_ethertype(frame + at)
    at += 2
    if ethertype == ETHERTYPE_IP4:
        family = FAMILY_IP4
        at += IP4_SRC_AT if is_input else IP4_DST_AT
    elif ethertype == ETHERTYPE_IP6:
        family, n = FAMILY_IP6, 16
        at += IP6_SRC_AT if is_input else IP6_DST_AT
    elif ethertype == ETHERTYPE_ARP:
        family = FAMILY_ARP
        at += SENDER_IP_AT
    else:
        return
    if at + n > length:
        return
    key.kind = family * NUMBERS_OF_TAGS + tags
    key.mac = read_mac(frame + MAC_BYTES if is_input else frame)
    memcpy(key.address, frame + at, n)
    if family == FAMILY_ARP:
        key.claimed_mac = read_mac(frame + at - SENDER_IP_AT + SENDER_MAC_AT)


cdef inline macip_entry_t* macip_find(macip_chain_t* chain, const macip_frame_t* frame,
                                      uint32_t* step_index) noexcept nogil:
    """The entry that decides and the step it was found in; NULL and the last step when none does."""
    cdef macip_step_t* step
    cdef uint64_t key[MACIP_KEY_WORDS]
    cdef uint64_t place = 0
    cdef uint32_t i
    for i in range(chain.n_steps):
        step = &chain.steps[i]
        if step.kind != frame.kind:
            continue
        if frame.kind >= FAMILY_ARP * NUMBERS_OF_TAGS and (frame.mac ^ frame.claimed_mac) & step.mac_mask:
            continue            # an ARP message must come from whom it says
        key[0] = frame.mac & step.mac_mask
        key[1] = frame.address[0] & step.address_mask[0]
        key[2] = frame.address[1] & step.address_mask[1]
        key[3], key[4] = i, 0
        if bihash_search(&chain.table, key, bihash_hash(key, MACIP_KEY_WORDS), MACIP_KEY_WORDS, &place):
            step_index[0] = i
            return &chain.entries[place]
    step_index[0] = chain.n_steps - 1
    return NULL


cdef class MacipChain:
    cdef macip_chain_t chain


cdef class MacipState:
    cdef macip_main_t main
    cdef readonly Graph graph
    cdef list nodes             # what keeps the struct of each node alive
    cdef dict kept              # chains in use, by (sw_if_index, direction)
    cdef macip_interface_t* interface(self, uint32_t sw_if_index) except NULL
