"""Outside ports: VPP's generator, its algorithms, and what is busy."""

import pytest

from engine import CliError

from .packets import ICMP, TCP, UDP, Packet, engine, send, send_one

NAT = ("nat44 add address 10.0.1.100", "set interface nat44 in pg0 out pg1")
FIRST_PORTS = [16253, 18995, 53893, 44109, 25801, 41137, 23198, 42313]


def ports_of_generator(n, first=1025, count=64511):
    x, ports = 0, []
    for _ in range(n):
        x = (1664525 * x + 1013904223) % 2**32
        ports.append(first + x // ((2**32 - 1) // count + 1))
    return ports


def outside_ports(vpp, n, protocol=UDP):
    packets = [Packet("10.0.0.2", "10.0.1.2", protocol, 1000 + i, 80) for i in range(n)]
    return [packet.sport for packet in send(vpp, *packets)]


@pytest.mark.parametrize("profile", ["18.01", "18.10"])
def test_sequence_from_a_fresh_start(profile):
    assert outside_ports(engine(*NAT, profile=profile), 8) == FIRST_PORTS
    assert ports_of_generator(8) == FIRST_PORTS


def test_protocols_draw_from_one_sequence():
    vpp = engine(*NAT)
    protocols = [UDP, TCP, ICMP, TCP, UDP]
    packets = [Packet("10.0.0.2", "10.0.1.2", protocol, 1000 + i, 80) for i, protocol in enumerate(protocols)]
    assert [send_one(vpp, packet).sport for packet in packets] == FIRST_PORTS[:5]
    assert "2 busy udp ports\n  2 busy tcp ports\n  1 busy icmp ports" in vpp.cli("show nat44 addresses")


def test_a_busy_port_is_skipped():
    vpp = engine(*NAT, "nat44 add static mapping udp local 10.0.0.9 1 external 10.0.1.100 18995")
    assert outside_ports(vpp, 3) == [16253, 53893, 44109]


def test_two_engines_draw_each_their_own():
    one, other = engine(*NAT), engine(*NAT)
    assert outside_ports(one, 2) == outside_ports(other, 2)


def test_an_address_of_the_users_table_comes_first_else_the_last_one():
    vpp = engine("nat44 add address 10.0.1.101 - 10.0.1.102", "nat44 add address 10.0.1.103 tenant-vrf 7",
                 "set interface nat44 in pg0 out pg1")  # fmt: skip
    assert send_one(vpp, Packet("10.0.0.2", "10.0.1.2", UDP, 1, 2)).src == "10.0.1.102"
    vpp.cli("nat44 add address 10.0.1.104 tenant-vrf 0")
    assert send_one(vpp, Packet("10.0.0.2", "10.0.1.2", UDP, 2, 2)).src == "10.0.1.104"


def test_port_range_gives_each_port_once_and_then_none():
    vpp = engine(*NAT, "nat addr-port-assignment-alg port-range 2000 - 2009")
    assert sorted(outside_ports(vpp, 12)) == list(range(2000, 2010))
    assert "Out of ports" in vpp.cli("show errors")


def test_port_range_counts_only_its_own_ports():
    """Ports outside the range may be busy; the search for a free one inside must end."""
    mappings = [f"nat44 add static mapping udp local 10.0.0.9 {port} external 10.0.1.100 {port}" for port in (500, 501)]
    vpp = engine(*NAT, *mappings, "nat addr-port-assignment-alg port-range 500 - 502")
    assert outside_ports(vpp, 2) == [502]


def test_map_e_ports_hold_the_psid():
    vpp = engine(*NAT, "nat44 addr-port-assignment-alg map-e psid 5 psid-offset 6 psid-len 4")
    ports = outside_ports(vpp, 50)
    assert len(set(ports)) == 50
    assert all((port >> 6) & 0xF == 5 and port & 0x3F for port in ports)


def test_all_ports_of_an_address_can_be_used():
    vpp = engine(*NAT, nat="max translations per user 70000\n translation hash buckets 8192")
    ports = set()
    for start in range(0, 65536 - 256, 250):
        packets = [Packet("10.0.0.2", "10.0.1.2", UDP, start + i, 80, b"") for i in range(250)]
        ports.update(packet.sport for packet in send(vpp, *packets))
    assert min(ports) >= 1025
    assert len(ports) == 64511
    assert vpp.nat44.state.addresses()[0][2]["udp"] == 64511


@pytest.mark.parametrize(("line", "text"), [
    ("port-range 30 - 20", "The end-port must be greater than start-port"),
    ("port-range 0 - 20", "The end-port must be greater than start-port"),
    ("map-e psid 99 psid-offset 6 psid-len 4", "do not fit"),
    ("map-e psid 1 psid-offset 10 psid-len 8", "do not fit"),
    ("map-e psid 0 psid-offset 0 psid-len 8", "do not fit"),
    ("fair", "unknown input 'fair'"),
])  # fmt: skip
def test_bad_algorithms_change_nothing(line, text):
    vpp = engine()
    before = vpp.cli("show nat addr-port-assignment-alg")
    with pytest.raises(CliError, match=text):
        vpp.cli(f"nat addr-port-assignment-alg {line}")
    assert vpp.cli("show nat addr-port-assignment-alg") == before
