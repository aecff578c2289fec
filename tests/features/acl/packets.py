"""Frames for the ACL tests, and engines that route them between two interfaces."""

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address

from engine import Engine

ICMP, TCP, UDP, GRE = 1, 6, 17, 47
SYN, ACK, FIN, RST = 0x02, 0x10, 0x01, 0x04
LATER = 185  # a fragment's offset, in units of 8 bytes

INSIDE = ("10.0.0.2", "10.0.0.3", "10.0.0.4")  # behind pg0, sw_if_index 1
OUTSIDE = ("10.0.1.2", "10.0.1.3", "10.0.1.4")  # behind pg1, sw_if_index 2


@dataclass(frozen=True)
class Packet:
    """An IPv4 packet; sport and dport are type and code of ICMP."""

    src: str
    dst: str
    proto: int = TCP
    sport: int = 1000
    dport: int = 80
    flags: int = SYN
    later_fragment: bool = False
    short: bool = False  # too short for an L4 header

    def reply(self, flags: int = SYN | ACK) -> "Packet":
        return Packet(self.dst, self.src, self.proto, self.dport, self.sport, flags)

    @property
    def l4_valid(self) -> bool:
        return not self.later_fragment and not self.short

    def payload(self) -> bytes:
        if self.short:
            return bytes(4)
        if self.later_fragment:
            return bytes(range(24))
        if self.proto == TCP:
            return struct.pack(">HHIIBBHHH", self.sport, self.dport, 1, 0, 0x50, self.flags, 1000, 0, 0)
        if self.proto == UDP:
            return struct.pack(">HHHH", self.sport, self.dport, 28, 0) + bytes(20)
        if self.proto == ICMP:
            return struct.pack(">BBHHH", self.sport & 0xFF, self.dport & 0xFF, 0, 7, 1) + bytes(20)
        return bytes(28)

    def frame(self, interface: int = 0) -> bytes:
        """As it enters pgN; padded to 60 bytes, except a short one, whose L4 header would be found in the padding."""
        data = self.payload()
        offset = LATER if self.later_fragment else 0
        header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(data), 1, offset, 64, self.proto, 0)
        header += IPv4Address(self.src).packed + IPv4Address(self.dst).packed
        header = header[:10] + struct.pack(">H", checksum(header)) + header[12:]
        ethernet = bytes([2, 0xFE, 0, 0, 0, interface]) + bytes([2, 0, 0, 0, interface, 2]) + b"\x08\x00"
        return (ethernet + header + data).ljust(0 if self.short else 60, b"\0")


def checksum(header: bytes) -> int:
    total = sum(struct.unpack(">10H", header))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def router(profile: str, *lines: str, buffers: int = 16384) -> Engine:
    """Two connected subnets; lines: further configuration."""
    vpp = Engine(profile=profile, buffers=buffers)
    for number, hosts in enumerate((INSIDE, OUTSIDE)):
        name = f"pg{number}"
        vpp.cli(f"create packet-generator interface {name}")
        vpp.cli(f"set interface mac address {name} 02:fe:00:00:00:{number:02x}")
        vpp.cli(f"set interface ip address {name} 10.0.{number}.1/24")
        vpp.cli(f"set interface state {name} up")
        for host in hosts:
            vpp.cli(f"set ip arp static {name} {host} 02:00:00:00:{number:02x}:02")
    for line in lines:
        vpp.cli(line)
    return vpp


def acl_entries(vpp: Engine) -> list[list[dict]]:
    """Per traced packet its ACL entries, in order; each with the node's name."""
    packets = vpp.cli_data("show trace max 1000")["packets"]
    return [
        [entry["data"] | {"node": entry["node"]} for entry in packet["entries"] if entry["node"].startswith("acl-")]
        for packet in packets
    ]


def counts(vpp: Engine, node: str) -> dict[str, int]:
    """Counters of a node that are not 0."""
    return {row["reason"]: row["count"] for row in vpp.cli_data("show errors")["errors"] if row["node"] == node}


def send(vpp: Engine, interface: int, *packets: Packet) -> list[list[dict]]:
    """Let packets enter pgN as one vector; their ACL entries."""
    vpp.cli("clear trace")
    vpp.cli("trace add pg-input 1000")
    vpp.replay({f"pg{interface}": [packet.frame(interface) for packet in packets]}, together=True)
    return acl_entries(vpp)
