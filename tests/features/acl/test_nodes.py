"""The nodes in the real graph against the plain model, packet by packet, in both profiles."""

from ipaddress import IPv4Interface

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.features.acl.rule import ALL_PORTS, Rule

from .model import Model
from .packets import ACK, FIN, GRE, ICMP, INSIDE, OUTSIDE, RST, SYN, TCP, UDP, Packet, counts, router, send

PROFILES = ("18.01", "18.10")
PORTS = st.sampled_from([0, 3, 8, 80, 443, 1000])
RANGES = st.one_of(st.just(ALL_PORTS), PORTS.map(lambda p: (p, p)), st.just((80, 999)))
PREFIXES = st.sampled_from(["0.0.0.0/0", "10.0.0.0/24", "10.0.0.2/31", "10.0.1.3/32", "10.0.0.0/15"]).map(IPv4Interface)
PROTOCOLS = st.sampled_from([ICMP, TCP, UDP, GRE])
FLAGS = st.sampled_from([SYN, ACK, SYN | ACK, FIN | ACK, RST, 0])

rules = st.builds(
    Rule,
    action=st.sampled_from([0, 1, 2, 2]),
    src=PREFIXES,
    dst=PREFIXES,
    proto=st.one_of(st.just(0), PROTOCOLS),
    sport=RANGES,
    dport=RANGES,
    tcp_flags_mask=st.sampled_from([0, 0, SYN | ACK]),
    tcp_flags_value=st.sampled_from([0, SYN]),
)
acls = st.lists(st.lists(rules, min_size=1, max_size=4), max_size=3)


@st.composite
def packets(draw, inward: bool) -> Packet:
    ends = draw(st.sampled_from(OUTSIDE)), draw(st.sampled_from(INSIDE))
    src, dst = ends if inward else ends[::-1]
    return Packet(
        src,
        dst,
        draw(PROTOCOLS),
        draw(PORTS),
        draw(PORTS),
        draw(FLAGS),
        later_fragment=draw(st.sampled_from([False] * 7 + [True])),
        short=draw(st.sampled_from([False] * 15 + [True])),
    )


vectors = st.booleans().flatmap(lambda inward: st.tuples(st.just(inward), st.lists(packets(inward), max_size=12)))
steps = st.lists(st.one_of(vectors, st.sampled_from([1.0, 2000.0, 200000.0])), min_size=1, max_size=12)


class Twin:
    """The engine and the model, fed the same."""

    def __init__(self, profile: str, applied: dict[tuple[int, bool], list[list[Rule]]]) -> None:
        self.vpp = router(profile)
        self.applied: dict[tuple[int, bool], list[tuple[int, list[Rule]]]] = {}
        for (interface, is_input), lists in applied.items():
            indices = [self.vpp.acl.add_replace(rules) for rules in lists]
            self.vpp.acl.set_list(interface, is_input, indices)
            self.applied[interface, is_input] = list(zip(indices, lists, strict=True))
        self.model = Model(profile, self.applied)
        self.numbers: dict[object, int] = {}

    def check(self, verdict, entry) -> None:
        assert entry["action"] == verdict.action
        assert entry["acl"] == verdict.acl
        assert entry["trace_bits"] == verdict.bits
        assert (entry["next_index"] == 0) == (verdict.action == 0)
        if verdict.action == 3:
            live = {
                session: self.numbers[session] for session in self.model.sessions.values() if session in self.numbers
            }
            assert self.numbers.setdefault(verdict.rule, entry["rule"]) == entry["rule"]
            assert [s for s, number in live.items() if number == entry["rule"] and s is not verdict.rule] == []
        else:
            assert entry["rule"] == verdict.rule

    def vector(self, inward: bool, vector: list[Packet]) -> None:
        if not vector:
            return
        entries = send(self.vpp, int(inward), *vector)
        rx, tx = (2, 1) if inward else (1, 2)
        on_input = self.model.frame(rx, True, vector)
        passed = [i for i in range(len(vector)) if not on_input or on_input[i].action]
        on_output = self.model.frame(tx, False, [vector[i] for i in passed])
        for i, verdict in enumerate(on_input):
            assert entries[i][0]["node"] == "acl-plugin-in-ip4-fa"
            self.check(verdict, entries[i][0])
        for i, verdict in zip(passed, on_output, strict=False):
            assert entries[i][-1]["node"] == "acl-plugin-out-ip4-fa"
            self.check(verdict, entries[i][-1])
        assert sum(map(len, entries)) == len(on_input) + len(on_output)

    def advance(self, seconds: float) -> None:
        self.vpp.advance(seconds)
        self.model.advance(seconds)


@pytest.mark.parametrize("profile", PROFILES)
@given(pg0_in=acls, pg0_out=acls, pg1_in=acls, pg1_out=acls, steps=steps)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_as_the_model(profile, pg0_in, pg0_out, pg1_in, pg1_out, steps):
    twin = Twin(profile, {(1, True): pg0_in, (1, False): pg0_out, (2, True): pg1_in, (2, False): pg1_out})
    for step in steps:
        if isinstance(step, float):
            twin.advance(step)
        else:
            twin.vector(*step)
    counters = twin.vpp.acl.state.counters()
    assert counters["entries"] == len(twin.model.sessions)


REFLECT_ALL = "set acl-plugin acl permit+reflect"
DENY_ALL = "set acl-plugin acl deny"
IN_OUT = ("set acl-plugin interface pg0 input acl 0", "set acl-plugin interface pg0 output acl 1")


@pytest.mark.parametrize("profile", PROFILES)
def test_second_packet_of_a_frame_finds_the_session_of_the_first(profile):
    vpp = router(profile, REFLECT_ALL, DENY_ALL, *IN_OUT)
    syn = Packet(INSIDE[0], OUTSIDE[0])
    other = Packet(INSIDE[1], OUTSIDE[0])
    entries = send(vpp, 0, syn, other, syn, other)
    assert [entry[0]["action"] for entry in entries] == [2, 2, 3, 3]
    assert [entry[0]["rule"] for entry in entries] == [0, 0, 0, 1]
    assert [entry[0]["trace_bits"] for entry in entries] == [0, 0, 0x80000000, 0x80000000]
    assert vpp.acl.state.counters()["added"] == 2


@pytest.mark.parametrize(("profile", "change"), [("18.01", 0x80010201), ("18.10", 0x80010302)])
def test_handshake_establishes(profile, change):
    vpp = router(profile, REFLECT_ALL, DENY_ALL, *IN_OUT)
    syn = Packet(INSIDE[0], OUTSIDE[0])
    ack = Packet(INSIDE[0], OUTSIDE[0], flags=ACK)
    bits = [
        send(vpp, side, packet)[0][0]["trace_bits"] for side, packet in ((0, syn), (1, syn.reply()), (0, ack), (0, ack))
    ]
    assert bits == [0, 0x80000000, change, 0x80000000]
    assert counts(vpp, "acl-plugin-in-ip4-fa")["restart session timer"] == 1


def test_echo_reply_finds_the_session_in_18_10_only():
    for profile, action in (("18.01", 0), ("18.10", 3)):
        vpp = router(profile, REFLECT_ALL, DENY_ALL, *IN_OUT)
        send(vpp, 0, Packet(INSIDE[0], OUTSIDE[0], ICMP, 8, 0))
        reply = send(vpp, 1, Packet(OUTSIDE[0], INSIDE[0], ICMP, 0, 0))
        assert reply[0][0]["action"] == action


@pytest.mark.parametrize("profile", PROFILES)
def test_numbers_are_reused_last_freed_first(profile):
    vpp = router(profile, REFLECT_ALL, "set acl-plugin interface pg0 input acl 0")
    flows = [Packet(INSIDE[0], OUTSIDE[0], UDP, port, 53) for port in range(5)]
    send(vpp, 0, *flows)
    vpp.advance(1000)
    assert vpp.acl.state.sessions() == []
    send(vpp, 0, *flows)
    assert [entry[0]["rule"] for entry in send(vpp, 0, *flows)] == [4, 3, 2, 1, 0]


@pytest.mark.parametrize(("profile", "room"), [("18.01", 3), ("18.10", 2)])
def test_full_table_makes_room_among_transient_tcp_only(profile, room):
    vpp = router(profile, REFLECT_ALL, "set acl-plugin interface pg0 input acl 0")
    vpp.cli("set acl-plugin session table max-entries 3")
    flows = [Packet(INSIDE[0], OUTSIDE[0], UDP, port, 53) for port in range(4)]
    actions = [entry[0]["action"] for entry in send(vpp, 0, *flows)]
    assert actions == [2] * room + [0] * (4 - room)
    assert vpp.graph.drops()["acl-plugin-in-ip4-fa", "too many sessions to add new"] == 4 - room

    vpp = router(profile, REFLECT_ALL, "set acl-plugin interface pg0 input acl 0")
    vpp.cli("set acl-plugin session table max-entries 3")
    flows = [Packet(INSIDE[0], OUTSIDE[0], TCP, port, 80) for port in range(6)]
    assert [entry[0]["action"] for entry in send(vpp, 0, *flows)] == [2] * 6
    assert len(vpp.acl.state.sessions()) == room
    again = [entry[0]["action"] for entry in send(vpp, 0, *flows[-room:])]
    assert again == [3] * room


def test_reclassification_ends_sessions_of_an_older_policy():
    vpp = router("18.10", "set acl-plugin acl permit+reflect proto 6", DENY_ALL, *IN_OUT)
    syn = Packet(INSIDE[0], OUTSIDE[0])
    send(vpp, 0, syn)
    vpp.cli("set acl-plugin acl index 0 deny proto 6")
    assert send(vpp, 0, syn)[0][0]["action"] == 3
    vpp.cli("set acl-plugin reclassify-sessions 1")
    vpp.cli("set acl-plugin acl index 0 deny proto 6 sport 1000")
    entry = send(vpp, 0, syn)[0][0]
    assert (entry["action"], entry["trace_bits"], entry["words"][5] & 0xFFFFFFFF) == (0, 0xC0000000, entry["lc_index"])
    assert vpp.acl.state.interface_counters(1)["epoch_changes"] == 1


def test_fragments_match_by_protocol_unless_told_otherwise():
    vpp = router("18.10", "set acl-plugin acl deny proto 17 dport 53, permit")
    vpp.cli("set acl-plugin interface pg0 input acl 0")
    fragment = Packet(INSIDE[0], OUTSIDE[0], UDP, later_fragment=True)
    assert send(vpp, 0, fragment)[0][0]["rule"] == 0
    vpp.cli("set acl-plugin l4-match-nonfirst-fragment 0")
    assert send(vpp, 0, fragment)[0][0]["rule"] == 1
    vpp.cli("set acl-plugin use-hash-acl-matching 0")
    assert send(vpp, 0, fragment)[0][0]["rule"] == 1
    assert vpp.acl.hits(0) == [1, 2]


@pytest.mark.parametrize("profile", PROFILES)
def test_changing_the_list_ends_the_sessions_of_the_interface(profile):
    vpp = router(profile, REFLECT_ALL, "set acl-plugin acl permit", "set acl-plugin interface pg0 input acl 0")
    vpp.cli("set acl-plugin interface pg1 output acl 0")
    send(vpp, 0, Packet(INSIDE[0], OUTSIDE[0]))
    assert vpp.acl.state.counters()["added"] == 2
    vpp.cli("set acl-plugin interface pg0 input acl 1")
    vpp.advance(1)
    assert [vpp.acl.state.session(n)["sw_if_index"] for n in vpp.acl.state.sessions()] == [2]


def test_all_packets_are_accounted_for():
    vpp = router("18.10", "set acl-plugin acl permit+reflect proto 6, deny", "set acl-plugin interface pg0 input acl 0")
    flows = [Packet(INSIDE[i % 3], OUTSIDE[0], (TCP, UDP)[i % 2], i, 80) for i in range(700)]
    run = vpp.replay({"pg0": [packet.frame() for packet in flows]}, together=True)
    assert (run.received, run.transmitted, run.dropped) == (700, 350, 350)
    expected = {"checked packets": 700, "new sessions added": 350, "ACL deny packets": 350}
    assert counts(vpp, "acl-plugin-in-ip4-fa") == expected
