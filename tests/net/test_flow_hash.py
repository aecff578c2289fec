"""The flow hash of VPP, with the values it printed."""

import pytest

from engine.net.fib.fib import FLOW_HASH_NAMES, flow_hash_of

from .frames import echo, ip4, udp


def tcp(src, dst, sport, dport):
    return ip4(src, dst, sport.to_bytes(2, "big") + dport.to_bytes(2, "big") + bytes(16), protocol=6)


@pytest.mark.parametrize(
    ("packet", "value"),
    [
        (tcp("10.1.1.3", "10.1.2.4", 49710, 8080), 0x05E687EA),
        (tcp("10.1.1.3", "10.1.2.5", 1001, 8080), 0xDA1A539E),
        (tcp("10.1.1.3", "10.1.2.5", 1002, 80), 0x5C92427F),
        (echo("172.30.1.1", "10.1.2.255"), 0xCB867A54),
        *(
            (udp("10.1.1.3", f"20.0.0.{i}", 1000 + i, 53), value)
            for i, value in enumerate((0x10AEA406, 0xAB59AAAE, 0x24FD3ACE, 0x94655C98))
        ),
    ],
)
def test_values_vpp_printed(packet, value):
    assert flow_hash_of(packet) == value


def test_reverse_exchanges_source_and_destination():
    config = 0x1F | FLOW_HASH_NAMES["reverse"]
    assert flow_hash_of(tcp("10.1.1.3", "10.1.2.4", 49710, 8080), config) == 0x77D6E163


def test_fields_left_out_do_not_count():
    only_addresses = FLOW_HASH_NAMES["src"] | FLOW_HASH_NAMES["dst"]
    one, other = (udp("10.0.0.2", "10.9.0.1", sport) for sport in (1000, 2000))
    assert flow_hash_of(one) != flow_hash_of(other)
    assert flow_hash_of(one, only_addresses) == flow_hash_of(other, only_addresses)


def test_too_short():
    with pytest.raises(ValueError, match="24 bytes"):
        flow_hash_of(bytes(23))
