"""Ends of Geneve tunnels, and packets as the other end would send them."""

import struct

from tests.features.l2.bridge import engine, mac_bytes

PEER = {1: "02:fe:00:00:00:01", 2: "02:fe:00:00:00:02"}
PORT = 6081
OUTER = 50  # bytes in front of the frame, without options


def end(profile, number, *lines, options=""):
    """One end: pg0 to the other, pg1 bridged with a tunnel of vni 10."""
    other = 3 - number
    return engine(profile, 2, *underlay(number),
                  f"create geneve tunnel local 192.168.16.{number} remote 192.168.16.{other} vni 10 {options}",
                  "set interface l2 bridge pg1 1", "set interface l2 bridge geneve_tunnel0 1 1", *lines)  # fmt: skip


def underlay(number):
    other = 3 - number
    return [f"set interface mac address pg0 {PEER[number]}", f"set interface ip address pg0 192.168.16.{number}/24",
            f"set ip arp static pg0 192.168.16.{other} {PEER[other]}"]  # fmt: skip


def sum_of(header):
    total = sum(struct.unpack(f">{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def packet(body, src=b"\xc0\xa8\x10\x02", dst=b"\xc0\xa8\x10\x01", port=5555):
    """A UDP packet to port 6081 of end 1, from its other end."""
    udp = struct.pack(">HHHH", port, PORT, len(body) + 8, 0) + body
    header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 253, 17, 0) + src + dst
    header = header[:10] + struct.pack(">H", 0xFFFF - sum_of(header)) + header[12:]
    return mac_bytes(PEER[1]) + mac_bytes(PEER[2]) + b"\x08\x00" + header + udp


def geneve(inner, vni=10, version=0, option_words=0, flags=0, protocol=0x6558, options=b""):
    """Header, options and what is inside."""
    first = version << 6 | option_words
    return struct.pack(">BBHI", first, flags, protocol, vni << 8) + options + inner


def encapsulated(inner, **fields):
    """A packet to end 1; fields: of the Geneve header or, for addresses and port, of the packet."""
    outside = {name: fields.pop(name) for name in ("src", "dst", "port") if name in fields}
    return packet(geneve(inner, **fields), **outside)
