"""Geneve tunnels: headers byte by byte, two ends that understand each other, options, l3-mode, and hostile packets."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import CliError, Engine
from tests.features.l2.bridge import BROADCAST, HOSTS, engine, frame, mac_bytes

from .tunnels import OUTER, PORT, encapsulated, end, geneve, packet, sum_of, underlay

PROFILES = ("18.01", "18.10")
A, B = HOSTS[:2]
NO_TUNNEL = "no such tunnel packets"
BAD_FLAGS = "packets with bad flags field in geneve header"
BAD_LENGTH = "packets with bad length in geneve header"

frames = st.builds(
    frame,
    st.sampled_from(HOSTS),
    st.sampled_from([*HOSTS, BROADCAST]),
    st.sampled_from([0x0800, 0x0806, 0x86DD, 0x88B5, 0x0040]),
    st.binary(max_size=400),
)


@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=60)
@given(sent=st.lists(frames, min_size=1, max_size=20))
def test_what_goes_in_comes_out(profile, sent):
    one, other = end(profile, 1), end(profile, 2)
    wire = one.replay({"pg1": sent}, together=True).frames.get("pg0", [])
    for each in wire:
        header = each[14:34]
        assert sum_of(header) == 0xFFFF and header[0] == 0x45
        assert struct.unpack(">HHH", header[2:8]) == (len(each) - 14, 0, 0) and header[8:10] == bytes([253, 17])
        assert struct.unpack(">HHHII", each[36:50]) == (PORT, len(each) - 34, 0, 0x6558, 10 << 8)
    run = other.replay({"pg0": wire}, together=True)
    assert run.frames.get("pg1", []) == [each[OUTER:] for each in wire]
    assert one.buffers.in_use == other.buffers.in_use == 0


def ports_of(vpp, sent):
    return [struct.unpack(">HH", each[34:38]) for each in vpp.replay({"pg1": sent}).frames["pg0"]]


def test_source_port_of_the_flow_or_fixed():
    """Of each flow's hash as VPP has it, or the one port that was asked for, whatever the flow."""
    flows = [frame(A, B, 0x88B5 + n) for n in range(20)]
    assert len(set(ports_of(end("18.10", 1), flows))) > 10
    assert set(ports_of(end("18.10", 1, options="src_port 28240"), flows)) == {(28240, PORT)}


@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=60)
@given(
    sent=st.lists(st.tuples(st.binary(max_size=400), st.binary(max_size=252)), min_size=1, max_size=10),
    flags=st.integers(0, 255),
)
def test_options_are_skipped_unread(profile, sent, flags):
    """Of any content, critical or not."""
    sent = [(frame(A, BROADCAST, payload=payload), options) for payload, options in sent]
    packets = []
    for inner, options in sent:
        options = options[: len(options) // 4 * 4]
        packets.append(encapsulated(inner, option_words=len(options) // 4, options=options, flags=flags))
    vpp = end(profile, 1)
    assert vpp.replay({"pg0": packets}, together=True).frames["pg1"] == [inner for inner, _ in sent]
    assert vpp.buffers.in_use == 0


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (encapsulated(frame(A, B), vni=11), NO_TUNNEL),
        (encapsulated(frame(A, B), src=b"\xc0\xa8\x10\x03"), NO_TUNNEL),
        (packet(b""), NO_TUNNEL),
        (packet(geneve(b"")[:7]), NO_TUNNEL),
        (encapsulated(frame(A, B), version=1), BAD_FLAGS),
        (encapsulated(frame(A, B), version=3, option_words=63), BAD_FLAGS),
        (encapsulated(b""), BAD_LENGTH),
        (encapsulated(frame(A, B)[:13]), BAD_LENGTH),
        (encapsulated(frame(A, B), option_words=63), BAD_LENGTH),
        (encapsulated(frame(A, B)[:20], option_words=2), BAD_LENGTH),
        (encapsulated(b"E", protocol=0x0800), BAD_LENGTH),
    ],
)
def test_refused_packets(sent, reason):
    vpp = end("18.10", 1)
    assert vpp.replay({"pg0": [sent]}).drops == {("geneve4-input", reason): 1}
    assert reason in vpp.cli("show errors")


@settings(max_examples=150, deadline=None)
@given(body=st.binary(max_size=200), head=st.binary(min_size=8, max_size=8), n=st.integers(1, 4))
def test_whatever_is_inside(body, head, n):
    """Rubbish in every place of the header and behind it: nothing is lost, nothing leaks."""
    vpp = end("18.10", 1, "create loopback interface", "set interface state loop0 up",
              "set interface ip address loop0 10.5.0.1/24", "set interface l2 bridge loop0 1 bvi",
              "set interface ip address geneve_tunnel0 10.6.0.1/24")  # fmt: skip
    bvi = mac_bytes("de:ad:00:00:00:00") + mac_bytes(A)
    valid = head[:1] + b"\0" + head[2:4] + (10 << 8).to_bytes(4, "big")
    sent = [packet(body), packet(head + body), packet(valid + body), packet(bytes([head[0] & 0x3F]) + valid[1:] + body),
            encapsulated(bvi + b"\x08\x00" + body), encapsulated(bvi + b"\x81\x00\x00\x05" * 3 + body),
            encapsulated(body, protocol=0x0800), encapsulated(body, protocol=0x86DD)] * n  # fmt: skip
    run = vpp.replay({"pg0": sent}, together=True)
    assert run.received + run.generated == run.transmitted + run.consumed + run.dropped
    assert vpp.buffers.in_use == vpp.buffers_held


def test_ip_packets_without_ethernet_are_routed():
    vpp = end("18.10", 1, "set interface l3 pg1", "set interface l3 geneve_tunnel0",
              "set interface ip address geneve_tunnel0 10.6.0.1/24", "set interface ip address pg1 10.7.0.1/24",
              f"set ip arp static pg1 10.7.0.2 {A}")  # fmt: skip
    inner = struct.pack(">BBHHHBBHII", 0x45, 0, 28, 0, 0, 64, 99, 0, 0x0A060002, 0x0A070002) + b"contents"
    inner = inner[:10] + struct.pack(">H", 0xFFFF - sum_of(inner[:20])) + inner[12:]
    run = vpp.replay({"pg0": [encapsulated(inner, protocol=0x0800, option_words=1, options=b"any.")]}, trace=1)
    (sent,) = run.frames["pg1"]
    assert sent[:6] == mac_bytes(A) and sent[14:22] == inner[:8] and sent[22] == 63 and sent[34:] == b"contents"
    assert "GENEVE decap from geneve_tunnel0 vni 10 next 2 error 0" in vpp.cli("show trace")


L3 = ["create geneve tunnel local 192.168.16.{own} remote 192.168.16.{other} vni 5 l3-mode "
      "decap-next node ethernet-input", "set interface mac address geneve_tunnel0 02:00:00:00:0{own}:05",
      "set interface ip address geneve_tunnel0 10.5.0.{own}/24",
      "set ip arp static geneve_tunnel0 10.5.0.{other} 02:00:00:00:0{other}:05",
      "set interface ip address pg1 10.{own}.0.1/24", "set ip arp static pg1 10.{own}.0.2 " + A,
      "ip route add 10.{other}.0.0/24 via 10.5.0.{other} geneve_tunnel0"]  # fmt: skip


def routed_end(number):
    names = {"own": number, "other": 3 - number}
    return engine("18.10", 2, *underlay(number), *(line.format(**names) for line in L3))


def test_l3_mode_routes_through_the_tunnel():
    one, other = routed_end(1), routed_end(2)
    inner = struct.pack(">BBHHHBBHII", 0x45, 0, 30, 0, 0, 64, 17, 0, 0x0A010002, 0x0A020002)
    inner = inner[:10] + struct.pack(">H", 0xFFFF - sum_of(inner)) + inner[12:]
    udp = [struct.pack(">HHHH", port, 53, 10, 0) + b"hi" for port in (1000, 1001)]
    sent = [mac_bytes("02:fe:00:00:00:01") + mac_bytes(A) + b"\x08\x00" + inner + each for each in udp]
    mac = one.interfaces.get("pg1").mac
    wire = one.replay({"pg1": [mac + each[6:] for each in sent]}).frames["pg0"]
    assert [each[50:64] for each in wire] == [bytes.fromhex("020000000205 020000000105 0800")] * 2
    assert wire[0][34:36] != wire[1][34:36]  # the inner ports tell the flows apart
    out = other.replay({"pg0": wire}).frames["pg1"]
    assert [each[34:] for each in out] == udp and {each[22] for each in out} == {62}
    assert "l3-mode 1" in one.cli("show geneve tunnel") and "decap-next-index 4" in one.cli("show geneve tunnel")


def test_l3_interface_has_the_address_vpp_makes():
    vpp = engine("18.10", 1, *underlay(1), "create geneve tunnel local 192.168.16.1 remote 192.168.16.2 vni 5 l3-mode")
    assert vpp.interfaces.get("geneve_tunnel0").mac_text == "d0:0b:ee:d0:00:00"
    assert "Ethernet address d0:0b:ee:d0:00:00" in vpp.cli("show hardware-interfaces geneve_tunnel0")


@pytest.mark.parametrize("profile", PROFILES)
def test_the_way_to_the_far_end(profile):
    """Through another next hop, none, and back: each change of the route is followed, in a table of its own too."""
    vpp = end(profile, 1, "ip table 7", "create packet-generator interface pg9", "set interface state pg9 up",
              "set interface ip table pg9 7", "set interface ip address pg9 10.9.0.1/24",
              f"set ip arp static pg9 10.9.0.2 {B}",
              "create geneve tunnel local 10.9.0.1 remote 172.16.0.9 vni 7 encap-vrf-id 7",
              "set interface l2 bridge geneve_tunnel1 1", "set interface l3 geneve_tunnel0")  # fmt: skip

    def ways():
        return {port for port, sent in vpp.replay({"pg1": [frame(A, BROADCAST)]}).frames.items() if sent}

    assert ways() == set()
    vpp.cli("ip route add 172.16.0.0/16 via 10.9.0.2 pg0")
    assert ways() == set()
    vpp.cli("ip route add 172.16.0.0/16 table 7 via 10.9.0.2 pg9")
    assert ways() == {"pg9"}
    vpp.cli("set interface state pg9 down")
    assert ways() == set()
    vpp.cli("set interface state pg9 up")
    assert ways() == {"pg9"}


def test_tunnels_in_tunnels_end():
    """A tunnel whose far end is reached through itself; the room in front is finite."""
    vpp = end("18.10", 1, "create loopback interface", "set interface state loop0 up",
              "set interface ip address loop0 10.7.0.1/24", "set interface l2 bridge loop0 1 bvi",
              f"set ip arp static loop0 10.7.0.2 {B}", "create geneve tunnel local 10.7.0.1 remote 10.7.0.2 vni 7",
              "set interface l2 bridge geneve_tunnel1 1", f"l2fib add {B} 1 geneve_tunnel1 static")  # fmt: skip
    run = vpp.replay({"pg1": [frame(A, B)]})
    assert run.drops == {("geneve4-encap", "no room for another header"): 1}


def test_a_deleted_tunnel_is_gone_and_its_number_free():
    vpp = end("18.10", 1, options="src_port 9")
    before = vpp.cli("show ip fib 192.168.16.2")
    vpp.cli("create geneve tunnel local 192.168.16.1 remote 192.168.16.2 vni 10 del")
    assert vpp.cli("show geneve tunnel") == "No geneve tunnels configured...\n"
    assert vpp.replay({"pg0": [encapsulated(frame(A, B))]}).drops == {("geneve4-input", NO_TUNNEL): 1}
    assert vpp.cli("create geneve tunnel local 192.168.16.1 remote 192.168.16.2 vni 10") == "geneve_tunnel0\n"
    assert vpp.cli("show ip fib 192.168.16.2") == before
    assert "src_port" not in vpp.cli("show geneve tunnel")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("local 192.168.16.1 remote 192.168.16.2 vni 10", "tunnel already exists..."),
        ("local 192.168.16.7 remote 192.168.16.2 vni 10", "tunnel already exists..."),
        ("local 192.168.16.1 remote 192.168.16.1 vni 11", "local and remote addresses are identical"),
        ("local 192.168.16.1 remote 224.0.0.9 vni 11", "remote address must be unicast"),
        ("remote 192.168.16.2 vni 11", "tunnel local address not specified"),
        ("local 192.168.16.1 vni 11", "tunnel remote address not specified"),
        ("local 192.168.16.1 remote 192.168.16.2", "vni not specified"),
        ("local 192.168.16.1 remote 192.168.16.2 vni 16777216", "vni 16777216 out of range"),
        ("local 192.168.16.1 remote 192.168.16.2 vni 11 encap-vrf-id 9", "nonexistent encap-vrf-id 9"),
        ("local 192.168.16.1 remote 192.168.16.2 vni 11 decap-next node nowhere", "next node not found"),
        ("local 192.168.16.1 remote 192.168.16.2 vni 11 src_port 70000", "parse error: 'src_port 70000'"),
        ("local 192.168.16.1 remote 192.168.16.9 vni 10 del", "tunnel does not exist..."),
    ],
)
def test_what_cannot_be(line, reason):
    vpp = end("18.10", 1)
    before = vpp.cli("show geneve tunnel"), vpp.cli("show interface"), vpp.cli("show ip fib")
    with pytest.raises(CliError, match="create geneve tunnel: ") as raised:
        vpp.cli(f"create geneve tunnel {line}")
    assert str(raised.value) == f"create geneve tunnel: {reason}"
    assert (vpp.cli("show geneve tunnel"), vpp.cli("show interface"), vpp.cli("show ip fib")) == before


def test_messages():
    with Engine(profile="18.10") as vpp:
        ends = {"local_address": "10.0.0.1", "remote_address": "10.0.0.2", "vni": 0, "encap_vrf_id": 0}
        reply = vpp.api.geneve_add_del_tunnel(is_add=True, mcast_sw_if_index=0xFFFFFFFF, decap_next_index=1, **ends)
        assert (reply.retval, reply.sw_if_index) == (0, 1)
        assert vpp.api.geneve_add_del_tunnel(is_add=True, **ends).retval == -75
        other = vpp.api.geneve_add_del_tunnel2(is_add=True, l3_mode=True, **ends | {"vni": 1 << 23})
        (first, second) = vpp.api.geneve_tunnel_dump()
        assert (first.src_address, first.dst_address, first.vni, first.decap_next_index) == (
            "10.0.0.1", "10.0.0.2", 0, 1)  # fmt: skip
        assert vpp.api.geneve_tunnel_dump(sw_if_index=other.sw_if_index) == [second] and second.vni == 1 << 23
        for wrong in ({"vni": 1 << 24}, {"encap_vrf_id": 5}, {"remote_address": "10.0.0.1"}, {"decap_next_index": 99}):
            assert vpp.api.geneve_add_del_tunnel(is_add=True, **ends | {"vni": 4} | wrong).retval < 0
        assert vpp.api.geneve_add_del_tunnel(is_add=False, **ends).retval == 0
        assert vpp.api.geneve_add_del_tunnel(is_add=False, **ends).retval == -6
        assert len(vpp.api.geneve_tunnel_dump()) == 1
