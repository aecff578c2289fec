"""Translation there and back, against a plain model; checksums by full recomputation."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .model import POOL, Model
from .packets import ICMP, TCP, UDP, Packet, engine, send, send_one

NAT = (f"nat44 add address {POOL}", "set interface nat44 in pg0 out pg1")
MAPPINGS = {(TCP, POOL, 80): ("10.0.0.3", 8080), (UDP, POOL, 5300): ("10.0.0.4", 53),
            (ICMP, POOL, 99): ("10.0.0.3", 77)}  # fmt: skip
NAMES = {TCP: "tcp", UDP: "udp", ICMP: "icmp"}
MAPPING_LINES = [
    f"nat44 add static mapping {NAMES[protocol]} local {local} {port} external {external} {external_port}"
    for (protocol, external, external_port), (local, port) in MAPPINGS.items()
]
SERVICES = {(TCP, "10.0.1.200", 80): [("10.0.0.6", 8080), ("10.0.0.7", 8080), ("10.0.0.8", 80)],
            (UDP, "10.0.1.200", 53): [("10.0.0.6", 53), ("10.0.0.7", 53)]}  # fmt: skip
SERVICE_LINES = [
    f"nat44 add load-balancing static mapping protocol {NAMES[protocol]} external {external}:{port} "
    + " ".join(f"local {local}:{local_port} probability 1" for local, local_port in backends)
    + " out2in-only"
    for (protocol, external, port), backends in SERVICES.items()
]
PROTOCOLS = st.sampled_from([TCP, UDP, ICMP])
PORTS = st.sampled_from([1, 53, 77, 99, 1000, 1001, 8080, 65535])
PAYLOADS = st.binary(max_size=40)

from_inside = st.builds(Packet, st.sampled_from([f"10.0.0.{i}" for i in (2, 3, 4)]),
                        st.sampled_from(["10.0.1.2", "10.0.1.3"]), PROTOCOLS, PORTS, PORTS, PAYLOADS)  # fmt: skip
new_from_outside = st.builds(Packet, st.sampled_from(["10.0.1.2", "10.0.1.3"]), st.just(POOL), PROTOCOLS,
                             st.sampled_from([80, 99, 5300, 1000]), st.sampled_from([80, 5300, 99, 16253]),
                             PAYLOADS)  # fmt: skip
to_services = st.builds(Packet, st.sampled_from(["10.0.1.2", "10.0.1.3"]), st.just("10.0.1.200"),
                        st.sampled_from([TCP, UDP]), PORTS, st.sampled_from([80, 53]), PAYLOADS)  # fmt: skip
answers = st.integers(0, 30)


def answer_to(packet, payload=b"answer"):
    """What the host that got a packet says."""
    if packet.protocol == ICMP:
        return replace(packet, src=packet.dst, dst=packet.src, payload=payload, icmp_type=0, ttl=64, checksummed=True)
    return replace(packet, src=packet.dst, dst=packet.src, sport=packet.dport, dport=packet.sport, payload=payload,
                   ttl=64, checksummed=True)  # fmt: skip


def play(vpp, model, steps):
    """Send the steps one by one; every packet must become what the model says."""
    received = []
    for step in steps:
        if isinstance(step, int):
            if not received:
                continue
            packet = answer_to(received[step % len(received)])
        else:
            packet = step
        expected = (model.from_inside if packet.src.startswith("10.0.0.") else model.from_outside)(packet)
        got = send_one(vpp, packet)
        if expected is None:
            assert got is None, packet
            continue
        assert got == expected, packet
        received.append(got)


@pytest.mark.parametrize("profile", ["18.01", "18.10"])
@settings(max_examples=40)
@given(steps=st.lists(st.one_of(from_inside, new_from_outside, answers), max_size=40))
def test_dynamic_and_static(profile, steps):
    play(engine(*NAT, *MAPPING_LINES, profile=profile), Model(MAPPINGS), steps)


@settings(max_examples=40)
@given(steps=st.lists(st.one_of(from_inside, to_services, answers), max_size=40))
def test_load_balanced(steps):
    play(engine(*NAT, *SERVICE_LINES), Model(services=SERVICES), steps)


@settings(max_examples=20)
@given(steps=st.lists(from_inside.filter(lambda packet: packet.protocol != ICMP), min_size=1, max_size=200))
def test_a_vector_becomes_what_single_packets_become(steps):
    """Whatever the passes of a frame see ahead, the result is that of one packet after the other."""
    vpp, model = engine(*NAT), Model()
    got = send(vpp, *steps)
    assert sorted(map(repr, got)) == sorted(repr(model.from_inside(packet)) for packet in steps)


@settings(max_examples=20)
@given(steps=st.lists(to_services, min_size=1, max_size=200))
def test_a_vector_to_services(steps):
    vpp, model = engine(*NAT, *SERVICE_LINES), Model(services=SERVICES)
    expected = [model.from_outside(packet) for packet in steps]
    assert sorted(map(repr, send(vpp, *steps))) == sorted(repr(packet) for packet in expected if packet)


def test_address_only_mapping_keeps_ports():
    vpp = engine(*NAT, "nat44 add static mapping local 10.0.0.5 external 10.0.1.105")
    assert send_one(vpp, Packet("10.0.1.2", "10.0.1.105", TCP, 7, 8)).dst == "10.0.0.5"
    sent = send_one(vpp, Packet("10.0.0.5", "10.0.1.2", UDP, 1234, 8))
    assert (sent.src, sent.sport) == ("10.0.1.105", 1234)
    ping = send_one(vpp, Packet("10.0.1.2", "10.0.1.105", ICMP, 5, 1))
    assert (ping.dst, ping.sport) == ("10.0.0.5", 5)


def test_no_translation_between_inside_hosts_nor_to_the_router():
    vpp = engine(*NAT)
    assert send_one(vpp, Packet("10.0.0.2", "10.0.0.3", UDP, 1, 2)).src == "10.0.0.2"
    send_one(vpp, Packet("10.0.0.2", "10.0.0.1", UDP, 1, 2))
    assert vpp.cli_data("show nat44 sessions")["count"] == 0


def test_output_feature_translates_what_leaves_by_its_interface():
    vpp = engine(f"nat44 add address {POOL}", "set interface nat44 out pg1 output-feature")
    sent = send_one(vpp, Packet("10.0.0.2", "10.0.1.2", TCP, 1000, 80))
    assert (sent.src, sent.sport) == (POOL, 16253)
    back = send_one(vpp, answer_to(sent))
    assert (back.dst, back.dport) == ("10.0.0.2", 1000)
    again = send_one(vpp, Packet("10.0.0.2", "10.0.1.2", TCP, 1000, 80))
    assert (again.src, again.sport) == (POOL, 16253)


def test_hairpinning():
    """An inside host reaches another one by its outside address, and is itself seen by its own."""
    vpp = engine(*NAT, f"nat44 add static mapping tcp local 10.0.0.3 8080 external {POOL} 80")
    sent = send_one(vpp, Packet("10.0.0.2", POOL, TCP, 1000, 80))
    assert (sent.src, sent.sport, sent.dst, sent.dport) == (POOL, 16253, "10.0.0.3", 8080)
    back = send_one(vpp, answer_to(sent))
    assert (back.src, back.sport, back.dst, back.dport) == (POOL, 80, "10.0.0.2", 1000)


def test_ttl_one_is_answered_and_not_translated():
    vpp = engine(*NAT)
    sent = send(vpp, Packet("10.0.0.2", "10.0.1.2", UDP, 1, 2, ttl=1))
    assert [(packet.src, packet.dst, packet.icmp_type) for packet in sent] == [("10.0.0.1", "10.0.0.2", 11)]
    assert vpp.cli_data("show nat44 sessions")["count"] == 0


def test_twice_nat_and_self_twice_nat():
    service = "nat44 add load-balancing static mapping protocol tcp external 10.0.1.200:{} {} local 10.0.0.6:80 " \
              "probability 1 local 10.0.0.6:80 probability 1 out2in-only"  # fmt: skip
    vpp = engine(*NAT, "nat44 add address 10.0.1.150 twice-nat", service.format(80, "twice-nat"),
                 service.format(81, "self-twice-nat"), "set interface nat44 out pg0")  # fmt: skip
    sent = send_one(vpp, Packet("10.0.1.2", "10.0.1.200", TCP, 1000, 80))
    assert (sent.src, sent.dst, sent.dport) == ("10.0.1.150", "10.0.0.6", 80)
    back = send_one(vpp, answer_to(sent))
    assert (back.src, back.sport, back.dst, back.dport) == ("10.0.1.200", 80, "10.0.1.2", 1000)
    assert send_one(vpp, Packet("10.0.1.2", "10.0.1.200", TCP, 1001, 81)).src == "10.0.1.2"
    own = send_one(vpp, Packet("10.0.0.6", "10.0.1.200", TCP, 1001, 81))
    assert (own.src, own.dst, own.dport) == ("10.0.1.150", "10.0.0.6", 80)


def test_forwarding_passes_what_nothing_translates():
    vpp = engine(*NAT)
    stranger = Packet("10.0.1.2", "10.0.0.2", UDP, 1, 2)
    assert send_one(vpp, stranger) is None
    vpp.cli("nat44 forwarding enable")
    assert send_one(vpp, stranger).dst == "10.0.0.2"
    assert send_one(vpp, Packet("10.0.0.2", "10.0.1.2", UDP, 5, 6)).src == "10.0.0.2"


def test_answers_of_forwarded_flows_leave_untranslated():
    vpp = engine(f"nat44 add address {POOL}", "set interface nat44 out pg1 output-feature", "nat44 forwarding enable")
    came = send_one(vpp, Packet("10.0.1.2", "10.0.0.2", TCP, 1000, 80))
    assert send_one(vpp, answer_to(came)).src == "10.0.0.2"
    assert send_one(vpp, Packet("10.0.0.2", "10.0.1.2", TCP, 1000, 80)).src == POOL
    assert "forwarding-bypass" in vpp.cli("show nat44 sessions detail")
