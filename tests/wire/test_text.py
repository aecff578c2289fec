"""Headers as VPP prints them."""

import json
from textwrap import dedent

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.wire import text
from engine.wire.names import ICMP4_CODES


def lines(block):
    return dedent(block).strip("\n")


SYN = bytes.fromhex(
    "4500003c895a40004006da5c0a0101030a61c1a0c22e005027c7a68b00000000a0027210"
    "3e270000020405b40402080a0000000000000000"
)  # fmt: skip
UDP = bytes.fromhex("4500002e0001000040116 5bb0a0000020a00010204d2162e001a1af9".replace(" ", ""))


def test_tcp():
    assert text.ip4_text(text.ip4_decode(SYN)) == lines("""
        TCP: 10.1.1.3 -> 10.97.193.160
          tos 0x00, ttl 64, length 60, checksum 0xda5c
          fragment id 0x895a, flags DONT_FRAGMENT
        TCP: 49710 -> 80
          seq. 0x27c7a68b ack 0x00000000
          flags 0x02 SYN, tcp header: 40 bytes
          window 29200, checksum 0x3e27
    """)


def test_udp_in_a_frame():
    frame = bytes.fromhex("02fe000000000200000000020800") + UDP
    assert text.frame_text(text.frame_decode(frame)) == lines("""
        IP4: 02:00:00:00:00:02 -> 02:fe:00:00:00:00
        UDP: 10.0.0.2 -> 10.0.1.2
          tos 0x00, ttl 64, length 46, checksum 0x65bb
          fragment id 0x0001
        UDP: 1234 -> 5678
          length 26, checksum 0x1af9
    """)


def test_wrong_checksum_and_options():
    changed = bytearray(UDP[:20] + b"\x01\x01\x01\x01" + UDP[20:])
    changed[0] = 0x46
    assert text.ip4_text(text.ip4_decode(bytes(changed))).splitlines()[1:3] == [
        "  version 4, header length 24",
        "  tos 0x00, ttl 64, length 46, checksum 0x65bb (should be 0x62b9)",
    ]


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        (0x0000, ""),
        (0x4000, ", flags DONT_FRAGMENT"),
        (0x2000, ", flags MORE_FRAGMENTS"),
        (0x0064, " offset 800, flags "),
        (0x2064, " offset 800, flags MORE_FRAGMENTS"),
        (0x1FFF, " offset 65528, flags MORE_FRAGMENTSDONT_FRAGMENTCONGESTION"),
    ],
)
def test_fragments_with_vpps_odd_arithmetic(word, shown):
    packet = bytearray(UDP)
    packet[6:8] = word.to_bytes(2, "big")
    assert text.ip4_text(text.ip4_decode(bytes(packet))).splitlines()[2] == f"  fragment id 0x0001{shown}"


@pytest.mark.parametrize(
    ("kind", "code", "shown"),
    [
        (8, 0, "ICMP echo_request checksum 0x8e"),
        (3, 3, "ICMP destination_unreachable port_unreachable checksum 0x8e"),
        (3, 99, "ICMP destination_unreachable unknown 0x63 checksum 0x8e"),
        (11, 0, "ICMP time_exceeded ttl_exceeded_in_transit checksum 0x8e"),
        (80, 1, "ICMP unknown 0x50 checksum 0x8e"),
    ],
)
def test_icmp(kind, code, shown):
    assert text.icmp4_text(text.icmp4_decode(bytes([kind, code, 0, 0x8E]))) == shown


def test_arp():
    body = bytes.fromhex("00010800060400010200000001020a000102000000000000" + "0a010101")
    assert text.arp_text(text.arp_decode(body)) == lines("""
        request, type ethernet/IP4, address size 6/4
        02:00:00:00:01:02/10.0.1.2 -> 00:00:00:00:00:00/10.1.1.1
    """)
    strange = b"\0\x06" + body[2:]
    assert text.arp_text(text.arp_decode(strange)) == lines("""
        request, type ieee_802/IP4, address size 6/4
        020000000102/0a000102 -> 000000000000/0a010101
    """)


@pytest.mark.parametrize(
    ("tags", "shown"),
    [
        ("8100000a", "802.1q vlan 10"),
        ("8100600a", "802.1q vlan 10 priority 3"),
        ("8100100a", "802.1q vlan 10 cfi"),
        ("88a8001481 00001e".replace(" ", ""), "802.1ad vlan 20 802.1q vlan 30"),
    ],
)
def test_vlan_tags(tags, shown):
    frame = bytes.fromhex("02fe00000000020000000002" + tags + "0800")
    assert text.ethernet_text(text.ethernet_decode(frame)) == f"IP4: 02:00:00:00:00:02 -> 02:fe:00:00:00:00 {shown}"


def test_unknown_numbers_print_as_numbers():
    frame = bytes.fromhex("02fe000000000200000000021234")
    assert text.ethernet_text(text.ethernet_decode(frame)).startswith("0x1234: ")
    packet = bytearray(UDP)
    packet[9] = 99
    assert text.ip4_text(text.ip4_decode(bytes(packet))).startswith("unknown 99: ")


def test_gre():
    assert text.gre_text(text.gre_decode(bytes.fromhex("00000800"))) == "GRE ip4"
    assert text.gre_text(text.gre_decode(bytes.fromhex("0000abcd"))) == "GRE 0xabcd"


PAIRS = [
    (text.frame_decode, text.frame_text), (text.ethernet_decode, text.ethernet_text), (text.arp_decode, text.arp_text),
    (text.ip4_decode, text.ip4_text), (text.ip6_decode, text.ip6_text), (text.tcp_decode, text.tcp_text),
    (text.udp_decode, text.udp_text), (text.icmp4_decode, text.icmp4_text), (text.gre_decode, text.gre_text),
]  # fmt: skip


@pytest.mark.parametrize(("decode", "write"), PAIRS)
@given(data=st.binary(max_size=80))
@example(data=b"")
@example(data=b"\x4f" + bytes(59))
@example(data=b"\xff" * 80)
def test_any_bytes_have_a_text(decode, write, data):
    fields = decode(data)
    json.dumps(fields)
    shown = write(fields)
    assert shown
    assert not shown.startswith(("\n", " "))
    assert not shown.endswith("\n")


@given(st.binary(min_size=20, max_size=80), st.integers(0, 40))
def test_what_is_cut_short_says_so(data, n):
    if n < 20:
        assert text.ip4_text(text.ip4_decode(data[:n])) == "IP header truncated"
    assert text.ip4_text(text.ip4_decode(data)) != "IP header truncated"


def test_indented():
    assert text.indented("a\nb", 2) == "  a\n  b"


def test_codes_stand_at_their_numbers():
    assert ICMP4_CODES[3][13] == "communication_administratively_prohibited"
