"""VXLAN tunnels: headers byte by byte, two ends that understand each other, changes of the way, and odd packets."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import CliError
from tests.features.l2.bridge import BROADCAST, HOSTS, engine, frame, mac_bytes

PROFILES = ("18.01", "18.10")
A, B = HOSTS[:2]
PEER = {1: "02:fe:00:00:00:01", 2: "02:fe:00:00:00:02"}
OUTER = 50  # bytes in front of the frame


def end(profile, number, *lines):
    """One end: pg0 to the other, pg1 bridged with a tunnel of vni 10."""
    other = 3 - number
    return engine(profile, 2, f"set interface mac address pg0 {PEER[number]}",
                  f"set interface ip address pg0 192.168.16.{number}/24",
                  f"set ip arp static pg0 192.168.16.{other} {PEER[other]}",
                  f"create vxlan tunnel src 192.168.16.{number} dst 192.168.16.{other} vni 10",
                  "set interface l2 bridge pg1 1", "set interface l2 bridge vxlan_tunnel0 1 1", *lines)  # fmt: skip


def sum_of(header):
    total = sum(struct.unpack(f">{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def encapsulated(inner, port=60039, vni=10, flags=8, src=b"\xc0\xa8\x10\x02", dst=b"\xc0\xa8\x10\x01"):
    """A packet to end 1, as its other end would send it."""
    body = struct.pack(">HHHH", port, 4789, len(inner) + 16, 0) + struct.pack(">II", flags << 24, vni << 8) + inner
    header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, 253, 17, 0) + src + dst
    header = header[:10] + struct.pack(">H", 0xFFFF - sum_of(header)) + header[12:]
    return mac_bytes(PEER[1]) + mac_bytes(PEER[2]) + b"\x08\x00" + header + body


frames = st.builds(
    frame,
    st.sampled_from(HOSTS),
    st.sampled_from([*HOSTS, BROADCAST]),
    st.sampled_from([0x0800, 0x0806, 0x86DD, 0x88B5, 0x8100, 0x0040]),
    st.binary(max_size=400),
)


@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=60)
@given(sent=st.lists(frames, min_size=1, max_size=20))
def test_what_goes_in_comes_out(profile, sent):
    sent = [each for each in sent if each[12:14] != b"\x81\x00"]  # pg1 takes no tags
    one, other = end(profile, 1), end(profile, 2)
    wire = one.replay({"pg1": sent}, together=True).frames.get("pg0", [])
    for packet in wire:
        header = packet[14:34]
        assert sum_of(header) == 0xFFFF and header[0] == 0x45
        assert struct.unpack(">HHH", header[2:8]) == (len(packet) - 14, 0, 0) and header[8:10] == bytes([253, 17])
        assert struct.unpack(">HHHII", packet[36:50]) == (4789, len(packet) - 34, 0, 8 << 24, 10 << 8)
    run = other.replay({"pg0": wire}, together=True)
    assert run.frames.get("pg1", []) == [packet[OUTER:] for packet in wire]
    assert one.buffers.in_use == other.buffers.in_use == 0


@pytest.mark.parametrize(
    ("ports", "expected"),
    [(b"\xc2\x2e\x1f\x90", 60039), (b"\x1f\x90\xc2\x2e", 25569)],
)
def test_source_port_is_the_flow_hash(ports, expected):
    """The two ports that VPP's own traces show, for a connection and its answers."""
    ends = [bytes([10, 1, 1, 3]), bytes([10, 1, 2, 4])]
    src, dst = ends if expected == 60039 else ends[::-1]
    packet = struct.pack(">BBHHHBBH", 0x45, 0, 40, 0, 0, 63, 6, 0) + src + dst + ports + bytes(16)
    (wire,) = end("18.10", 1).replay({"pg1": [frame(A, B, 0x0800, packet)]}).frames["pg0"]
    assert struct.unpack(">H", wire[34:36]) == (expected,)


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (encapsulated(frame(A, B), vni=11), "no such tunnel packets"),
        (encapsulated(frame(A, B), src=b"\xc0\xa8\x10\x03"), "no such tunnel packets"),
        (encapsulated(frame(A, B), flags=0), "packets with bad flags field in vxlan header"),
        (encapsulated(frame(A, B), flags=0x88), "packets with bad flags field in vxlan header"),
        (encapsulated(b"short"), "packets with bad flags field in vxlan header"),
    ],
)
def test_refused_packets(packet, reason):
    assert end("18.10", 1).replay({"pg0": [packet]}).drops == {("vxlan4-input", reason): 1}


@settings(max_examples=150, deadline=None)
@given(inner=st.binary(max_size=120), cut=st.integers(0, 60))
def test_whatever_is_inside(inner, cut):
    """Rubbish in a tunnel, tagged and cut short, up to a BVI: nothing is lost, nothing leaks."""
    vpp = end("18.10", 1, "create loopback interface", "set interface state loop0 up",
              "set interface ip address loop0 10.5.0.1/24", "set interface l2 bridge loop0 1 bvi")  # fmt: skip
    bvi = mac_bytes("de:ad:00:00:00:00") + mac_bytes(A)
    sent = [encapsulated(inner), encapsulated(bvi + inner), encapsulated(bvi + b"\x81\x00\x00\x05" * 3 + inner),
            encapsulated(bvi + b"\x08\x00" + inner), encapsulated(bvi + b"\x08\x06" + inner),
            encapsulated(bvi + b"\x81\x00" + inner[:2])[: OUTER + 14 + cut]]  # fmt: skip
    run = vpp.replay({"pg0": sent}, together=True)
    assert run.received + run.generated == run.transmitted + run.consumed + run.dropped
    assert vpp.buffers.in_use == 0


@pytest.mark.parametrize("profile", PROFILES)
def test_the_way_to_the_far_end(profile):
    """Through another next hop, none, and back: each change of the route is followed."""
    vpp = end(profile, 1, "create packet-generator interface pg9", "set interface state pg9 up",
              "set interface ip address pg9 10.9.0.1/24", f"set ip arp static pg9 10.9.0.2 {B}",
              "create vxlan tunnel src 192.168.16.1 dst 172.16.0.9 vni 7",
              "set interface l2 bridge vxlan_tunnel1 1", "set interface l3 vxlan_tunnel0")  # fmt: skip

    def ways():
        return {port for port, sent in vpp.replay({"pg1": [frame(A, BROADCAST)]}).frames.items() if sent}

    assert ways() == set()
    vpp.cli("ip route add 172.16.0.0/16 via 10.9.0.2 pg9")
    assert ways() == {"pg9"}
    vpp.cli("ip route add 172.16.0.0/24 via 192.168.16.2 pg0")
    assert ways() == {"pg0"}
    vpp.cli("ip route del 172.16.0.0/24")
    vpp.cli("set interface state pg9 down")
    assert ways() == set()
    vpp.cli("set interface state pg9 up")
    assert ways() == {"pg9"}


def test_several_tunnels_by_vni_and_end():
    vpp = engine("18.10", 3, f"set interface mac address pg0 {PEER[1]}", "set interface ip address pg0 192.168.16.1/24",
                 *(f"set ip arp static pg0 192.168.16.{n} {PEER[2]}" for n in (2, 3)))  # fmt: skip
    for number, (remote, vni) in enumerate([(2, 10), (2, 11), (3, 10)]):
        vpp.cli(f"create vxlan tunnel src 192.168.16.1 dst 192.168.16.{remote} vni {vni}")
        vpp.cli(f"set interface l2 bridge vxlan_tunnel{number} {number + 1}")
    vpp.cli("set interface l2 bridge pg1 2")
    vpp.cli("set interface l2 bridge pg2 3")
    run = vpp.replay({"pg0": [encapsulated(frame(A, B), vni=11), encapsulated(frame(B, A), src=b"\xc0\xa8\x10\x03")]})
    assert run.frames["pg1"] == [frame(A, B)] and run.frames["pg2"] == [frame(B, A)]


def test_split_horizon_keeps_tunnels_apart():
    vpp = end("18.10", 1, f"set ip arp static pg0 192.168.16.3 {B}",
              "create vxlan tunnel src 192.168.16.1 dst 192.168.16.3 vni 10",
              "set interface l2 bridge vxlan_tunnel1 1 1")  # fmt: skip
    run = vpp.replay({"pg0": [encapsulated(frame(A, BROADCAST))]})
    assert run.frames["pg1"] == [frame(A, BROADCAST)] and not run.frames.get("pg0")


def test_tunnels_in_tunnels_end():
    """A tunnel whose far end is reached through itself would put headers in front for ever; the room is finite."""
    vpp = end("18.10", 1, "create loopback interface", "set interface state loop0 up",
              "set interface ip address loop0 10.7.0.1/24", "set interface l2 bridge loop0 1 bvi",
              f"set ip arp static loop0 10.7.0.2 {B}", "create vxlan tunnel src 10.7.0.1 dst 10.7.0.2 vni 7",
              "set interface l2 bridge vxlan_tunnel1 1", f"l2fib add {B} 1 vxlan_tunnel1 static")  # fmt: skip
    run = vpp.replay({"pg1": [frame(A, B)]})
    assert run.drops == {("vxlan4-encap", "no room for another header"): 1}


def test_a_deleted_tunnel_is_gone_and_its_number_free():
    vpp = end("18.10", 1)
    locks = vpp.cli("show ip fib 192.168.16.2")
    vpp.cli("create vxlan tunnel src 192.168.16.1 dst 192.168.16.2 vni 10 del")
    assert vpp.cli("show vxlan tunnel") == "No vxlan tunnels configured...\n"
    assert vpp.replay({"pg0": [encapsulated(frame(A, B))]}).drops == {("vxlan4-input", "no such tunnel packets"): 1}
    assert "vxlan_tunnel0" not in vpp.cli("show interface")
    assert vpp.cli("create vxlan tunnel src 192.168.16.1 dst 192.168.16.2 vni 10") == "vxlan_tunnel0\n"
    assert vpp.cli("show ip fib 192.168.16.2") == locks


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("src 192.168.16.1 dst 192.168.16.2 vni 10", "tunnel already exists..."),
        ("src 192.168.16.1 dst 192.168.16.1 vni 11", "src and dst addresses are identical"),
        ("src 192.168.16.1 dst 224.0.0.9 vni 11", "dst address must be unicast"),
        ("dst 192.168.16.2 vni 11", "tunnel src address not specified"),
        ("src 192.168.16.1 vni 11", "tunnel dst address not specified"),
        ("src 192.168.16.1 dst 192.168.16.2", "vni not specified"),
        ("src 192.168.16.1 dst 192.168.16.2 vni 16777216", "vni 16777216 out of range"),
        ("src 192.168.16.1 dst 192.168.16.2 vni 11 encap-vrf-id 4", "nonexistent encap-vrf-id 4"),
        ("src 192.168.16.1 dst 192.168.16.2 vni 11 decap-next node no-such", "next node not found"),
        ("src 192.168.16.1 dst 192.168.16.2 vni 11 instance 0", "Instance is in use"),
        ("src 192.168.16.1 dst 192.168.16.2 vni 11 del", "tunnel does not exist..."),
        ("rubbish", "parse error: 'rubbish'"),
    ],
)
def test_refused_tunnels(line, reason):
    vpp = end("18.10", 1)
    before = vpp.cli("show vxlan tunnel") + vpp.cli("show interface")
    with pytest.raises(CliError) as error:
        vpp.cli(f"create vxlan tunnel {line}")
    assert str(error.value).endswith(reason)
    assert vpp.cli("show vxlan tunnel") + vpp.cli("show interface") == before


def test_a_table_of_its_own():
    vpp = engine("18.10", 2, "ip table add 7", "set interface ip table pg0 7",
                 f"set interface mac address pg0 {PEER[1]}",
                 "set interface ip address pg0 192.168.16.1/24", f"set ip arp static pg0 192.168.16.2 {PEER[2]}",
                 "create vxlan tunnel src 192.168.16.1 dst 192.168.16.2 vni 10 encap-vrf-id 7",
                 "set interface l2 bridge pg1 1", "set interface l2 bridge vxlan_tunnel0 1")  # fmt: skip
    run = vpp.replay({"pg1": [frame(A, BROADCAST)], "pg0": [encapsulated(frame(B, A))]})
    assert len(run.frames["pg0"]) == 1 and run.frames["pg1"] == [frame(B, A)]
