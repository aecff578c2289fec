"""Frames for NAT tests, made and read field by field, and an engine with one inside and one outside interface."""

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address

from engine import Engine

INSIDE_MAC, OUTSIDE_MAC = "02:fe:00:00:00:00", "02:fe:00:00:00:01"
UDP, TCP, ICMP = 17, 6, 1
FIN, SYN, RST, ACK = 1, 2, 4, 16

CONFIG = f"""
create packet-generator interface pg0
set interface mac address pg0 {INSIDE_MAC}
set interface ip address pg0 10.0.0.1/24
set interface state pg0 up
create packet-generator interface pg1
set interface mac address pg1 {OUTSIDE_MAC}
set interface ip address pg1 10.0.1.1/24
set interface state pg1 up
""" + "".join(
    f"set ip arp static pg{i} 10.0.{i}.{host} 02:00:00:00:0{i}:{host:02x}\n" for i in (0, 1) for host in range(2, 10)
)


def engine(*lines: str, profile: str = "18.01", nat: str = "") -> Engine:
    """pg0 inside with hosts 10.0.0.2 to .9, pg1 outside with 10.0.1.2 to .9, and the lines given."""
    vpp = Engine(profile=profile, startup=f"nat {{ {nat} }}" if nat else None)
    for line in (*CONFIG.splitlines(), *lines):
        if line:
            vpp.cli(line)
    return vpp


def checksum(data: bytes) -> int:
    """RFC 1071, by the book."""
    data += b"\0" * (len(data) & 1)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


@dataclass(frozen=True)
class Packet:
    """An IPv4 packet. For ICMP sport is the identifier and dport the sequence number."""

    src: str
    dst: str
    protocol: int
    sport: int = 0
    dport: int = 0
    payload: bytes = b"payload"
    flags: int = ACK
    seq: int = 0
    ack: int = 0
    icmp_type: int = 8
    ttl: int = 64
    fragment: int = 0
    checksummed: bool = True

    def l4(self) -> bytes:
        if self.protocol == ICMP:
            head = struct.pack("!BBHHH", self.icmp_type, 0, 0, self.sport, self.dport)
            body = head + self.payload
            return body[:2] + struct.pack("!H", checksum(body)) + body[4:]
        if self.protocol == TCP:
            body = struct.pack("!HHIIBBHHH", self.sport, self.dport, self.seq, self.ack, 0x50, self.flags, 1000, 0, 0)
            at = 16
        elif self.protocol == UDP:
            body = struct.pack("!HHHH", self.sport, self.dport, 8 + len(self.payload), 0)
            at = 6
        else:
            return self.payload
        body += self.payload
        pseudo = IPv4Address(self.src).packed + IPv4Address(self.dst).packed
        pseudo += struct.pack("!BBH", 0, self.protocol, len(body))
        sum_ = checksum(pseudo + body) if self.checksummed else 0
        return body[:at] + struct.pack("!H", sum_) + body[at + 2 :]

    def ip(self) -> bytes:
        l4 = self.l4()
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(l4), 1, self.fragment, self.ttl, self.protocol, 0)
        head += IPv4Address(self.src).packed + IPv4Address(self.dst).packed
        return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + l4

    def frame(self) -> bytes:
        """As it enters by the interface whose subnet the source is in."""
        mac = INSIDE_MAC if self.src.startswith("10.0.0.") else OUTSIDE_MAC
        frame = bytes.fromhex(mac.replace(":", "")) + bytes.fromhex("020000000002") + b"\x08\x00" + self.ip()
        return frame.ljust(60, b"\0")


def read(frame: bytes) -> Packet:
    """A frame that left; checks every checksum by full recomputation (UDP's may be none)."""
    ip = frame[14:]
    length = struct.unpack("!H", ip[2:4])[0]
    assert checksum(ip[:20]) == 0, "IP checksum"
    src, dst, protocol = str(IPv4Address(ip[12:16])), str(IPv4Address(ip[16:20])), ip[9]
    l4 = ip[20:length]
    pseudo = ip[12:20] + struct.pack("!BBH", 0, protocol, len(l4))
    fields = {"ttl": ip[8], "fragment": struct.unpack("!H", ip[6:8])[0]}
    if fields["fragment"] & 0x1FFF:
        return Packet(src, dst, protocol, payload=l4, **fields)
    if protocol == ICMP:
        assert checksum(l4) == 0, "ICMP checksum"
        sport, dport = struct.unpack("!HH", l4[4:8])
        return Packet(src, dst, protocol, sport, dport, l4[8:], icmp_type=l4[0], **fields)
    if protocol == TCP:
        assert fields["fragment"] or checksum(pseudo + l4) == 0, "TCP checksum"
        sport, dport, seq, ack = struct.unpack("!HHII", l4[:12])
        return Packet(src, dst, protocol, sport, dport, l4[20:], l4[13], seq, ack, **fields)
    if protocol == UDP:
        sum_ = struct.unpack("!H", l4[6:8])[0]
        assert sum_ == 0 or fields["fragment"] or checksum(pseudo + l4) == 0, "UDP checksum"
        sport, dport = struct.unpack("!HH", l4[:4])
        return Packet(src, dst, protocol, sport, dport, l4[8:], checksummed=sum_ != 0, **fields)
    return Packet(src, dst, protocol, payload=l4, **fields)


def send(vpp: Engine, *packets: Packet) -> list[Packet]:
    """Send packets in one vector by the interface of the first; what left, by any interface."""
    name = "pg0" if packets[0].src.startswith("10.0.0.") else "pg1"
    run = vpp.replay({name: [packet.frame() for packet in packets]}, together=True)
    assert run.received == run.transmitted + run.consumed + run.dropped
    return [read(frame) for frames in run.frames.values() for frame in frames]


def send_one(vpp: Engine, packet: Packet) -> Packet | None:
    """Send one packet; what left, None for a drop."""
    sent = send(vpp, packet)
    assert len(sent) <= 1
    return sent[0] if sent else None
