"""Lookup in a tuple space: a frame of keys against one mask after the other.

A frame of keys is turned into columns, so that the hash of all keys under one mask is a loop of vector
instructions. One bit of a filter that fits the first cache then says whether a key can match in the
partition at all; only for those that pass is the bucket read. Partitions stand in the order of their best
rule, so the walk ends when every key has a better match than what is to come. Rules that no mask tells apart
are compared with the whole frame, one rule after the other, which costs a fraction of a nanosecond each.

Packets that cannot be hashed like this (later fragments match by addresses and protocol alone, packets
without L4 fields only rules for any protocol) walk the list of rules.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

from .tuple_build cimport tuple_build, tuple_build_free

cdef extern from "arpa/inet.h":
    uint32_t ntohl(uint32_t network_order) noexcept nogil
    uint32_t htonl(uint32_t host_order) noexcept nogil

cdef enum:
    FLAGS_INVALID = 0x100               # in the column of flags: there are none to compare


ctypedef struct columns_t:
    uint32_t[TUPLE_FRAME] saddr         # host order
    uint32_t[TUPLE_FRAME] daddr
    uint32_t[TUPLE_FRAME] ports         # source port in the high half
    uint32_t[TUPLE_FRAME] proto
    uint32_t[TUPLE_FRAME] tcp_flags
    uint32_t[TUPLE_FRAME] hash
    uint32_t[TUPLE_FRAME] best          # lowest rule that matched so far
    uint16_t[TUPLE_FRAME] passed        # keys that the filter let through


cdef bint tuple_rule_matches(const tuple_rule_t* rule, const tuple_key_t* key) noexcept nogil:
    """Whether a rule matches a packet, field after field; this is what all else here must agree with."""
    if (ntohl(rule.saddr) ^ ntohl(key.saddr)) & tuple_prefix_mask(rule.saddr_length):
        return False
    if (ntohl(rule.daddr) ^ ntohl(key.daddr)) & tuple_prefix_mask(rule.daddr_length):
        return False
    if rule.proto == 0:
        return True
    if rule.proto != key.proto:
        return False
    if key.flags & TUPLE_NONFIRST_FRAGMENT:
        return True                     # it has no ports: VPP matches it with the rule for its datagram's
    if not key.flags & TUPLE_L4_VALID:
        return False
    if not rule.sport_first <= key.sport <= rule.sport_last:
        return False
    if not rule.dport_first <= key.dport <= rule.dport_last:
        return False
    return not key.flags & TUPLE_TCP_FLAGS_VALID or key.tcp_flags & rule.tcp_flags_mask == rule.tcp_flags_value


cdef uint32_t tuple_rules_scan(const tuple_rule_t* rules, uint32_t n, const tuple_key_t* key) noexcept nogil:
    """The first of n rules that matches, TUPLE_NONE if none does; rule after rule."""
    cdef uint32_t i
    for i in range(n):
        if tuple_rule_matches(&rules[i], key):
            return i
    return <uint32_t>TUPLE_NONE


cdef tuple_space_t* tuple_space_new(const tuple_rule_t* rules, uint32_t n_rules) noexcept nogil:
    """Build a space from a list of rules, which is copied; NULL without memory."""
    return tuple_build(rules, n_rules)


cdef void tuple_space_free(tuple_space_t* space) noexcept nogil:
    """Free a space; NULL is fine."""
    tuple_build_free(space)


cdef inline void load_columns(columns_t* columns, const tuple_key_t* keys, uint32_t n) noexcept nogil:
    cdef size_t i
    for i in range(n):
        columns.saddr[i] = ntohl(keys[i].saddr)
        columns.daddr[i] = ntohl(keys[i].daddr)
        columns.ports[i] = <uint32_t>keys[i].sport << 16 | keys[i].dport
        columns.proto[i] = keys[i].proto
        columns.tcp_flags[i] = keys[i].tcp_flags | (
            0 if keys[i].flags & TUPLE_TCP_FLAGS_VALID else <uint32_t>FLAGS_INVALID
        )
        columns.best[i] = <uint32_t>TUPLE_NONE


cdef inline uint32_t worst_of(const columns_t* columns, uint32_t n) noexcept nogil:
    """The highest rule number among the matches so far."""
    cdef uint32_t worst = 0
    cdef size_t i
    for i in range(n):
        worst = max(worst, columns.best[i])
    return worst


cdef inline bint check_key(const tuple_check_t* check, const columns_t* columns, size_t i) noexcept nogil:
    """All fields of one key, without a branch."""
    cdef uint32_t differ = (columns.saddr[i] & check.saddr_mask) ^ check.saddr
    cdef uint32_t flags = columns.tcp_flags[i]
    differ |= (columns.daddr[i] & check.daddr_mask) ^ check.daddr
    differ |= (columns.proto[i] & check.proto_mask) ^ check.proto
    return (
        (differ == 0)
        & (((columns.ports[i] >> 16) - check.sport_first) <= check.sport_span)
        & (((columns.ports[i] & 0xFFFF) - check.dport_first) <= check.dport_span)
        & (((flags & check.tcp_flags_mask) == check.tcp_flags_value) | (flags >> 8 != 0))
    )


cdef inline uint32_t pass_filter(const tuple_partition_t* partition, columns_t* columns, uint32_t n) noexcept nogil:
    """Hash all keys, list those that may match a better rule here than they have; how many."""
    cdef size_t i
    cdef uint32_t bit
    cdef uint32_t n_passed = 0
    cdef tuple_mask_t mask = partition.mask
    cdef uint32_t shift = partition.filter_shift
    cdef const uint32_t* filter_words = partition.filter
    for i in range(n):
        columns.hash[i] = tuple_hash(
            &mask, columns.saddr[i], columns.daddr[i], columns.ports[i], columns.proto[i]
        )
    for i in range(n):
        bit = columns.hash[i] >> shift
        columns.passed[n_passed] = <uint16_t>i
        n_passed += (filter_words[bit >> 5] >> (bit & 31)) & (columns.best[i] > partition.best)
    return n_passed


cdef inline void search_partition(const tuple_partition_t* partition, columns_t* columns, uint32_t n) noexcept nogil:
    """Improve the matches of all keys by the rules of one partition."""
    cdef uint32_t n_passed = pass_filter(partition, columns, n)
    cdef uint32_t j, bucket
    cdef size_t i
    cdef const tuple_check_t* check
    cdef const tuple_check_t* end
    for j in range(n_passed):
        i = columns.passed[j]
        bucket = columns.hash[i] >> partition.bucket_shift
        check = partition.checks + partition.starts[bucket]
        end = partition.checks + partition.starts[bucket + 1]
        while check != end and check.rule < columns.best[i]:
            if check_key(check, columns, i):
                columns.best[i] = check.rule
                break
            check += 1


cdef inline void compare_frame(const tuple_check_t* rule, columns_t* columns, uint32_t n) noexcept nogil:
    """Improve the matches of all keys by one rule."""
    cdef size_t i
    cdef tuple_check_t check = rule[0]
    cdef uint32_t candidate
    for i in range(n):
        candidate = check.rule if check_key(&check, columns, i) else <uint32_t>TUPLE_NONE
        columns.best[i] = min(columns.best[i], candidate)


cdef void tuple_space_lookup_batch(
    const tuple_space_t* space, const tuple_key_t* keys, uint32_t n, uint32_t* results
) noexcept nogil:
    """The first rule that matches each of n keys (at most TUPLE_FRAME), or TUPLE_NONE."""
    cdef columns_t columns
    cdef uint32_t i
    cdef uint32_t worst = <uint32_t>TUPLE_NONE
    load_columns(&columns, keys, n)
    for i in range(space.n_partitions):
        if worst < space.partitions[i].best:
            break
        search_partition(&space.partitions[i], &columns, n)
        worst = worst_of(&columns, n)
    for i in range(space.n_linear):
        if worst < space.linear[i].rule:
            break
        compare_frame(&space.linear[i], &columns, n)
        if i & 7 == 7:
            worst = worst_of(&columns, n)
    for i in range(n):
        results[i] = columns.best[i]
        if keys[i].flags & (TUPLE_L4_VALID | TUPLE_NONFIRST_FRAGMENT) != TUPLE_L4_VALID:
            results[i] = tuple_rules_scan(space.rules, space.n_rules, &keys[i])


cdef uint32_t tuple_space_lookup(const tuple_space_t* space, const tuple_key_t* key) noexcept nogil:
    """The first rule that matches one key, or TUPLE_NONE; many keys are cheaper together."""
    cdef uint32_t result
    tuple_space_lookup_batch(space, key, 1, &result)
    return result


cdef tuple_rule_t rule_of(tuple fields) except *:
    """A rule from its Python form; ValueError or OverflowError for what does not fit."""
    cdef tuple_rule_t rule
    cdef uint32_t saddr, daddr
    (
        saddr, rule.saddr_length, daddr, rule.daddr_length, rule.proto, rule.sport_first, rule.sport_last,
        rule.dport_first, rule.dport_last, rule.tcp_flags_mask, rule.tcp_flags_value,
    ) = fields
    if rule.saddr_length > 32 or rule.daddr_length > 32:
        raise ValueError("a prefix has at most 32 bits")
    rule.saddr = htonl(saddr)
    rule.daddr = htonl(daddr)
    return rule


cdef class TupleSpace:
    """The first matching rule of a list, for tests and benchmarks.

    rules: (saddr, length, daddr, length, proto, sport first, last, dport first, last, TCP flags mask, value)
    each, addresses as numbers. Keys stand one behind the other as tuple_key_t, 16 bytes each.
    """

    cdef tuple_space_t* space

    def __cinit__(self, rules):
        cdef list parsed = [rule_of(tuple(rule)) for rule in rules]
        cdef uint32_t n = <uint32_t>len(parsed)
        cdef uint32_t i
        cdef tuple_rule_t* copy = <tuple_rule_t*>malloc((<size_t>n + 1) * sizeof(tuple_rule_t))
        if copy == NULL:
            raise MemoryError
        for i in range(n):
            copy[i] = parsed[i]
        with nogil:
            self.space = tuple_space_new(copy, n)
            free(copy)
        if self.space == NULL:
            raise MemoryError(f"no memory for {n} rules")

    def __dealloc__(self):
        tuple_space_free(self.space)

    def __len__(self):
        return self.space.n_rules

    cdef const tuple_key_t* keys_of(self, const uint8_t[::1] keys, uint32_t n_results) except? NULL:
        if keys.shape[0] != <Py_ssize_t>n_results * <Py_ssize_t>sizeof(tuple_key_t):
            raise ValueError(f"{keys.shape[0]} bytes of keys, but room for {n_results} results")
        return <const tuple_key_t*>&keys[0] if n_results else NULL

    def lookup_many(self, const uint8_t[::1] keys, uint32_t[::1] results, uint32_t frame=TUPLE_FRAME) -> None:
        """Look keys up in frames of `frame` keys, 1 to 256; a result is a rule's number or 0xffffffff."""
        cdef uint64_t start = 0
        cdef uint64_t n = results.shape[0]
        cdef const tuple_key_t* first = self.keys_of(keys, <uint32_t>n)
        if not 1 <= frame <= TUPLE_FRAME:
            raise ValueError(f"a frame has 1 to {TUPLE_FRAME} keys, not {frame}")
        with nogil:
            while start < n:
                frame = <uint32_t>min(<uint64_t>frame, n - start)
                tuple_space_lookup_batch(self.space, first + start, frame, &results[start])
                start += frame

    def scan_many(self, const uint8_t[::1] keys, uint32_t[::1] results) -> None:
        """The same by comparing rule after rule."""
        cdef uint64_t i
        cdef uint64_t n = results.shape[0]
        cdef const tuple_key_t* first = self.keys_of(keys, <uint32_t>n)
        with nogil:
            for i in range(n):
                results[i] = tuple_rules_scan(self.space.rules, self.space.n_rules, first + i)

    def partitions(self) -> list[dict[str, int]]:
        """Every partition in the order of lookup: its mask (numbers), rules, best rule and buckets."""
        return tuple_space_dump(self.space)

    @property
    def n_linear(self) -> int:
        """Rules that are compared one by one."""
        return self.space.n_linear

    @property
    def memory(self) -> int:
        """Bytes."""
        return self.space.memory


cdef list tuple_space_dump(const tuple_space_t* space):
    """The partitions as dicts, for `show acl-plugin tables` and its like."""
    cdef uint32_t i
    cdef const tuple_partition_t* partition
    cdef list dump = []
    for i in range(space.n_partitions):
        partition = &space.partitions[i]
        dump.append({
            "saddr_mask": partition.mask.saddr,
            "daddr_mask": partition.mask.daddr,
            "sport_mask": partition.mask.ports >> 16,
            "dport_mask": partition.mask.ports & 0xFFFF,
            "proto_mask": partition.mask.proto,
            "n_rules": partition.n_rules,
            "best_rule": partition.best,
            "n_buckets": (<uint64_t>1 << 32) >> partition.bucket_shift,
        })
    return dump
