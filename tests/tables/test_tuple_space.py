"""The tuple space against a linear scan in plain Python, and against its own scan on ClassBench's rules."""

import random
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.tables.tuple_space import TupleSpace
from tests.tables.classbench import L4_VALID, NAMES, NONFIRST, TCP_FLAGS_VALID, load_headers, load_rules, pack_key

NONE = 0xFFFFFFFF
ANY = (0, 65535)


def matches(rule, key):
    """Whether a rule matches a header: behaviour of VPP's linear walk, field by field."""
    saddr, saddr_length, daddr, daddr_length, proto, *ports, mask, value = rule
    sport_first, sport_last, dport_first, dport_last = ports
    key_saddr, key_daddr, sport, dport, key_proto, tcp_flags, flags = key
    if saddr >> (32 - saddr_length) != key_saddr >> (32 - saddr_length):
        return False
    if daddr >> (32 - daddr_length) != key_daddr >> (32 - daddr_length):
        return False
    if proto == 0:
        return True
    if proto != key_proto:
        return False
    if flags & NONFIRST:
        return True
    if not flags & L4_VALID:
        return False
    in_ports = sport_first <= sport <= sport_last and dport_first <= dport <= dport_last
    return in_ports and (not flags & TCP_FLAGS_VALID or tcp_flags & mask == value)


def scan(rules, key):
    """The number of the first rule that matches."""
    return next((number for number, rule in enumerate(rules) if matches(rule, key)), NONE)


def lookup(space, keys, frame=256):
    results = array("I", bytes(4 * len(keys)))
    space.lookup_many(b"".join(pack_key(*key) for key in keys), results, frame)
    return list(results)


# a small world, so that rules overlap and keys hit
addresses = st.builds(
    lambda base, low: base | low,
    st.sampled_from([0x0A010000, 0x0A010100, 0x0A600000, 0xC0A81E00]),
    st.sampled_from([0, 1, 2, 3, 128, 255]),
)
lengths = st.sampled_from([0, 8, 16, 23, 24, 25, 30, 31, 32])
protos = st.sampled_from([0, 1, 6, 17])
numbers = st.sampled_from([0, 1, 53, 80, 443, 1000, 65535])
port_ranges = st.one_of(
    st.just(ANY), numbers.map(lambda port: (port, port)), st.tuples(numbers, numbers), st.just((80, 79))
)
tcp_checks = st.one_of(st.just((0, 0)), st.sampled_from([(0x12, 0x02), (0x10, 0x10), (0x02, 0x03), (0xFF, 0x18)]))
rules_of = st.builds(
    lambda saddr, sl, daddr, dl, proto, sport, dport, flags: (saddr, sl, daddr, dl, proto, *sport, *dport, *flags),
    addresses, lengths, addresses, lengths, protos, port_ranges, port_ranges, tcp_checks,
)
keys_of = st.tuples(
    addresses, addresses, numbers, numbers, st.sampled_from([1, 6, 17, 47]), st.sampled_from([0, 2, 0x10, 0x12, 0x18]),
    st.sampled_from([L4_VALID, L4_VALID | TCP_FLAGS_VALID, 0, NONFIRST, NONFIRST | L4_VALID]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(rules_of, max_size=80), st.lists(keys_of, min_size=1, max_size=40), st.integers(1, 256))
def test_same_as_scan(rules, keys, frame):
    assert lookup(TupleSpace(rules), keys, frame) == [scan(rules, key) for key in keys]


@pytest.mark.parametrize("seed", range(4))
def test_many_rules_of_the_small_world(seed):
    """Hundreds of overlapping rules, so that buckets overflow and masks are chosen one after the other."""
    rng = random.Random(seed)
    bases = [rng.getrandbits(32) for _ in range(12)]
    ports = [ANY, (80, 80), (443, 443), (1000, 2000), (0, 1023), (53, 53)]
    rules = [
        (
            rng.choice(bases) ^ rng.getrandbits(6), rng.choice([0, 16, 24, 27, 32]),
            rng.choice(bases) ^ rng.getrandbits(6), rng.choice([0, 16, 24, 29, 32]),
            rng.choice([0, 6, 6, 17]), *rng.choice(ports), *rng.choice(ports), *rng.choice([(0, 0), (0x12, 0x02)]),
        )
        for _ in range(600)
    ]
    rules.sort(key=lambda rule: -rule[1] - rule[3])
    space = TupleSpace(rules)
    assert len(space.partitions()) > 1
    keys = [
        (
            rng.choice(bases) ^ rng.getrandbits(6), rng.choice(bases) ^ rng.getrandbits(6),
            rng.choice([80, 53, 1500, 5000]), rng.choice([80, 443, 1500, 5000]), rng.choice([6, 17]),
            rng.choice([2, 0x10]), L4_VALID | TCP_FLAGS_VALID,
        )
        for _ in range(1500)
    ]
    expected = [scan(rules, key) for key in keys]
    assert len(set(expected)) > 50
    assert lookup(space, keys) == expected


@pytest.mark.parametrize("name", NAMES)
def test_classbench(name):
    """Every header of the trace: in frames, one by one, by the scan in C; a part of them by that in Python."""
    rules, headers = load_rules(name), load_headers(name)
    space = TupleSpace(rules)
    raw = b"".join(pack_key(*header) for header in headers)
    scanned = array("I", bytes(4 * len(headers)))
    space.scan_many(raw, scanned)
    for frame in (256, 1):
        results = array("I", bytes(4 * len(headers)))
        space.lookup_many(raw, results, frame)
        assert results == scanned
    sample = range(0, len(headers), max(1, len(headers) * len(rules) // 1_000_000))
    assert [scanned[i] for i in sample] == [scan(rules, headers[i]) for i in sample]
    assert len(set(scanned)) > len(rules) // 5      # broad rules hide some, fw1's most; the rest is really used
    assert len(space.partitions()) <= 32
    assert space.n_linear <= 64


@pytest.mark.parametrize("name", NAMES[:1])
def test_classbench_as_fragments_and_without_l4(name):
    rules, headers = load_rules(name), load_headers(name)[:500]
    space = TupleSpace(rules)
    for flags in (NONFIRST, 0):
        keys = [(*header[:6], flags) for header in headers]
        assert lookup(space, keys) == [scan(rules, key) for key in keys]


RULES = [
    (0, 0, 0x08080808, 32, 17, *ANY, 9999, 9999, 0, 0),
    (0, 0, 0, 0, 6, *ANY, *ANY, 0x12, 0x02),
    (0x0A000000, 8, 0, 0, 0, 1, 0, 5, 5, 0xFF, 0xFF),
]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ((0x0B000001, 0x08080808, 5, 9999, 17, 0, L4_VALID), 0),
        ((0x0B000001, 0x08080808, 5, 9998, 17, 0, L4_VALID), NONE),
        ((0x0B000001, 0x08080808, 0, 0, 17, 0, NONFIRST), 0),                   # a later fragment: ports do not count
        ((0x0B000001, 0x08080808, 5, 9999, 17, 0, 0), NONE),                    # too short for ports
        ((0x0B000001, 1, 1, 1, 6, 0x02, L4_VALID | TCP_FLAGS_VALID), 1),
        ((0x0B000001, 1, 1, 1, 6, 0x12, L4_VALID | TCP_FLAGS_VALID), NONE),
        ((0x0B000001, 1, 1, 1, 6, 0x12, L4_VALID), 1),                          # flags unknown: not compared
        ((0x0A000001, 1, 1, 1, 47, 0, 0), 2),                                   # any protocol: nothing else counts
        ((0x0A000001, 1, 1, 1, 17, 0, L4_VALID), 2),
    ],
)
@pytest.mark.parametrize("padding", [0, 50], ids=["linear", "partitions"])
def test_semantics(key, expected, padding):
    """The same answers from a short list and behind masks."""
    rules = [*RULES, *((0xDE000000 + i, 32, 0xAD000000 + i, 32, 6, *ANY, 7, 7, 0, 0) for i in range(padding))]
    assert scan(rules, key) == expected
    assert lookup(TupleSpace(rules), [key]) == [expected]


def test_no_rules():
    space = TupleSpace([])
    assert len(space) == 0
    assert lookup(space, [(1, 2, 3, 4, 6, 0, L4_VALID), (1, 2, 3, 4, 6, 0, NONFIRST)]) == [NONE, NONE]
    assert lookup(space, []) == []


def test_the_same_rule_many_times():
    """No mask tells them apart: the first wins, nothing breaks."""
    rule = (0x0A000000, 8, 0, 0, 6, *ANY, *ANY, 0, 0)
    space = TupleSpace([rule] * 3000)
    assert lookup(space, [(0x0A000001, 5, 1, 1, 6, 0, L4_VALID), (0x0B000001, 5, 1, 1, 6, 0, L4_VALID)]) == [0, NONE]


def test_partitions_say_what_they_hold():
    rules = [(0x0A000000 + i, 32, 0, 0, 6, *ANY, 80, 80, 0, 0) for i in range(200)]
    space = TupleSpace(rules)
    (partition,) = space.partitions()
    assert partition["n_rules"] == 200
    assert partition["best_rule"] == 0
    assert partition["daddr_mask"] == 0
    assert partition["saddr_mask"] & 0xFFFFFF00 == 0xFFFFFF00
    assert partition["n_buckets"] >= 256
    assert space.n_linear == 0
    assert 200 * 32 < space.memory < 200 * 200


def test_wrong_arguments():
    with pytest.raises(ValueError, match="at most 32 bits"):
        TupleSpace([(0, 33, 0, 0, 0, *ANY, *ANY, 0, 0)])
    with pytest.raises(OverflowError):
        TupleSpace([(0, 0, 0, 0, 0, 0, 65536, *ANY, 0, 0)])
    with pytest.raises(ValueError, match="unpack"):
        TupleSpace([(0, 0)])
    space = TupleSpace(RULES)
    with pytest.raises(ValueError, match="room for 2"):
        space.lookup_many(bytes(16), array("I", [0, 0]))
    with pytest.raises(ValueError, match="1 to 256"):
        space.lookup_many(bytes(16), array("I", [0]), 257)
