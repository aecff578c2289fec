"""Rules as the packet path reads them: a lookup context's ACLs laid end to end, first match decides."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from ...tables.tuple_space cimport TUPLE_NONE, tuple_key_t, tuple_rule_t, tuple_space_t

cdef enum:
    ACTION_DENY = 0
    ACTION_PERMIT = 1
    ACTION_REFLECT = 2
    ACTION_SESSION = 3          # no rule's: the packet belongs to a session
    NO_RULE = 0xffffffffU       # TUPLE_NONE, and VPP's ~0

ctypedef struct acl_rule_t:
    # the control plane packs rules as bytes: RULE in rule.py has the same layout
    tuple_rule_t match
    uint32_t acl_index
    uint32_t rule_index         # place in its ACL
    uint8_t action
    uint8_t spare[3]

ctypedef struct acl_rule6_t:
    # an IPv6 rule; addresses are four words, source first, as in memory
    uint64_t addresses[4]       # masked
    uint64_t masks[4]
    uint16_t sport_first
    uint16_t sport_last
    uint16_t dport_first
    uint16_t dport_last
    uint8_t proto
    uint8_t tcp_flags_mask
    uint8_t tcp_flags_value
    uint8_t action
    uint32_t acl_index
    uint32_t rule_index
    uint32_t spare

ctypedef struct acl_context_t:
    acl_rule_t* rules
    tuple_space_t* space        # the same rules, for lookups by hash
    uint64_t* hits              # by place in `rules`; later fragments are counted apart, as VPP does not count them
    uint64_t* fragment_hits
    acl_rule6_t* rules6
    uint64_t* hits6
    uint32_t n_rules
    uint32_t n_rules6
    uint32_t sw_if_index
    uint32_t direction
