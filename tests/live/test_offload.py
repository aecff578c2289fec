"""Checksums and segmentation that Linux leaves to the tap, with frames of our own making."""

import contextlib
import socket
import struct
from ipaddress import IPv4Address

import dpkt
import pytest

from engine import Engine

from .namespaces import until

SOL_PACKET, PACKET_VNET_HDR, ETH_P_ALL = 263, 15, 3
NEEDS_CSUM, GSO_TCP4, GSO_TCP6 = 1, 1, 4
CLIENT, SERVER = "10.0.0.2", "10.1.0.2"
FIN, PSH, ACK, CWR = 0x01, 0x08, 0x10, 0x80


@pytest.fixture
def vpp(live_allowed):
    with Engine(live=True) as vpp:
        yield vpp


@pytest.fixture
def ends(vpp, namespace):
    """Makes packet sockets at the host's ends of two taps that are routed to each other: (socket, socket)."""
    with contextlib.ExitStack() as stack:

        def make(second="gso", mtu=9000):
            found = []
            for number, more in ((0, ""), (1, second)):
                space = namespace(f"ns{number}")
                vpp.cli(f"create tap id {number} host-ns {space.name} host-if-name eth0 host-mtu-size {mtu} {more}")
                vpp.cli(f"set interface ip address tap{number} 10.{number}.0.1/24")
                vpp.cli(f"set interface state tap{number} up")
                vpp.cli(f"set ip arp static tap{number} 10.{number}.0.2 02:00:00:00:00:0{number + 2}")
                found.append(stack.enter_context(space.inside(packet_socket)))
            return found

        yield make


def packet_socket():
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    end.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    end.bind(("eth0", ETH_P_ALL))
    end.settimeout(2)
    return end


def tcp(payload, flags=ACK):
    """A TCP packet whose checksum is the pseudo header's alone, as Linux gives it to a card."""
    segment = bytes(dpkt.tcp.TCP(sport=1000, dport=80, seq=0xFFFFFF00, ack=7, flags=flags, win=500, data=payload))
    return partial(6, segment, 16)


def udp(payload):
    return partial(17, struct.pack("!HHHH", 1000, 53, 8 + len(payload), 0) + payload, 6)


def partial(protocol, segment, checksum_at):
    addresses = IPv4Address(CLIENT).packed + IPv4Address(SERVER).packed
    start = 0xFFFF ^ dpkt.in_cksum(addresses + struct.pack("!BBH", 0, protocol, len(segment)))
    segment = segment[:checksum_at] + struct.pack("!H", start) + segment[checksum_at + 2 :]
    return header4(protocol, len(segment)) + segment


def header4(protocol, length):
    """An IPv4 header with identification 0x100 that may not be fragmented."""
    addresses = IPv4Address(CLIENT).packed + IPv4Address(SERVER).packed
    without = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0x100, 0x4000, 64, protocol, 0) + addresses
    return without[:10] + struct.pack("!H", dpkt.in_cksum(without)) + without[12:]


def send(vpp, end, packet, gso_size=0, field=16, gso_type=GSO_TCP4, start=34):
    header = struct.pack(
        "<BBHHHH", NEEDS_CSUM, gso_type if gso_size else 0, 54 if gso_size else 0, gso_size, start, field
    )
    mac = vpp.interfaces.get("tap0").mac
    end.send(header + mac + b"\x02\0\0\0\0\x02\x08\0" + packet)


def receive(end):
    """(virtio-net header, IP packet) of the next frame."""
    while True:
        data = end.recv(80000)
        if data[22:24] == b"\x08\0":
            return struct.unpack("<BBHHHH", data[:10]), data[24:]


def checked(packet):
    """The packet parsed, after both its checksums were recomputed by other means."""
    ip = dpkt.ip.IP(packet)
    assert dpkt.in_cksum(packet[:20]) == 0
    pseudo = struct.pack("!4s4sBBH", ip.src, ip.dst, 0, ip.p, ip.len - 20)
    assert dpkt.in_cksum(pseudo + packet[20 : ip.len]) == 0
    return ip


@pytest.mark.parametrize("size", [0, 1, 2, 99, 1400, 2000, 5001])
def test_a_checksum_is_passed_on_where_it_may_be(vpp, ends, size):
    left, right = ends()
    send(vpp, left, tcp(b"y" * size))
    header, packet = receive(right)
    assert header[:2] == (NEEDS_CSUM, 0) and header[4:] == (34, 16)
    assert packet[36:38] == struct.pack(
        "!H", 0xFFFF ^ dpkt.in_cksum(packet[12:20] + struct.pack("!BBH", 0, 6, len(packet) - 20))
    )


@pytest.mark.parametrize("size", [0, 1, 2, 99, 1400, 2000, 2029, 5001])
def test_a_checksum_is_filled_in_where_it_must(vpp, ends, size):
    left, right = ends("no-gso")
    payload = bytes(i * 7 & 0xFF for i in range(size))
    send(vpp, left, tcp(payload))
    header, packet = receive(right)
    assert header == (0,) * 6
    assert bytes(checked(packet).data.data) == payload


def test_of_udp_too(vpp, ends):
    left, right = ends("no-gso")
    send(vpp, left, udp(b"question"), field=6)
    assert checked(receive(right)[1]).data.data == b"question"


def test_a_checksum_inside_a_tunnel_is_filled_in_at_once(vpp, ends):
    """The flags of a packet are about its outermost header; Linux may leave the checksum of an inner one undone."""
    left, right = ends()
    inner = tcp(b"inner")
    send(vpp, left, header4(4, len(inner)) + inner, start=54)
    header, packet = receive(right)
    assert header[0] == 0
    assert checked(packet[20:]).data.data == b"inner"


SIZES = [(1448, 40000), (1448, 1448 * 3), (1000, 1001), (536, 65000), (8000, 30000), (2000, 9999), (100, 5000)]


@pytest.mark.parametrize(("gso_size", "size"), SIZES)
def test_segmentation_is_passed_on_where_it_may_be(vpp, ends, gso_size, size):
    left, right = ends()
    payload = bytes(i * 31 >> 3 & 0xFF for i in range(size))
    send(vpp, left, tcp(payload, ACK | PSH), gso_size)
    header, packet = receive(right)
    assert header[:2] + header[3:] == (NEEDS_CSUM, GSO_TCP4, gso_size, 34, 16)  # the third is Linux's own choice
    assert packet[40:] == payload and packet[8] == 63


@pytest.mark.parametrize(("gso_size", "size"), SIZES)
def test_segmentation_is_done_where_it_must(vpp, ends, gso_size, size):
    left, right = ends("no-gso")
    payload = bytes(i * 31 >> 3 & 0xFF for i in range(size))
    send(vpp, left, tcp(payload, ACK | PSH | FIN | CWR), gso_size)
    pieces = [payload[at : at + gso_size] for at in range(0, size, gso_size)]
    for number, piece in enumerate(pieces):
        header, packet = receive(right)
        ip = checked(packet)
        assert header == (0,) * 6
        assert (bytes(ip.data.data), ip.data.seq) == (piece, (0xFFFFFF00 + number * gso_size) & 0xFFFFFFFF)
        assert (ip.id, ip.len, ip.ttl, ip.df) == (0x100 + number, 40 + len(piece), 63, 1)
        assert bool(ip.data.flags & (PSH | FIN)) == (number == len(pieces) - 1)
        assert bool(ip.data.flags & CWR) == (number == 0)
    with vpp.parked():
        totals = vpp.graph.totals()
        assert vpp.buffers.in_use == 0
    assert totals["received"] + totals["generated"] == sum(
        totals[name] for name in ("transmitted", "consumed", "dropped")
    )


def test_segments_longer_than_the_way_on_are_refused(vpp, ends):
    """The sender hears which size fits (RFC 1191)."""
    left, right = ends()
    vpp.interfaces.set_mtu(vpp.interfaces.get("tap1"), 1200)
    send(vpp, left, tcp(bytes(5000)), 1448)
    while True:
        _, packet = receive(left)
        if packet[9] == 1:
            break
    assert packet[20:22] == b"\x03\x04" and int.from_bytes(packet[26:28], "big") == 1200
    send(vpp, left, tcp(bytes(5000)), 1000)
    assert receive(right)[0][3] == 1000


def test_hostile_headers_are_counted(vpp, ends):
    """What Linux itself does not refuse: offers we never made, and places outside the packet."""
    left, _ = ends()
    sent = 0
    for start, field, gso_size, gso_type in [(34, 16, 100, GSO_TCP6), (34, 18, 0, 0), (2, 0, 0, 0), (90, 2, 0, 0)]:
        with contextlib.suppress(OSError):
            send(vpp, left, tcp(bytes(300)), gso_size, field, gso_type, start)
            sent += 1

    def arrived():
        counters = vpp.interfaces.counters(vpp.interfaces.get("tap0"))
        return counters.get("rx packets", 0) + counters.get("rx-error", 0)

    assert sent
    assert until(lambda: arrived() == sent)
    with vpp.parked():
        assert vpp.buffers.in_use == 0
