"""A real Geneve capture, with options and with IP inside: what comes out is what tshark decodes."""

import csv
from ipaddress import IPv4Address
from pathlib import Path

import dpkt
import pytest

from engine import Engine
from engine.devices.pcap.capture import open_capture

REAL = Path(__file__).parents[3] / "pcaps" / "real" / "mercury-geneve.pcap"
DECODED = Path(__file__).with_name("mercury-geneve.tsv")
US, NEXT_HOP = "02:fe:00:00:00:01", "02:00:00:00:00:09"


def decoded():
    """By number of the frame in the capture, from 1: what tshark says of the inner packet."""
    with DECODED.open() as file:
        rows = csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t")
        return {int(row["frame"]): row for row in rows}


ROWS = decoded()
FRAMES = [frame for _, frame, _, _ in open_capture(REAL)]


def decapsulator(local, remote, vni, routed):
    """An engine that ends one tunnel; what is inside leaves by pg1, bridged or routed."""
    vpp = Engine()
    underlay = ["create packet-generator interface pg0", f"set interface mac address pg0 {US}",
                "set interface state pg0 up", "create packet-generator interface pg1", "set interface state pg1 up",
                f"set interface ip address pg0 {local}/32", f"ip route add {remote}/32 via 10.255.0.1 pg0"]  # fmt: skip
    for line in underlay:
        vpp.cli(line)
    vpp.api.geneve_add_del_tunnel(local_address=local, remote_address=remote, vni=vni)
    more = ["set interface ip address geneve_tunnel0 10.254.0.1/24", "set interface ip address pg1 10.253.0.1/24",
            f"set ip arp static pg1 10.253.0.2 {NEXT_HOP}", "ip route add 0.0.0.0/0 via 10.253.0.2 pg1"]  # fmt: skip
    if not routed:
        more = ["create bridge-domain 1 learn 0", "set interface l2 bridge pg1 1",
                "set interface l2 bridge geneve_tunnel0 1 1"]  # fmt: skip
    for line in more:
        vpp.cli(line)
    return vpp


def tunnels():
    """(outer destination, outer source, vni, whether IP is inside) of every tunnel in the capture."""
    found = {}
    for number, row in ROWS.items():
        frame = FRAMES[number - 1]
        ends = (str(IPv4Address(frame[30:34])), str(IPv4Address(frame[26:30])))
        found.setdefault((*ends, int(row["vni"]), row["inner"] == "ip"), []).append(number)
    return found


def summary(ip):
    """What the file says of a packet."""
    l4 = ip.data
    ports = (str(l4.sport), str(l4.dport)) if hasattr(l4, "sport") else ("-", "-")
    return (str(IPv4Address(ip.src)), str(IPv4Address(ip.dst)), ip.len, ip.id, type(l4).__name__.lower(), *ports)


def told(row):
    return (row["src"], row["dst"], int(row["ip_length"]), int(row["ip_id"], 16), row["l4"], row["sport"], row["dport"])


def test_the_capture_has_what_it_should():
    assert len(ROWS) == 263 and len(tunnels()) == 3


@pytest.mark.parametrize("tunnel", tunnels(), ids=lambda tunnel: f"vni{tunnel[2]}-{'ip' if tunnel[3] else 'ethernet'}")
def test_inner_packets(tunnel):
    local, remote, vni, routed = tunnel
    numbers = tunnels()[tunnel]
    vpp = decapsulator(local, remote, vni, routed)
    run = vpp.replay({"pg0": [bytes.fromhex(US.replace(":", "")) + FRAMES[number - 1][6:] for number in numbers]})
    out = run.frames["pg1"]
    assert [summary(dpkt.ethernet.Ethernet(frame).data) for frame in out] == [told(ROWS[number]) for number in numbers]
    inner = [FRAMES[number - 1][int(ROWS[number]["at"]) :] for number in numbers]
    if routed:  # TTL and checksum change on the way
        assert [frame[14:22] + frame[26:] for frame in out] == [packet[:8] + packet[12:] for packet in inner]
    else:
        assert out == inner
    assert run.received + run.generated == run.transmitted + run.consumed + run.dropped
    assert vpp.buffers.in_use == 0
