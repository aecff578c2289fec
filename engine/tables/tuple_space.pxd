"""First matching rule of an ACL list in a hash lookup a mask, as VPP's hash ACL; see tuple_space.pyx.

A tuple space is built aside from a flat list of rules and never changed: publish it by a store of its
pointer, free the old one when no lookup uses it. Results are indices into that list, the lowest that matches.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

cdef enum:
    TUPLE_NONE = 0xFFFFFFFFU            # no rule matches
    TUPLE_FRAME = 256                   # keys of one batch
    TUPLE_L4_VALID = 1                  # ports (ICMP: type and code) were read from the packet
    TUPLE_TCP_FLAGS_VALID = 2
    TUPLE_NONFIRST_FRAGMENT = 4


ctypedef struct tuple_key_t:
    uint32_t saddr                      # addresses as in memory, network order
    uint32_t daddr
    uint16_t sport                      # host order
    uint16_t dport
    uint8_t proto
    uint8_t tcp_flags
    uint8_t flags                       # TUPLE_L4_VALID | ...
    uint8_t spare


ctypedef struct tuple_rule_t:
    uint32_t saddr                      # network order; bits behind the length do not count
    uint32_t daddr
    uint8_t saddr_length
    uint8_t daddr_length
    uint8_t proto                       # 0: any, and then ports and flags do not count
    uint8_t tcp_flags_mask
    uint8_t tcp_flags_value
    uint16_t sport_first                # host order, both ends included
    uint16_t sport_last
    uint16_t dport_first
    uint16_t dport_last


ctypedef struct tuple_check_t:
    # a rule as the packet path compares it: 32 bytes, addresses in host order
    uint32_t saddr
    uint32_t saddr_mask
    uint32_t daddr
    uint32_t daddr_mask
    uint16_t sport_first
    uint16_t sport_span                 # last - first
    uint16_t dport_first
    uint16_t dport_span
    uint8_t proto
    uint8_t proto_mask                  # 0xff, or 0 for any
    uint8_t tcp_flags_mask
    uint8_t tcp_flags_value
    uint32_t rule                       # its number in the list


ctypedef struct tuple_mask_t:
    uint32_t saddr
    uint32_t daddr
    uint32_t ports                      # source ports in the high half
    uint32_t proto


ctypedef struct tuple_partition_t:
    tuple_mask_t mask
    uint32_t best                       # lowest rule number
    uint32_t n_rules
    uint32_t filter_shift               # hash >> shift: bit of the filter
    uint32_t bucket_shift               # hash >> shift: bucket
    uint32_t* filter                    # one bit a value of the hash that some rule has
    uint32_t* starts                    # bucket b: checks[starts[b]] up to checks[starts[b + 1]], by rule number
    tuple_check_t* checks


ctypedef struct tuple_space_t:
    uint32_t n_rules
    uint32_t n_partitions
    uint32_t n_linear
    tuple_rule_t* rules                 # all, in order: for fragments and packets without L4 fields
    tuple_partition_t* partitions       # by their best rule
    tuple_check_t* linear               # rules that no mask tells apart well, compared one by one
    uint64_t memory                     # bytes, all of it


cdef inline uint32_t tuple_prefix_mask(uint32_t length) noexcept nogil:
    """The mask, in host order, of a prefix of 0 to 32 bits."""
    return <uint32_t>(<uint64_t>0xFFFFFFFFU << (32 - length))


cdef inline uint32_t tuple_hash(
    const tuple_mask_t* mask, uint32_t saddr, uint32_t daddr, uint32_t ports, uint32_t proto
) noexcept nogil:
    """Of the masked fields, good in its high bits; multiplications only, so that a loop over it becomes vectors."""
    cdef uint32_t mixed = (saddr & mask.saddr) * 0x9E3779B1U
    mixed += (daddr & mask.daddr) * 0x85EBCA6BU
    mixed ^= mixed >> 16
    mixed += (ports & mask.ports) * 0xC2B2AE35U
    mixed += (proto & mask.proto) * 0x27D4EB2FU
    mixed ^= mixed >> 15
    return mixed * 0x2C1B3C6DU


cdef tuple_space_t* tuple_space_new(const tuple_rule_t* rules, uint32_t n_rules) noexcept nogil
cdef void tuple_space_free(tuple_space_t* space) noexcept nogil
cdef void tuple_space_lookup_batch(
    const tuple_space_t* space, const tuple_key_t* keys, uint32_t n, uint32_t* results
) noexcept nogil
cdef uint32_t tuple_space_lookup(const tuple_space_t* space, const tuple_key_t* key) noexcept nogil
cdef uint32_t tuple_rules_scan(const tuple_rule_t* rules, uint32_t n, const tuple_key_t* key) noexcept nogil
cdef bint tuple_rule_matches(const tuple_rule_t* rule, const tuple_key_t* key) noexcept nogil
cdef list tuple_space_dump(const tuple_space_t* space)
