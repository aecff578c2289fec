"""Rule sets and packet headers that ClassBench generated (Taylor and Turner, 2007), in tests/data/classbench.

A rule is a line `@saddr/len daddr/len sport : sport dport : dport proto/mask flags/mask`; a header of the
trace is `saddr daddr sport dport proto flags rule` in numbers. The flags are those of TCP in the upper byte.
"""

import gzip
import struct
from pathlib import Path

DATA = Path(__file__).parent.parent / "data" / "classbench"
NAMES = sorted(path.name.removesuffix(".rules.gz") for path in DATA.glob("*.rules.gz"))

L4_VALID, TCP_FLAGS_VALID, NONFIRST = 1, 2, 4


def lines(file):
    return gzip.decompress((DATA / file).read_bytes()).decode().splitlines()


def prefix(text):
    address, length = text.split("/")
    return int.from_bytes(bytes(int(part) for part in address.split(".")), "big"), int(length)


def ports(text):
    first, last = text.split(":")
    return int(first), int(last)


def load_rules(name):
    """Rules as engine.tables.tuple_space.TupleSpace takes them."""
    rules = []
    for line in lines(f"{name}.rules.gz"):
        saddr, daddr, sport, dport, proto, flags = line[1:].split("\t")[:6]
        proto_value, proto_mask = (int(part, 16) for part in proto.split("/"))
        flags_value, flags_mask = (int(part, 16) >> 8 for part in flags.split("/"))
        is_tcp = proto_value & proto_mask == 6
        rules.append(
            (*prefix(saddr), *prefix(daddr), proto_value & proto_mask, *ports(sport), *ports(dport))
            + ((flags_mask, flags_value & flags_mask) if is_tcp else (0, 0))
        )
    return rules


def pack_key(saddr, daddr, sport, dport, proto, tcp_flags=0, flags=L4_VALID):
    """A tuple_key_t."""
    return struct.pack("!II", saddr, daddr) + struct.pack("=HHBBBx", sport, dport, proto, tcp_flags, flags)


def load_headers(name):
    """Headers of the trace as (saddr, daddr, sport, dport, proto, TCP flags, validity flags)."""
    headers = []
    for line in lines(f"{name}.trace.gz"):
        saddr, daddr, sport, dport, proto, flags, _rule = (int(part) for part in line.split())
        valid = L4_VALID | (TCP_FLAGS_VALID if proto == 6 else 0)
        headers.append((saddr, daddr, sport, dport, proto, flags >> 8 & 0xFF, valid))
    return headers
