"""What `trace add` chooses, what a ring keeps, and what it costs nobody."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import CliError, Engine
from engine.core.bpf import compile_filter
from engine.devices.pcap.source import FrameList

from ..net.frames import ROUTER_MAC, ethernet, ip4, udp

ROUTER = """
create packet-generator interface pg0
set interface mac address pg0 02:fe:00:00:00:00
set interface ip address pg0 10.0.0.1/24
set interface state pg0 up
create packet-generator interface pg1
set interface mac address pg1 02:fe:00:00:00:00
set interface ip address pg1 10.0.1.1/24
set interface state pg1 up
set ip arp static pg1 10.0.1.2 02:00:00:00:01:02
"""


def configured():
    engine = Engine(buffers=4096)
    for line in ROUTER.strip().splitlines():
        engine.cli(line)
    return engine


@pytest.fixture
def vpp():
    with configured() as engine:
        yield engine
        assert engine.buffers.in_use == 0


def to_port(dport, **fields):
    return ethernet(udp("10.0.0.2", "10.0.1.2", dport=dport, **fields))


def ports(vpp, limit=1000):
    """Destination ports of the traced packets, as pg-input printed them."""
    packets = vpp.cli_data(f"show trace max {limit}")["packets"]
    texts = [packet["entries"][0]["text"] for packet in packets]
    return [int(text.split("UDP: 1234 -> ")[1].split()[0]) for text in texts]


def asked(vpp):
    return vpp.cli_data("show trace")["asked"]


def test_a_filter_chooses(vpp):
    vpp.cli('trace add pg-input 2 filter "udp port 53"')
    vpp.replay({"pg0": [to_port(port) for port in (80, 53, 81, 53, 53, 82)]})
    assert ports(vpp) == [53, 53]


@pytest.mark.parametrize("together", [False, True])
def test_a_filter_chooses_in_vectors_too(vpp, together):
    vpp.cli("trace add pg-input 1000 filter {udp port 53 or udp port 54}")
    vpp.replay({"pg0": [to_port(50 + n % 6) for n in range(600)]}, together=together)
    assert ports(vpp) == [53, 54] * 100


def test_traced_packets_are_traced_to_their_end(vpp):
    vpp.cli("trace add pg-input 5 filter 'udp port 53'")
    vpp.replay({"pg0": [to_port(80), to_port(53)]}, together=True)
    (packet,) = vpp.cli_data("show trace")["packets"]
    nodes = [entry["node"] for entry in packet["entries"]]
    assert nodes[0] == "pg-input" and nodes[-1] == "pg1-tx" and "ip4-lookup" in nodes


def test_an_interface_chooses(vpp):
    vpp.cli("trace add pg-input 10 interface pg1")
    vpp.replay({"pg0": [to_port(1)] * 3, "pg1": [to_port(2)] * 2})
    assert ports(vpp) == [2, 2]


def test_filter_and_interface_must_both_agree(vpp):
    vpp.cli('trace add pg-input 10 interface pg1 filter "port 53"')
    vpp.replay({"pg0": [to_port(53)] * 3, "pg1": [to_port(2), to_port(53)]})
    assert ports(vpp) == [53]


def test_budgets_of_the_plain_form_add_up(vpp):
    vpp.cli("trace add pg-input 1")
    vpp.cli("trace add pg-input 2")
    vpp.replay({"pg0": [to_port(n) for n in range(5)]})
    assert ports(vpp) == [0, 1, 2]


def test_each_request_has_a_budget_of_its_own(vpp):
    vpp.cli("trace add pg-input 2")
    vpp.cli('trace add pg-input 1 filter "port 53"')
    vpp.cli('trace add pg-input 1 filter "port 53"')
    assert [ask["remaining"] for ask in asked(vpp)] == [2, 2]
    vpp.replay({"pg0": [to_port(port) for port in (53, 80, 53, 81, 53, 82)]})
    assert ports(vpp) == [53, 80, 53, 81]
    assert [ask["remaining"] for ask in asked(vpp)] == [0]


def test_several_filters_on_one_node(vpp):
    for port in (53, 54, 55):
        vpp.cli(f'trace add pg-input {port - 52} filter "port {port}"')
    vpp.replay({"pg0": [to_port(port) for port in (55, 54, 53) * 5]})
    assert sorted(ports(vpp)) == [53, 54, 54, 55, 55, 55]


# ---- rings


@pytest.mark.parametrize("together", [False, True])
def test_a_ring_keeps_the_newest(vpp, together):
    vpp.cli("trace add pg-input 3 ring")
    vpp.replay({"pg0": [to_port(n) for n in range(700)]}, together=together)
    assert ports(vpp) == [697, 698, 699]
    assert len(vpp.tracer) == 3
    vpp.replay({"pg0": [to_port(7)]})
    assert ports(vpp) == [698, 699, 7]


def test_a_ring_of_what_a_filter_matches(vpp):
    vpp.cli('trace add pg-input 2 filter "udp dst portrange 10-12" ring')
    vpp.replay({"pg0": [to_port(n) for n in range(30)]})
    assert ports(vpp) == [11, 12]


def test_ring_and_budget_side_by_side(vpp):
    vpp.cli("trace add pg-input 2")
    vpp.cli('trace add pg-input 2 ring filter "udp dst port 5 or udp dst port 6 or udp dst port 7"')
    vpp.replay({"pg0": [to_port(n) for n in range(10)]})
    assert ports(vpp) == [0, 1, 6, 7]


def test_a_packet_that_waits_does_not_write_into_its_successors_record(vpp):
    """A fragment waits for the others while its record goes to newer packets."""
    vpp.cli("trace add pg-input 1 ring")
    whole = udp("10.0.0.2", "10.0.0.1", data=bytes(64), id=9)
    first = ip4("10.0.0.2", "10.0.0.1", whole[20:44], id=9, mf=1)
    last = ip4("10.0.0.2", "10.0.0.1", whole[44:], id=9, offset=24)
    vpp.replay({"pg0": [ethernet(first)]})
    vpp.replay({"pg0": [to_port(5), ethernet(last)]})
    (packet,) = vpp.cli_data("show trace")["packets"]
    assert [entry["node"] for entry in packet["entries"]].count("pg-input") == 1
    vpp.advance(1000)  # nothing waits for ever


def test_a_new_ring_takes_the_place_of_the_old(vpp):
    vpp.cli("trace add pg-input 2 ring")
    vpp.replay({"pg0": [to_port(n) for n in range(5)]})
    vpp.cli("trace add pg-input 1 ring")
    vpp.replay({"pg0": [to_port(n) for n in range(5, 9)]})
    assert ports(vpp) == [3, 4, 8]
    assert [ask["ring"] for ask in asked(vpp)] == [1]


REQUESTS = st.tuples(
    st.integers(0, 6), st.sampled_from([None, "udp dst port 1", "udp dst port 2", "port 3 or port 1"]), st.booleans()
)


@settings(max_examples=40)
@given(st.lists(REQUESTS, max_size=5), st.lists(st.integers(0, 4), max_size=40), st.booleans())
def test_any_requests_against_a_plain_model(requests, dports, together):
    """Budgets, filters and rings in Python: a packet is the first request's that wants it, the plain budget is last."""
    frames = [ethernet(udp("10.0.0.2", "10.0.1.2", sport=1234, dport=port)) for port in dports]
    vpp = configured()
    budget, requested = 0, []
    for n, text, ring in requests:
        condition = f' filter "{text}"' if text else ""
        if ring and n == 0:
            with pytest.raises(CliError, match="a ring keeps"):
                vpp.cli(f"trace add pg-input {n}{condition} ring")
            continue
        vpp.cli(f"trace add pg-input {n}{condition}{' ring' if ring else ''}")
        if text is None and not ring:
            budget += n
            continue
        same = next((known for known in requested if known[:2] == (text, ring)), None)
        if same is not None:
            requested.remove(same)
            n = n if ring else n + same[2]
        requested.append((text, ring, n))
    expected = model(requested, budget, frames)
    vpp.replay({"pg0": FrameList(frames, list(range(len(frames))))}, together=together)
    assert ports(vpp) == [dports[i] for i in expected]


def model(requested, budget, frames):
    """Numbers of the frames that stay traced."""
    programs = {text: compile_filter(text) for text, _, _ in requested if text}
    states = [(text, ring, n, []) for text, ring, n in requested]
    plain = []
    for number, frame in enumerate(frames):
        for text, ring, n, kept in states:
            if (text is None or programs[text].matches(frame)) and (ring or len(kept) < n):
                kept.append(number)
                break
        else:
            if len(plain) < budget:
                plain.append(number)
    chosen = [kept[-n:] if ring else kept for _, ring, n, kept in states]
    return sorted(sum(chosen, plain))


# ---- what is asked, what is shown


def test_json_says_what_was_asked(vpp):
    vpp.cli("trace add pg-input 7")
    vpp.cli('trace add pg-input 3 filter "tcp" interface pg1')
    vpp.cli("trace add pg-input 5 ring")
    nothing = {"filter": None, "interface": None, "ring": None, "node": "pg-input"}
    assert asked(vpp) == [
        nothing | {"remaining": 7},
        nothing | {"filter": "tcp", "interface": "pg1", "remaining": 3},
        nothing | {"ring": 5, "remaining": None},
    ]
    assert vpp.cli_data("show trace")["filter"] is None
    vpp.cli("trace filter include ip4-lookup 9")
    data = vpp.cli_data("show trace")
    assert data["filter"] == {"include": "ip4-lookup", "exclude": None, "count": 9}
    assert data["asked"] == []  # it takes back what was asked, as in VPP


def test_clear_trace_ends_filters_and_rings(vpp):
    vpp.cli('trace add pg-input 5 filter "udp"')
    vpp.cli("trace add pg-input 5 ring")
    vpp.replay({"pg0": [to_port(1)]})
    vpp.cli("clear trace")
    vpp.replay({"pg0": [to_port(2)]})
    assert ports(vpp) == [] and asked(vpp) == []


def test_a_deleted_interface_is_not_its_successor(vpp):
    vpp.cli("create tap id 1 hw-addr 02:fe:00:00:00:07")
    vpp.cli("trace add virtio-input 5 interface tap1")
    vpp.cli("delete tap tap1")
    vpp.cli("create tap id 2 hw-addr 02:fe:00:00:00:07")
    vpp.cli("set interface state tap2 up")
    vpp.replay({"tap2": [to_port(1)]})
    assert len(vpp.tracer) == 0 and asked(vpp) == []


def test_replay_traces_its_first_beside_a_ring(vpp):
    vpp.cli('trace add pg-input 1 ring filter "port 3"')
    vpp.replay({"pg0": [to_port(n) for n in (3, 1, 3, 2, 4)]}, trace=2)
    assert ports(vpp) == [1, 3, 2]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('trace add pg-input 5 filter "tcp and hst"', "trace add: syntax error in filter expression"),
        ('trace add pg-input 5 filter "tcp', "trace add: the filter's closing \" is missing"),
        ("trace add pg-input 5 filter", "trace add: expected NODE COUNT, got `filter'"),
        ("trace add pg-input 5 interface pg9", "trace add: unknown interface `pg9'"),
        ("trace add pg-input 5 rong", "trace add: expected NODE COUNT, got `rong'"),
        ("trace add nosuch 5", "trace add: expected NODE COUNT, got `nosuch 5'"),
        ("trace add ring", "trace add: expected NODE COUNT"),
        ("trace add pg-input 0 ring", "trace add: a ring keeps 1 to 1048576 packets"),
        ("trace add pg-input 1048577 ring", "trace add: a ring keeps 1 to 1048576 packets"),
    ],
)
def test_what_is_refused_asks_for_nothing(vpp, line, message):
    with pytest.raises(CliError) as error:
        vpp.cli(line)
    assert str(error.value) == message
    assert asked(vpp) == []


def test_sub_interfaces_receive_by_their_parent(vpp):
    vpp.cli("create sub-interfaces pg0 7")
    with pytest.raises(CliError, match=r"pg0\.7 is a sub-interface: its frames come in by pg0"):
        vpp.cli("trace add pg-input 5 interface pg0.7")
    with pytest.raises(CliError, match=r"pg0\.7 is a sub-interface: its frames pass pg0"):
        vpp.cli("pcap trace rx intfc pg0.7")
    tagged = to_port(1)[:12] + b"\x81\x00\x00\x07" + to_port(1)[12:]
    vpp.cli('trace add pg-input 5 interface pg0 filter "vlan 7 and udp"')
    vpp.replay({"pg0": [to_port(1), tagged]})
    assert len(vpp.tracer) == 1


def test_a_filter_sees_the_frame_as_it_came(vpp):
    """dpdk-input has moved on to the IP header of some frames before it marks them."""
    vpp.cli("create interface physical eth0 hw-addr 02:fe:00:00:00:00")
    vpp.cli("set interface state eth0 up")
    vpp.cli('trace add dpdk-input 5 filter "udp port 53 and ether dst 02:fe:00:00:00:00"')
    vpp.replay({"eth0": [to_port(53), to_port(54)]})
    assert len(vpp.tracer) == 1


def test_long_frames_match_by_their_first_buffer_and_whole_length(vpp):
    frame = ROUTER_MAC + bytes(6) + b"\x12\x34" + bytes(4000)
    vpp.cli('trace add pg-input 5 filter "len = 4014 and ether[2000] = 0"')
    vpp.cli('trace add pg-input 5 filter "ether[3000] = 0"')
    vpp.replay({"pg0": [frame]})
    assert [ask["remaining"] for ask in asked(vpp)] == [4, 5]
