"""Matching a batch of packets against the rules of one lookup context."""

from libc.stdint cimport uint32_t

from ...tables.tuple_space cimport (
    TUPLE_NONFIRST_FRAGMENT,
    tuple_key_t,
    tuple_rule_matches,
    tuple_space_lookup,
    tuple_space_lookup_batch,
)
from .acl cimport acl_main_t
from .rules cimport NO_RULE, acl_context_t


cdef uint32_t walk(const acl_context_t* context, const tuple_key_t* key, bint match_fragments) noexcept nogil:
    """The first rule that matches, one after the other. Without match_fragments a rule that asks for a protocol
    never matches a later fragment, as it cannot see the ports."""
    cdef bint no_protocol = key.flags & TUPLE_NONFIRST_FRAGMENT and not match_fragments
    cdef uint32_t i
    for i in range(context.n_rules):
        if context.rules[i].match.proto and no_protocol:
            continue
        if tuple_rule_matches(&context.rules[i].match, key):
            return i
    return NO_RULE


cdef void walk_fragments(const acl_context_t* context, const tuple_key_t* keys, uint32_t n,
                         uint32_t* rules) noexcept nogil:
    cdef uint32_t i
    for i in range(n):
        if keys[i].flags & TUPLE_NONFIRST_FRAGMENT:
            rules[i] = walk(context, &keys[i], False)


cdef void match_context(acl_main_t* m, const acl_context_t* context, const tuple_key_t* keys, uint32_t n,
                        uint32_t* rules) noexcept nogil:
    """For n packets the places of their rules in a context, NO_RULE for those none matches."""
    cdef uint32_t i
    if not m.use_hash:
        for i in range(n):
            rules[i] = walk(context, &keys[i], m.match_fragments)
        return
    if n == 1:
        rules[0] = tuple_space_lookup(context.space, keys)
    else:
        tuple_space_lookup_batch(context.space, keys, n, rules)
    if not m.match_fragments:
        walk_fragments(context, keys, n, rules)


cdef void match_run(acl_main_t* m, uint32_t sw_if_index, int direction, const tuple_key_t* keys, uint32_t n,
                    uint32_t* rules) noexcept nogil:
    """For n packets of one interface and direction the places of their rules in its context."""
    match_context(m, m.contexts[m.interfaces[sw_if_index].lc_index[direction]], keys, n, rules)
