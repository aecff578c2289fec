"""Reassembly against a plain model: which fragments wait, which are dropped, and what the packet is in the end."""

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import CliError, Engine

from .conftest import TWO_SUBNETS, Network, configure
from .frames import address, echo, ethernet, ip4, parse

HERE, PEER, FAR = "10.0.0.1", "10.0.0.2", "10.0.1.2"
ICMP = 1
DUPLICATE = ("ip4-reassembly", "duplicate/overlapping fragments")
LIMIT = ("ip4-reassembly", "drops due to concurrent reassemblies limit")
TIMEOUT = "fragments dropped due to reassembly timeout"


def fragment(content, offset, more, number=1, dst=HERE):
    return ethernet(ip4(PEER, dst, content, ICMP, id=number, offset=offset // 8, mf=int(more)))


def message(length):
    """The payload of an echo request of that many bytes, checksum right."""
    return echo(PEER, HERE, bytes(i * 7 & 255 for i in range(length - 8)))[20:]


def pieces(content, sizes, **where):
    """Frames of a packet cut into pieces of those sizes (multiples of 8), the rest being the last.

    None may begin at byte 8: ip4-input drops that one (RFC 1858).
    """
    frames, at = [], 0
    for size in sizes:
        if at + size >= len(content):
            break
        frames.append(fragment(content[at : at + size], at, True, **where))
        at += size
    return [*frames, fragment(content[at:], at, False, **where)]


def answers(run):
    """Payloads of what left by pg0; what left in pieces is put together by its offsets."""
    packets = {}
    for frame in run.frames["pg0"]:
        packet = parse(frame).data
        packets.setdefault(packet.id, []).append((packet.offset, bytes(packet.data)))
    return [b"".join(piece for _, piece in sorted(found)) for found in packets.values()]


def expected(content):
    """The reply that a request with this payload gets."""
    reply = echo(HERE, PEER, content[8:], kind=0)[20:]
    return reply[: len(content)]


def leaks(vpp):
    return vpp.buffers.in_use - vpp.buffers_held


@pytest.fixture(scope="module")
def shared():
    """One network for many examples; each waits until nothing of the last one is left."""
    with Engine(profile="18.10") as vpp:
        configure(vpp, TWO_SUBNETS)
        yield Network(vpp)


def forget(net):
    net.vpp.reassembly.release()
    assert net.vpp.buffers.in_use == 0


# ---- whole packets


@settings(max_examples=60)
@given(data=st.data(), length=st.integers(9, 8980), together=st.booleans())
def test_any_split_in_any_order_is_answered_whole(shared, data, length, together):
    content = message(length)
    sizes = data.draw(st.lists(st.integers(1, 180).map(lambda n: 8 * n), min_size=1, max_size=20))
    frames = pieces(content, [max(16, sizes[0]), *sizes[1:]])
    if len(frames) == 1:
        return
    order = data.draw(st.permutations(frames))
    run = shared.send(*order, together=together)
    assert answers(run) == [expected(content)]
    assert shared.vpp.buffers.in_use == shared.vpp.buffers_held == 0
    assert (run.consumed, run.generated, run.transmitted, run.dropped) == (len(frames), 1, 1, 0)


def test_fragments_longer_than_a_buffer(new_net):
    content = message(20000)
    frames = pieces(content, [6000, 5000, 4000])
    assert new_net.send(*frames[:-1]).transmitted == 0
    assert new_net.vpp.buffers_held == sum(-(-len(frame) // 2048) for frame in frames[:-1])
    assert answers(new_net.send(frames[-1])) == [expected(content)]
    assert new_net.vpp.buffers.in_use == 0


def test_the_longest_packet_and_what_is_longer(new_net):
    content = message(65515)
    assert answers(new_net.send(*pieces(content, [8000] * 9))) == [expected(content)]
    run = new_net.send(fragment(bytes(100), 65472, False))
    assert run.drops == {DUPLICATE: 1}
    assert new_net.vpp.buffers_held == 0


def test_in_the_smallest_pieces(new_net):
    content = message(800)
    assert answers(new_net.send(*pieces(content, [16] + [8] * 100))) == [expected(content)]


def test_packets_are_told_apart(new_net):
    """By identification, protocol, source and destination."""
    first, second = message(100), message(200)
    one, two = pieces(first, [48], number=1), pieces(second, [48], number=2)
    other = ethernet(ip4(PEER, HERE, bytes(8), 17, id=1, offset=6))
    run = new_net.send(one[0], two[0], other, two[1], one[1])
    assert answers(run) == [expected(second), expected(first)]
    assert new_net.vpp.reassembly.stats()["reassemblies"] == 1


def test_padding_behind_a_fragment_is_no_data(new_net):
    content = message(96)
    frames = [frame.ljust(200, b"\xee") for frame in pieces(content, [40, 16, 8])]
    assert answers(new_net.send(*reversed(frames))) == [expected(content)]


def test_what_is_not_for_the_vswitch_passes_in_pieces(new_net):
    content = message(100)
    run = new_net.send(*pieces(content, [48], dst=FAR))
    assert len(run.frames["pg1"]) == 2 and new_net.vpp.buffers_held == 0


def test_earlier_release_does_not_reassemble(net):
    if net.profile == "18.10":
        return
    run = net.send(*pieces(message(100), [48]))
    assert run.drops == {("ip4-input", "unknown ip protocol"): 2} and net.vpp.buffers_held == 0


# ---- overlaps, against a model


@dataclass
class Range:
    """What of a fragment counts, as first and end, and its bytes by their place."""

    first: int
    end: int
    content: dict[int, int]


@dataclass
class Model:
    """Ranges of a packet in order; rules as VPP 18.10 has them."""

    ranges: list[Range] = field(default_factory=list)
    end: int | None = None
    dropped: int = 0

    def add(self, first, content, more):
        """The whole payload when this completes it."""
        new = Range(first, first + len(content), {first + i: byte for i, byte in enumerate(content)})
        if not self.fits(new, more) or any(r.first <= new.first and new.end <= r.end for r in self.ranges):
            self.dropped += 1
            return None
        start = new.first
        for other in list(self.ranges):
            if other.end <= start or other.first >= new.end:
                continue
            if other.first < start:
                new.first = other.end
            elif other.end > new.end:
                other.first = new.end
            else:
                self.ranges.remove(other)
                self.dropped += 1
        self.ranges = sorted([*self.ranges, new], key=lambda r: r.first)
        self.end = self.end if more else new.end
        return self.whole()

    def fits(self, new, more):
        if self.end is not None:
            return new.end < self.end + more if more else new.end == self.end
        return more or all(r.end <= new.end for r in self.ranges)

    def whole(self):
        if self.end is None or sum(r.end - r.first for r in self.ranges) != self.end:
            return None
        return bytes(r.content[at] for r in self.ranges for at in range(r.first, r.end))


@st.composite
def hostile_fragments(draw):
    """(offset, content, more) with overlaps, doubles, several ends and holes, among 20 blocks of 8 bytes."""
    count = draw(st.integers(1, 14))
    found = []
    for i in range(count):
        first = draw(st.sampled_from([0, *range(2, 20)]))
        blocks = draw(st.integers(1, 8))
        more = draw(st.sampled_from([True, True, True, False])) or first == 0
        odd = draw(st.integers(0, 7)) if draw(st.integers(0, 3)) == 0 else 0
        found.append((8 * first, bytes([i + 1]) * (8 * blocks - odd), more))
    return found


@settings(max_examples=400)
@given(fragments=hostile_fragments(), together=st.booleans())
def test_overlaps_are_dealt_with_as_the_model_says(shared, fragments, together):
    forget(shared)
    model, wholes = Model(), []
    for first, content, more in fragments:
        payload = model.add(first, content, more)
        if payload is not None:
            wholes.append(payload)
            model = Model(dropped=model.dropped)
    frames = [ethernet(ip4(PEER, HERE, content, 253, id=9, offset=first // 8, mf=int(more)))
              for first, content, more in fragments]  # fmt: skip
    shared.cli("clear trace")
    shared.cli("trace add pg-input 100")
    run = shared.send(*frames, together=together)
    assert run.drops.get(DUPLICATE, 0) == model.dropped
    assert run.drops.get(("ip4-input", "unknown ip protocol"), 0) == len(wholes)
    assert [(f["range_first"], f["range_last"] + 1) for r in shared.vpp.reassembly.listing() for f in r["fragments"]] \
        == [(r.first, r.end) for r in model.ranges]  # fmt: skip
    assert shared.vpp.buffers_held == len(model.ranges) and leaks(shared.vpp) == 0
    shared.cli("show trace max 100")


@settings(max_examples=100)
@given(fragments=hostile_fragments(), content=st.binary(min_size=200, max_size=200))
def test_overlapping_content_is_the_models(shared, fragments, content):
    """The same as an echo request: pieces of one message, so that the answer shows whose bytes were taken."""
    forget(shared)
    body = message(200)
    noise = [(first, data, True) for first, data, _ in fragments if first + len(data) <= 160]
    model = Model()
    sequence = [*noise, (0, body[:104], True), (96, body[96:], False)]
    whole = None
    used = []
    for first, data, more in sequence:
        used.append(ethernet(ip4(PEER, HERE, data, ICMP, id=5, offset=first // 8, mf=int(more))))
        whole = model.add(first, data, more)
        if whole is not None:
            break
    run = shared.send(*used)
    assert run.transmitted == (whole is not None and whole[0] == 8)
    for reply in answers(run):
        assert reply[4:] == whole[4:]


# ---- bytes that nobody should send


@settings(max_examples=150)
@given(seed=st.integers(0, 2**32), together=st.booleans())
def test_no_bytes_do_harm(shared, seed, together):
    """Frames with random lengths, offsets and flags, on the way to the vswitch: all are accounted for."""
    forget(shared)
    choose = random.Random(seed)
    frames = []
    for _ in range(80):
        frame = bytearray(fragment(choose.randbytes(choose.choice([0, 1, 7, 8, 9, 64, 1400, 3000])),
                                   8 * choose.choice([0, 0, 2, 3, 100, 8191]), choose.random() < 0.7,
                                   number=choose.randrange(4)))  # fmt: skip
        if choose.random() < 0.3:
            frame[16:18] = choose.randrange(65536).to_bytes(2, "big")
        frames.append(bytes(frame[: choose.choice([len(frame)] * 4 + [20, 34, 35, 42])]))
    shared.send(*frames, together=together)
    assert leaks(shared.vpp) == 0


# ---- limits and time


def test_a_packet_that_stays_incomplete_is_given_up_by_the_timer(new_net):
    new_net.send(*pieces(message(100), [48])[:1])
    assert new_net.vpp.buffers_held == 1
    new_net.vpp.advance(9.9)
    assert new_net.vpp.buffers_held == 1
    new_net.vpp.advance(0.2)
    assert new_net.vpp.buffers_held == new_net.vpp.buffers.in_use == 0
    assert TIMEOUT in new_net.cli("show errors")


def test_a_late_fragment_begins_anew(new_net):
    first, last = pieces(message(100), [48])
    new_net.send(first)
    new_net.vpp.advance(0.2)
    assert new_net.send(last).transmitted == 0
    assert new_net.vpp.reassembly.stats()["reassemblies"] == 1
    assert answers(new_net.send(first)) == [expected(message(100))]


def test_no_more_packets_than_the_limit(new_net):
    times = {"timeout_ms": 5000, "expire_walk_interval_ms": 10000}
    new_net.vpp.api.ip_reassembly_set(max_reassemblies=3, **times)
    heads = [pieces(message(100), [48], number=number)[0] for number in range(5)]
    assert new_net.send(*heads).drops == {LIMIT: 2}
    new_net.vpp.api.ip_reassembly_set(max_reassemblies=2000, **times)
    many = [pieces(message(100), [48], number=number)[0] for number in range(2100)]
    assert new_net.send(*many, together=True).drops == {LIMIT: 100, DUPLICATE: 3}
    assert answers(new_net.send(pieces(message(100), [48], number=2)[1])) == [expected(message(100))]
    new_net.vpp.advance(20)
    assert new_net.vpp.buffers_held == 0


def test_one_packet_has_so_many_fragments_at_most(new_net):
    new_net.vpp.reassembly.configure(timeout_ms=5000)
    frames = pieces(message(16000), [16] + [8] * 1998)
    run = new_net.send(*frames)
    assert run.drops == {LIMIT: 1999 - 1024} and new_net.vpp.buffers_held == 1024


def test_fragments_alone_do_not_stop_the_vswitch():
    with Engine(profile="18.10", buffers=1024) as vpp:
        configure(vpp, TWO_SUBNETS)
        flood = [fragment(bytes(8), 16, True, number=number) for number in range(1000)]
        assert vpp.replay({"pg0": flood}).drops == {LIMIT: 1000 - 512}
        assert vpp.replay({"pg0": [ethernet(echo(PEER, HERE))]}).transmitted == 1
        vpp.close()
        assert vpp.buffers.in_use == 0


# ---- control


def test_what_waits_goes_with_its_interface(new_net):
    vpp = new_net.vpp
    vpp.cli("create packet-generator interface pg2")
    vpp.cli("set interface mac address pg2 02:fe:00:00:00:00")
    vpp.cli("set interface ip address pg2 10.0.2.1/24")
    vpp.cli("set interface state pg2 up")
    new_net.send(pieces(message(100), [48])[0])
    vpp.replay({"pg2": [pieces(message(100), [48], number=2, dst="10.0.2.1")[0]]})
    assert vpp.buffers_held == 2
    vpp.reassembly.interface_deleted(vpp.interfaces.get("pg2"))
    assert vpp.buffers_held == vpp.buffers.in_use == 1


def test_the_trace_may_be_cleared_while_fragments_wait(new_net):
    first, last = pieces(message(100), [48])
    new_net.cli("trace add pg-input 1")
    new_net.send(first)
    new_net.cli("clear trace")
    assert answers(new_net.send(last)) == [expected(message(100))]
    assert "No packets" in new_net.cli("show trace")


def test_the_whole_packet_is_traced_with_its_first_fragment(new_net):
    first, last = pieces(message(100), [48])
    new_net.cli("trace add pg-input 1")
    new_net.send(first, last)
    nodes = [entry["node"] for entry in new_net.cli_data("show trace")["packets"][0]["entries"]]
    assert nodes[-1] == "pg0-tx" and nodes.count("ip4-input") == 2


def test_details(new_net):
    content = bytes(range(64))
    new_net.send(fragment(content[16:48], 16, True), fragment(content[:32], 0, True), fragment(content, 56, False))
    text = new_net.cli("show ip4-reassembly details")
    assert "src: 10.0.0.2, dst: 10.0.0.1, frag_id: 1, proto: 1\n" in text
    assert "data_len: 112, last_packet_octet: 119" in text
    assert "#001: range: [32, 47]" in text and "off: 16, len: 16, fragment[16, 47]" in text
    assert "Buffers in use: 3" in text


def test_settings_are_checked_and_kept(new_net):
    api = new_net.vpp.api
    before = api.ip_reassembly_get()
    assert (before.timeout_ms, before.max_reassemblies, before.expire_walk_interval_ms) == (100, 1024, 10000)
    for bad in ({"timeout_ms": 0}, {"max_reassemblies": -1}, {"expire_walk_interval_ms": 1 << 40}):
        fields = {"timeout_ms": 1, "max_reassemblies": 1, "expire_walk_interval_ms": 1} | bad
        assert api.ip_reassembly_set(**fields).retval == -7
    assert api.ip_reassembly_set(timeout_ms=1, max_reassemblies=1, expire_walk_interval_ms=1, is_ip6=True).retval == -9
    assert api.ip_reassembly_get() == before


def test_earlier_release_has_no_settings():
    with Engine(profile="18.01") as vpp:
        assert vpp.api.ip_reassembly_get().retval == -9
        with pytest.raises(CliError):
            vpp.cli("show ip4-reassembly")


# ---- on an interface


def test_an_interface_may_reassemble_what_passes(new_net):
    new_net.cli("set interface reassembly pg0 on")
    content = message(3000)
    frames = pieces(content, [1480], dst=FAR)
    assert new_net.send(frames[1]).transmitted == 0
    assert new_net.vpp.buffers_held == 1
    whole = parse(new_net.send(frames[0]).frames["pg1"][0])
    assert bytes(whole.data.data) == content and whole.data.dst == address(FAR)
    passed = new_net.send(ethernet(echo(PEER, FAR)), frames[0], ethernet(echo(PEER, FAR)), together=True)
    assert passed.transmitted == 2 and passed.consumed == 1


def test_features_may_change_while_fragments_wait(new_net):
    """The packet goes the way of the fragment that completes it."""
    new_net.cli("set interface reassembly pg0 on")
    first, last = pieces(message(100), [48], dst=FAR)
    new_net.send(first)
    new_net.cli("set interface ip source-check pg0 strict")
    new_net.cli("set interface reassembly pg1 on")
    assert new_net.send(last).transmitted == 1
    new_net.send(first)
    new_net.cli("set interface reassembly pg0 off")
    assert new_net.send(last).transmitted == 1, "a fragment that passes"
    assert new_net.vpp.buffers_held == 1


def test_refused_by_name():
    with Engine(profile="18.10") as vpp, pytest.raises(CliError, match="unknown interface"):
        vpp.cli("set interface reassembly pg9 on")
