"""Choosing the masks of a tuple space and filling its partitions.

A partition costs every packet a probe, a rule in the linear list a comparison, a rule too many in a bucket a
comparison of the packets that land there. So masks are chosen greedily: of all masks of a coarse grid the one
that takes the most rules, where a bucket's second rule counts less than its first and those beyond
BUCKET_RULES nothing; then again for the rules that are left, until no mask takes enough to pay for its probe.
A mask may be any that is shorter than a rule's own (TupleMerge, Daly et al. 2019), port ranges count as any.

What a mask can take only shrinks as rules go, so an old gain is an upper bound, and only the masks at the top
are counted again. 10,000 rules take some 30 ms, 1,000 some 5.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, qsort
from libc.string cimport memset

from .tuple_space cimport (
    TUPLE_NONE, tuple_check_t, tuple_hash, tuple_mask_t, tuple_partition_t, tuple_prefix_mask, tuple_rule_t,
    tuple_space_t,
)

cdef extern from "arpa/inet.h":
    uint32_t ntohl(uint32_t network_order) noexcept nogil

cdef enum:
    LINEAR_RULES = 16                   # so few rules are not worth a hash
    BUCKET_RULES = 12
    LEAST_GAIN = 8 * 16                 # a probe costs about eight linear comparisons
    N_LENGTHS = 10
    N_MASKS = N_LENGTHS * N_LENGTHS * 8
    MOST_PARTITIONS = 128


ctypedef struct candidate_t:
    tuple_mask_t mask
    int gain                            # at least what it is worth now
    uint32_t counted                    # number of partitions when it was counted


ctypedef struct build_t:
    tuple_check_t* checks               # rules that a packet with L4 fields can match
    uint32_t* taken_by                  # partition of each, TUPLE_NONE while free
    uint32_t n_checks
    uint8_t* counts                     # rules per bucket, of the mask that is looked at
    uint32_t count_shift
    candidate_t* candidates
    tuple_mask_t* chosen
    uint32_t n_chosen


cdef bint make_check(const tuple_rule_t* rule, uint32_t number, tuple_check_t* check) noexcept nogil:
    """The packet path's form of a rule; false for one whose port ranges are empty: it matches fragments only."""
    memset(check, 0, sizeof(tuple_check_t))
    check.rule = number
    check.saddr_mask = tuple_prefix_mask(rule.saddr_length)
    check.daddr_mask = tuple_prefix_mask(rule.daddr_length)
    check.saddr = ntohl(rule.saddr) & check.saddr_mask
    check.daddr = ntohl(rule.daddr) & check.daddr_mask
    check.sport_span = check.dport_span = 0xFFFF
    if rule.proto == 0:
        return True
    check.proto = rule.proto
    check.proto_mask = 0xFF
    check.sport_first = rule.sport_first
    check.sport_span = <uint16_t>(rule.sport_last - rule.sport_first)
    check.dport_first = rule.dport_first
    check.dport_span = <uint16_t>(rule.dport_last - rule.dport_first)
    check.tcp_flags_mask = rule.tcp_flags_mask
    check.tcp_flags_value = rule.tcp_flags_value
    return rule.sport_first <= rule.sport_last and rule.dport_first <= rule.dport_last


cdef inline bint usable(const tuple_mask_t* mask, const tuple_check_t* check) noexcept nogil:
    """Whether all packets that match the rule have the same masked key as the rule."""
    return (
        mask.saddr & ~check.saddr_mask == 0
        and mask.daddr & ~check.daddr_mask == 0
        and (mask.proto == 0 or check.proto_mask)
        and (mask.ports >> 16 == 0 or check.sport_span == 0)
        and (mask.ports & 0xFFFF == 0 or check.dport_span == 0)
    )


cdef inline uint32_t check_hash(const tuple_mask_t* mask, const tuple_check_t* check) noexcept nogil:
    return tuple_hash(
        mask, check.saddr, check.daddr, <uint32_t>check.sport_first << 16 | check.dport_first, check.proto
    )


cdef void list_masks(candidate_t* candidates) noexcept nogil:
    """Every mask of the grid, none counted yet."""
    cdef uint8_t* lengths = [0, 8, 16, 20, 24, 26, 28, 30, 31, 32]
    cdef uint32_t i, rest
    for i in range(N_MASKS):
        rest = i
        candidates[i].mask.proto = 0xFF if rest & 1 else 0
        candidates[i].mask.ports = (0xFFFF if rest & 2 else 0) | (0xFFFF0000U if rest & 4 else 0)
        rest >>= 3
        candidates[i].mask.saddr = tuple_prefix_mask(lengths[rest % N_LENGTHS])
        candidates[i].mask.daddr = tuple_prefix_mask(lengths[rest // N_LENGTHS])
        candidates[i].gain = 1 << 30
        candidates[i].counted = TUPLE_NONE


cdef int count_gain(build_t* build, const tuple_mask_t* mask) noexcept nogil:
    """What a mask is worth for the rules not yet taken: 16 for a rule alone in its bucket, less for the next."""
    cdef int* worth = [16, 14, 12, 10, 8, 6, 4, 2, 2, 2, 2, 2]
    cdef uint32_t i, bucket
    cdef int gain = 0
    memset(build.counts, 0, <size_t>1 << (32 - build.count_shift))
    for i in range(build.n_checks):
        if build.taken_by[i] == <uint32_t>TUPLE_NONE and usable(mask, &build.checks[i]):
            bucket = check_hash(mask, &build.checks[i]) >> build.count_shift
            if build.counts[bucket] < BUCKET_RULES:
                gain += worth[build.counts[bucket]]
                build.counts[bucket] += 1
    return gain


cdef uint32_t take(build_t* build, const tuple_mask_t* mask) noexcept nogil:
    """Give the rules a mask can take to a new partition, the first ones where a bucket is full."""
    cdef uint32_t i, bucket
    cdef uint32_t n_taken = 0
    memset(build.counts, 0, <size_t>1 << (32 - build.count_shift))
    for i in range(build.n_checks):
        if build.taken_by[i] == <uint32_t>TUPLE_NONE and usable(mask, &build.checks[i]):
            bucket = check_hash(mask, &build.checks[i]) >> build.count_shift
            if build.counts[bucket] < BUCKET_RULES:
                build.counts[bucket] += 1
                build.taken_by[i] = build.n_chosen
                n_taken += 1
    return n_taken


cdef void choose_masks(build_t* build) noexcept nogil:
    """Fill `chosen` and `taken_by`."""
    cdef candidate_t* best
    cdef uint32_t i
    list_masks(build.candidates)
    while build.n_chosen < MOST_PARTITIONS:
        best = build.candidates
        for i in range(1, N_MASKS):
            if build.candidates[i].gain > best.gain:
                best = &build.candidates[i]
        if best.gain < LEAST_GAIN:
            break
        if best.counted != build.n_chosen:
            best.gain = count_gain(build, &best.mask)
            best.counted = build.n_chosen
            continue
        take(build, &best.mask)
        build.chosen[build.n_chosen] = best.mask
        build.n_chosen += 1
        best.gain = 0


cdef uint32_t log2_at_least(uint64_t n) noexcept nogil:
    cdef uint32_t bits = 5
    while <uint64_t>1 << bits < n and bits < 31:
        bits += 1
    return bits


cdef bint fill_partition(
    tuple_space_t* space, tuple_partition_t* partition, const build_t* build, uint32_t number
) noexcept nogil:
    """Make a partition of the rules that `number` has taken: filter, buckets and, bucket by bucket, checks."""
    cdef uint32_t i, bucket, place, hash
    cdef const tuple_check_t* check
    partition.mask = build.chosen[number]
    partition.best = <uint32_t>TUPLE_NONE
    for i in range(build.n_checks):
        partition.n_rules += build.taken_by[i] == number
    cdef uint32_t log2_buckets = log2_at_least(<uint64_t>partition.n_rules * 2)
    cdef uint32_t log2_filter = log2_at_least(<uint64_t>partition.n_rules * 8)
    cdef uint32_t n_buckets = <uint32_t>1 << log2_buckets
    partition.bucket_shift = 32 - log2_buckets
    partition.filter_shift = 32 - log2_filter
    partition.filter = <uint32_t*>calloc((<size_t>1 << log2_filter) // 32, sizeof(uint32_t))
    partition.starts = <uint32_t*>calloc(n_buckets + 2, sizeof(uint32_t))
    partition.checks = <tuple_check_t*>malloc(partition.n_rules * sizeof(tuple_check_t))
    if partition.filter == NULL or partition.starts == NULL or partition.checks == NULL:
        return False
    space.memory += (<uint64_t>1 << log2_filter) // 8 + n_buckets * 4 + partition.n_rules * sizeof(tuple_check_t)
    # counting sort: starts[b + 2] counts bucket b, starts[b + 1] then moves from its begin to its end
    for i in range(build.n_checks):
        if build.taken_by[i] == number:
            partition.best = min(partition.best, build.checks[i].rule)
            hash = check_hash(&partition.mask, &build.checks[i])
            partition.filter[hash >> partition.filter_shift >> 5] |= (
                <uint32_t>1 << ((hash >> partition.filter_shift) & 31)
            )
            partition.starts[(hash >> partition.bucket_shift) + 2] += 1
    for bucket in range(2, n_buckets + 2):
        partition.starts[bucket] += partition.starts[bucket - 1]
    for i in range(build.n_checks):
        if build.taken_by[i] == number:
            check = &build.checks[i]
            bucket = check_hash(&partition.mask, check) >> partition.bucket_shift
            place = partition.starts[bucket + 1]
            partition.checks[place] = check[0]
            partition.starts[bucket + 1] += 1
    return True


cdef int by_best(const void* one, const void* other) noexcept nogil:
    cdef uint32_t a = (<const tuple_partition_t*>one).best
    cdef uint32_t b = (<const tuple_partition_t*>other).best
    return (a > b) - (a < b)


cdef bint fill_space(tuple_space_t* space, const build_t* build) noexcept nogil:
    """Partitions, and the linear list of what none has taken."""
    cdef uint32_t i
    for i in range(build.n_checks):
        if build.taken_by[i] == <uint32_t>TUPLE_NONE:
            space.linear[space.n_linear] = build.checks[i]
            space.n_linear += 1
    if build.n_chosen == 0:
        return True
    space.partitions = <tuple_partition_t*>calloc(build.n_chosen, sizeof(tuple_partition_t))
    if space.partitions == NULL:
        return False
    space.n_partitions = build.n_chosen
    space.memory += build.n_chosen * sizeof(tuple_partition_t)
    for i in range(build.n_chosen):
        if not fill_partition(space, &space.partitions[i], build, i):
            return False
    qsort(space.partitions, space.n_partitions, sizeof(tuple_partition_t), by_best)
    return True


cdef bint build_start(build_t* build, const tuple_rule_t* rules, uint32_t n_rules) noexcept nogil:
    """Working memory, and the rules in their packet form."""
    cdef uint32_t i
    cdef uint32_t log2_counts = log2_at_least(<uint64_t>n_rules * 2)
    memset(build, 0, sizeof(build_t))
    build.count_shift = 32 - log2_counts
    build.checks = <tuple_check_t*>malloc((<size_t>n_rules + 1) * sizeof(tuple_check_t))
    build.taken_by = <uint32_t*>malloc((<size_t>n_rules + 1) * sizeof(uint32_t))
    build.counts = <uint8_t*>malloc(<size_t>1 << log2_counts)
    build.candidates = <candidate_t*>malloc(N_MASKS * sizeof(candidate_t))
    build.chosen = <tuple_mask_t*>malloc(MOST_PARTITIONS * sizeof(tuple_mask_t))
    if not (build.checks and build.taken_by and build.counts and build.candidates and build.chosen):
        return False
    for i in range(n_rules):
        if make_check(&rules[i], i, &build.checks[build.n_checks]):
            build.taken_by[build.n_checks] = <uint32_t>TUPLE_NONE
            build.n_checks += 1
    return True


cdef void build_end(build_t* build) noexcept nogil:
    free(build.checks)
    free(build.taken_by)
    free(build.counts)
    free(build.candidates)
    free(build.chosen)


cdef tuple_space_t* tuple_build(const tuple_rule_t* rules, uint32_t n_rules) noexcept nogil:
    """A new space of a copy of the rules; NULL without memory."""
    cdef build_t build
    cdef uint32_t i
    cdef tuple_space_t* space = <tuple_space_t*>calloc(1, sizeof(tuple_space_t))
    if space == NULL:
        return NULL
    space.rules = <tuple_rule_t*>malloc((<size_t>n_rules + 1) * sizeof(tuple_rule_t))
    space.linear = <tuple_check_t*>malloc((<size_t>n_rules + 1) * sizeof(tuple_check_t))
    space.n_rules = n_rules
    space.memory = sizeof(tuple_space_t) + (<uint64_t>n_rules + 1) * (sizeof(tuple_rule_t) + sizeof(tuple_check_t))
    cdef bint complete = space.rules != NULL and space.linear != NULL and build_start(&build, rules, n_rules)
    if complete:
        for i in range(n_rules):
            space.rules[i] = rules[i]
        if build.n_checks > LINEAR_RULES:
            choose_masks(&build)
        complete = fill_space(space, &build)
    if space.rules != NULL and space.linear != NULL:
        build_end(&build)
    if not complete:
        tuple_build_free(space)
        return NULL
    return space


cdef void tuple_build_free(tuple_space_t* space) noexcept nogil:
    """Free a space, also a half-built one."""
    cdef uint32_t i
    if space == NULL:
        return
    for i in range(space.n_partitions):
        free(space.partitions[i].filter)
        free(space.partitions[i].starts)
        free(space.partitions[i].checks)
    free(space.partitions)
    free(space.rules)
    free(space.linear)
    free(space)
