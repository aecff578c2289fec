"""Configurations of the whole-path benchmarks, in VPP's CLI."""

from ipaddress import IPv4Interface
from pathlib import Path

import numpy as np

from engine import Engine
from engine.features.acl.rule import PERMIT, Rule
from tests.tables.classbench import load_headers, load_rules

from . import workloads

MAC_IN = bytes.fromhex("020000000001")
NAT_STARTUP = """
nat {
    translation hash buckets 1048576
    translation hash memory 1073741824
    user hash buckets 1024
    max translations per user 4000000
}
"""

BASE = """
create tap id 0
set interface mac address tap0 02:00:00:00:00:01
set interface ip address tap0 10.2.1.1/32
set interface state tap0 up
set ip arp static tap0 10.1.1.3 02:00:00:00:00:02
set ip arp static tap0 10.1.1.4 02:00:00:00:00:02
ip route add 10.1.1.3/32 via tap0
ip route add 10.1.1.4/32 via tap0
create tap id 1
set interface mac address tap1 02:00:00:00:00:03
set interface ip address tap1 10.2.1.2/32
set interface state tap1 up
set ip arp static tap1 10.1.1.5 02:00:00:00:00:04
set ip arp static tap1 10.1.1.6 02:00:00:00:00:04
ip route add 10.1.1.5/32 via tap1
ip route add 10.1.1.6/32 via tap1
"""
ROUTE = "ip route add 10.104.221.85/32 via 10.1.1.5 tap1"

REFLECT = """
set acl-plugin acl permit+reflect
set acl-plugin interface tap0 input acl 0
"""

SERVICE = """
nat44 forwarding enable
set interface nat44 out tap0
set interface nat44 in tap1
nat44 add load-balancing static mapping protocol tcp external 10.104.221.85:80 local 10.1.1.5:8080 probability 1 local 10.1.1.6:8080 probability 1 out2in-only
"""  # noqa: E501
POLICY = """
set acl-plugin acl permit+reflect
set acl-plugin acl permit dst 10.1.1.0/24 proto 6 dport 8080, deny
set acl-plugin interface tap0 input acl 0
set acl-plugin interface tap1 output acl 1
"""

STATIC_NAT = """
set interface nat44 in tap0
set interface nat44 out tap1
nat44 add static mapping local 10.1.1.3 external 10.9.9.3
nat44 add static mapping local 10.1.1.4 external 10.9.9.4
"""
DYNAMIC_NAT = """
set interface nat44 in tap0
set interface nat44 out tap1
nat44 add address 10.9.8.1 - 10.9.8.32
"""


def configured(*texts: str, nat: bool = False) -> Engine:
    """An engine of the default profile with these lines run."""
    vpp = Engine(startup=NAT_STARTUP if nat else None)
    for line in "\n".join(texts).splitlines():
        if line.strip():
            vpp.cli(line)
    return vpp


def discard() -> Engine:
    """Only input: ethernet-input finds frames for another MAC and drops them."""
    return configured("create tap id 0\nset interface state tap0 up")


def routing() -> Engine:
    return configured(BASE, ROUTE)


def acl_sessions() -> Engine:
    return configured(BASE, ROUTE, REFLECT)


def pod_to_service() -> Engine:
    return configured(BASE, SERVICE, POLICY, nat=True)


def static_nat() -> Engine:
    return configured(BASE, ROUTE, STATIC_NAT, nat=True)


def dynamic_nat() -> Engine:
    return configured(BASE, ROUTE, DYNAMIC_NAT, nat=True)


def mixed_rules(n: int = 1000) -> Engine:
    """n ACL rules of many prefix and port shapes that no packet matches, and one that permits; no sessions."""
    rng = np.random.default_rng(7)
    rules = []
    for _ in range(n):
        address = ".".join(map(str, (172, *rng.integers(0, 256, 3))))
        other = ".".join(map(str, (10, *rng.integers(0, 256, 3))))
        low = int(rng.integers(1, 60000))
        high = low if rng.random() < 0.5 else low + int(rng.integers(1, 5000))
        lengths = rng.choice([8, 12, 16, 20, 24, 28, 32], 2)
        rules.append(f"deny src {address}/{lengths[0]} dst {other}/{lengths[1]} proto 6 dport {low}-{high}")
    vpp = configured(BASE, ROUTE)
    vpp.cli("set acl-plugin acl " + ", ".join([*rules, "permit"]))
    vpp.cli("set acl-plugin interface tap0 input acl 0")
    return vpp


def many_routes() -> Engine:
    vpp = configured(BASE)
    for prefix in workloads.random_routes():
        vpp.cli(f"ip route add {prefix >> 16}.{prefix >> 8 & 255}.{prefix & 255}.0/24 via 10.1.1.5 tap1")
    return vpp


def classbench(name: str) -> Engine:
    """The rules of a ClassBench set as one stateless ACL on tap0, behind them one that permits."""
    vpp = configured(BASE, "ip route add 0.0.0.0/0 via 10.1.1.5 tap1")
    vpp.acl.add_replace([*(acl_rule(rule) for rule in load_rules(name)), Rule()], tag=name)
    vpp.cli("set acl-plugin interface tap0 input acl 0")
    return vpp


def acl_rule(rule: tuple[int, ...]) -> Rule:
    saddr, src_length, daddr, dst_length, proto, *ports, mask, value = rule
    src, dst = (IPv4Interface((address, length)) for address, length in ((saddr, src_length), (daddr, dst_length)))
    return Rule(PERMIT, src, dst, proto, tuple(ports[:2]), tuple(ports[2:]), mask, value)


def classbench_capture(name: str, n: int) -> bytes:
    """n TCP segments to the headers of the set's trace, whatever protocol those name."""
    headers = np.array([header[:4] for header in load_headers(name)], np.int64)
    src, dst, sport, dport = headers[np.arange(n) % len(headers)].T
    return workloads.pcap([(np.arange(n), workloads.tcp_frames(n, 60, src, sport, dst, dport, mac=MAC_IN))], n)


def replies(vpp: Engine, source: Path, folder: Path) -> bytes:
    """A capture of answers to what leaves tap1 when `source` enters tap0: one for each packet, in the same order."""
    path = folder / "forward.pcap"
    vpp.replay({"tap0": source}, {"tap1": path}, together=True, collect=False)
    records = np.frombuffer(path.read_bytes()[24:], np.uint8).reshape(-1, 76)
    src = int_column(records, 16 + 26, 4)
    dst = int_column(records, 16 + 30, 4)
    sport, dport = int_column(records, 16 + 34, 2), int_column(records, 16 + 36, 2)
    n = len(records)
    mac = bytes.fromhex("020000000003")
    frames = workloads.tcp_frames(n, 60, dst, dport, src, sport, mac=mac, flags=0x12)
    return workloads.pcap([(np.arange(n), frames)], n)


def int_column(rows: np.ndarray, at: int, n_bytes: int) -> np.ndarray:
    """Big-endian numbers at byte `at` of all rows."""
    value = np.zeros(len(rows), np.int64)
    for i in range(n_bytes):
        value = (value << 8) | rows[:, at + i]
    return value


