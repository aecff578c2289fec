"""IPv6 packets: the rules judge them; behind the ACL all are dropped, for IPv6 is not forwarded."""

import struct
from ipaddress import IPv6Address

import pytest

from .packets import SYN, TCP, UDP, acl_entries, counts, router

SRC, DST = "2001:db8::2", "2001:db8:1::2"
ICMP6, FRAGMENT, HOP_BY_HOP = 58, 44, 0


def frame(payload: bytes, next_header: int = TCP) -> bytes:
    header = struct.pack(">IHBB", 6 << 28, len(payload), next_header, 64)
    header += IPv6Address(SRC).packed + IPv6Address(DST).packed
    return bytes.fromhex("02fe00000000 020000000002 86dd") + header + payload


def tcp(sport: int = 1000, dport: int = 80) -> bytes:
    return struct.pack(">HHIIBBHHH", sport, dport, 1, 0, 0x50, SYN, 1000, 0, 0)


def enter(profile: str, rules: str, *frames: bytes):
    vpp = router(profile, f"set acl-plugin acl {rules}", "set acl-plugin interface pg0 input acl 0")
    vpp.cli("trace add pg-input 10")
    vpp.replay({"pg0": list(frames)}, together=True)
    return vpp, [entry[0] for entry in acl_entries(vpp)]


@pytest.mark.parametrize("profile", ["18.01", "18.10"])
@pytest.mark.parametrize(
    ("rules", "action", "rule"),
    [
        ("permit", 0, -1),
        ("permit, permit src 2001:db8::/32", 1, 1),
        ("deny src 2001:db8::2/128 proto 6 dport 80", 0, 0),
        ("permit src ::/0 proto 17, permit src ::/0 proto 6 dport 81-90", 0, -1),
        ("permit dst 2001:db8:1::/48 proto 6 tcpflags 2 mask 18", 1, 0),
    ],
)
def test_rules_judge(profile, rules, action, rule):
    vpp, entries = enter(profile, rules, frame(tcp()))
    assert (entries[0]["action"], entries[0]["rule"]) == (action, rule)
    assert (entries[0]["src"], entries[0]["dst"], entries[0]["sport"], entries[0]["dport"]) == (SRC, DST, 1000, 80)
    assert entries[0]["is_ip6"] == entries[0]["tcp_flags_valid"] == 1
    reason = "ACL permit packets" if action else "ACL deny packets"
    assert counts(vpp, "acl-plugin-in-ip6-fa") == {"checked packets": 1, reason: 1}
    assert vpp.acl.hits(0)[rule] == (rule >= 0)


def test_ports_stand_behind_extension_headers():
    options = struct.pack(">BB6x", TCP, 0)
    first = struct.pack(">BxHI", UDP, 1, 7)
    later = struct.pack(">BxHI", UDP, 8, 7)
    udp = struct.pack(">HHHH", 5, 53, 28, 0) + bytes(20)
    frames = [
        frame(options + tcp(), HOP_BY_HOP),
        frame(first + udp, FRAGMENT),
        frame(later + bytes(24), FRAGMENT),
        frame(struct.pack(">BBHI", 128, 0, 0, 0), ICMP6),
        frame(b"\x11", UDP),
    ]
    _, entries = enter("18.10", "permit src ::/0", *frames)
    said = [(e["proto"], e["sport"], e["dport"], e["l4_valid"], e["later_fragment"]) for e in entries]
    assert said == [(6, 1000, 80, 1, 0), (17, 5, 53, 1, 0), (17, 0, 0, 0, 1), (58, 128, 0, 1, 0), (17, 0, 0, 0, 0)]


@pytest.mark.parametrize("size", range(0, 70, 3))
def test_headers_cut_short_are_survived(size):
    whole = frame(struct.pack(">BB6x", HOP_BY_HOP, 255) + tcp(), HOP_BY_HOP)
    vpp, _ = enter("18.10", "permit src ::/0", whole[: 14 + size])
    assert vpp.buffers.in_use == 0
