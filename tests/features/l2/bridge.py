"""Frames for the bridge's tests, engines with bridged generators, and a plain model of a bridge domain."""

import struct
from dataclasses import dataclass, field

from engine import Engine

FLAGS = ("learn", "forward", "uu-flood", "flood")
BROADCAST = "ff:ff:ff:ff:ff:ff"
HOSTS = [f"02:aa:00:00:00:{n:02x}" for n in range(1, 6)]


def mac_bytes(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


def tag(vlan: int, ethertype: int = 0x8100) -> bytes:
    return struct.pack(">HH", ethertype, vlan)


def frame(src: str, dst: str, ethertype: int = 0x88B5, payload: bytes = b"", tags: bytes = b"") -> bytes:
    head = mac_bytes(dst) + mac_bytes(src) + tags + struct.pack(">H", ethertype)
    return (head + payload).ljust(60 + len(tags), b"\0")


def arp_request(mac: str, sender: bytes, target: bytes, dst: str = BROADCAST) -> bytes:
    body = struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + mac_bytes(mac) + sender + bytes(6) + target
    return frame(mac, dst, 0x0806, body)


def engine(profile: str = "18.10", n: int = 4, *lines: str) -> Engine:
    """Generators pg0 to pgN that are up."""
    vpp = Engine(profile=profile)
    for number in range(n):
        vpp.cli(f"create packet-generator interface pg{number}")
        vpp.cli(f"set interface state pg{number} up")
    for line in lines:
        vpp.cli(line)
    return vpp


def bridge(profile: str = "18.10", n: int = 4, *lines: str) -> Engine:
    """The generators in bridge domain 1."""
    return engine(profile, n, *(f"set interface l2 bridge pg{number} 1" for number in range(n)), *lines)


@dataclass
class Entry:
    port: str | None
    static: bool = False
    provisioned: bool = False


@dataclass
class Model:
    """One bridge domain: what leaves by which port. Vectors pass learning whole before they are forwarded."""

    groups: dict[str, int]  # split-horizon group by port, in the order of joining
    flags: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(FLAGS, True))
    macs: dict[str, Entry] = field(default_factory=dict)

    def vector(self, port: str, frames: list[tuple[str, str]]) -> dict[str, list[tuple[str, str]]]:
        """frames: (source, destination). Returns what leaves, by port."""
        left: dict[str, list[tuple[str, str]]] = {}
        if port not in self.groups:
            return left
        passed = [each for each in frames if not self.flags["learn"] or self.learn(port, each[0])]
        for src, dst in passed:
            for out in self.ways(port, dst):
                left.setdefault(out, []).append((src, dst))
        return left

    def learn(self, port: str, src: str) -> bool:
        """Whether a frame of that source may pass."""
        known = self.macs.get(src)
        if known is None or (known.port != port and not known.static):
            self.macs[src] = Entry(port)
        return known is None or known.port == port or not known.static

    def ways(self, port: str, dst: str) -> list[str]:
        group = mac_bytes(dst)[0] & 1
        if not group and self.flags["forward"]:
            known = self.macs.get(dst)
            if known is not None:
                open_way = known.port not in (None, port) and not self.same_group(port, known.port)
                return [known.port] if open_way and known.port in self.groups else []
            return self.flood(port) if self.flags["uu-flood"] else []
        return self.flood(port) if self.flags["flood"] or (not group and self.flags["uu-flood"]) else []

    def same_group(self, one: str, other: str | None) -> bool:
        return self.groups[one] != 0 and self.groups[one] == self.groups.get(other or "")

    def flood(self, port: str) -> list[str]:
        return [other for other in self.groups if other != port and not self.same_group(port, other)]
