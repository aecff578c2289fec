"""Frames for tests, built with dpkt, which knows nothing of the engine."""

from ipaddress import IPv4Address

import dpkt

HOST_MAC = bytes.fromhex("020000000002")
ROUTER_MAC = bytes.fromhex("02fe00000000")
BROADCAST = b"\xff" * 6


def address(text):
    return IPv4Address(text).packed


def ip4(src, dst, payload=b"", protocol=17, ttl=64, **fields):
    """An IPv4 packet with a right header checksum; fields: more of dpkt's, such as df, mf, offset, id, opts."""
    packet = dpkt.ip.IP(src=address(src), dst=address(dst), p=protocol, ttl=ttl, data=payload)
    for name, value in fields.items():
        setattr(packet, name, value)
    packet.len = len(packet)
    return bytes(packet)


def udp(src, dst, sport=1234, dport=5678, data=b"abcdefgh", **fields):
    packet = dpkt.ip.IP(src=address(src), dst=address(dst), p=17, ttl=fields.pop("ttl", 64))
    packet.data = dpkt.udp.UDP(sport=sport, dport=dport, data=data, ulen=8 + len(data))
    for name, value in fields.items():
        setattr(packet, name, value)
    packet.len = len(packet)
    return bytes(packet)


def echo(src, dst, data=b"ping", kind=8, **fields):
    message = dpkt.icmp.ICMP(type=kind, data=dpkt.icmp.ICMP.Echo(id=7, seq=1, data=data))
    return ip4(src, dst, bytes(message), protocol=1, **fields)


def ethernet(packet, dst=ROUTER_MAC, src=HOST_MAC, kind=0x0800):
    return dst + src + kind.to_bytes(2, "big") + packet


def arp(op, sender_mac, sender, target_mac, target, dst=BROADCAST, src=None):
    message = dpkt.arp.ARP(op=op, sha=sender_mac, spa=address(sender), tha=target_mac, tpa=address(target))
    return ethernet(bytes(message), dst, src or sender_mac, 0x0806)


def parse(frame):
    """The Ethernet frame as dpkt's objects; IP checksums are verified."""
    parsed = dpkt.ethernet.Ethernet(frame)
    if isinstance(parsed.data, dpkt.ip.IP):
        stored = parsed.data.sum
        header = bytearray(frame[14 : 14 + parsed.data.hl * 4])
        header[10:12] = b"\0\0"
        assert dpkt.in_cksum(bytes(header)) == stored
    return parsed


def broken(packet, offset, value):
    """The packet with one byte changed and the header checksum made right again."""
    changed = bytearray(packet)
    changed[offset] = value
    changed[10:12] = b"\0\0"
    changed[10:12] = dpkt.in_cksum(bytes(changed[: (changed[0] & 15) * 4])).to_bytes(2, "big")
    return bytes(changed)
