"""Real captures through a router, with ACLs and with NAT: nothing crashes, nothing is lost, no checksum breaks."""

import os
from pathlib import Path
from struct import unpack_from

import pytest

from engine import Engine
from engine.devices.pcap.capture import open_capture
from engine.devices.pcap.link import FRAME_NO_MAC
from engine.devices.pcap.source import FrameList

REAL = Path(__file__).parents[2] / "pcaps" / "real"
FOLDERS = [REAL, *(Path(folder) for folder in os.environ.get("VPPSH_CAPTURES", "").split(":") if folder)]
CAPTURES = [path for folder in FOLDERS for path in sorted(folder.iterdir()) if path.suffix != ".md"]

ROUTER = """
create tap id 0 hw-addr 02:fe:00:00:00:00
create tap id 1 hw-addr 02:fe:00:00:00:01
set interface ip address tap0 10.98.0.1/24
set interface ip address tap1 10.99.0.1/24
set interface state tap0 up
set interface state tap1 up
set ip arp static tap1 10.99.0.2 02:00:00:00:00:02
ip route add 0.0.0.0/0 via 10.99.0.2 tap1
"""
CONFIGURATIONS = {
    "router": ROUTER,
    "acl": ROUTER
    + """
set acl-plugin acl deny proto 1 sport 3, permit+reflect proto 6, permit+reflect proto 17 dport 53, permit
set acl-plugin acl deny src 192.168.0.0/16 proto 17 dport 1900, permit
set acl-plugin interface tap0 input acl 0
set acl-plugin interface tap1 output acl 1
""",
    "nat": ROUTER
    + """
nat44 add address 10.99.0.100
set interface nat44 in tap0 out tap1
nat44 forwarding enable
""",
}
BUFFERS = 4096
TCP, UDP, ICMP = 6, 17, 1


@pytest.fixture(params=CONFIGURATIONS)
def vpp(request):
    with Engine(buffers=BUFFERS) as engine:
        for line in CONFIGURATIONS[request.param].strip().splitlines():
            engine.cli(line)
        yield engine


def ones_sum(data):
    """RFC 1071; 0xffff when data holds its own, right checksum."""
    total = sum(unpack_from(f">{len(data) // 2}H", data)) + (data[-1] << 8 if len(data) % 2 else 0)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def ip4(frame):
    """The IPv4 packet of an untagged frame, cut at its own length; None where it has none that is whole."""
    if len(frame) < 34 or frame[12:14] != b"\x08\x00" or frame[14] >> 4 != 4:
        return None
    header, length = (frame[14] & 15) * 4, unpack_from(">H", frame, 16)[0]
    return frame[14 : 14 + length] if 20 <= header <= length <= len(frame) - 14 else None


def l4_is_right(packet):
    """Whether the transport checksum holds, as far as there is one to check in this packet."""
    header, protocol = (packet[0] & 15) * 4, packet[9]
    if unpack_from(">H", packet, 6)[0] & 0x3FFF or protocol not in (TCP, UDP, ICMP):
        return True
    segment = packet[header:]
    if protocol == ICMP:
        return ones_sum(segment) == 0xFFFF if len(segment) >= 8 else True
    if len(segment) < (20 if protocol == TCP else 8) or (protocol == UDP and segment[6:8] == bytes(2)):
        return True
    if protocol == UDP and unpack_from(">H", segment, 4)[0] != len(segment):
        return True
    pseudo = packet[12:20] + bytes([0, protocol]) + len(segment).to_bytes(2, "big")
    return ones_sum(pseudo + segment) == 0xFFFF


def to_us(path, wanted=lambda frame: True):
    """The capture, every frame addressed to the interface it enters by."""
    records = [(time, frame) for time, frame, *_ in open_capture(path) if len(frame) >= 14 and wanted(frame)]
    frames = [bytes(6) + frame[6:] for _, frame in records]
    return FrameList(frames, [time for time, _ in records], flags=[FRAME_NO_MAC] * len(frames))


def right(frame):
    packet = ip4(frame)
    return packet is None or (ones_sum(packet[: (packet[0] & 15) * 4]) == 0xFFFF and l4_is_right(packet))


def check_books(vpp, run, count):
    assert run.received == count
    assert run.received + run.generated == run.transmitted + run.consumed + run.dropped
    assert sum(run.drops.values()) == run.dropped
    assert vpp.buffers.in_use <= run.consumed


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_as_it_is(vpp, path):
    count = sum(1 for _ in open_capture(path))
    check_books(vpp, vpp.replay({"tap0": path}), count)


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_as_if_sent_to_us(vpp, path):
    source = to_us(path, right)
    run = vpp.replay({"tap0": source})
    check_books(vpp, run, len(source))
    for name in ("tap0", "tap1"):
        for frame in run.frames[name]:
            packet = ip4(frame)
            assert packet is None or ones_sum(packet[: (packet[0] & 15) * 4]) == 0xFFFF, frame.hex()
            assert packet is None or l4_is_right(packet), frame.hex()


def test_something_gets_through():
    with Engine(buffers=BUFFERS) as engine:
        for line in ROUTER.strip().splitlines():
            engine.cli(line)
        run = engine.replay({"tap0": to_us(REAL / "mercury-geneve.pcap", right)})
        assert len(run.frames["tap1"]) > 400
