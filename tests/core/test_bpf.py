"""The filter machine against libpcap's own: the same verdict on any program and any frame."""

import contextlib
import sys

import cypcap
import dpkt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import ControlError
from engine.core.bpf import PacketFilter, compile_filter

EXPRESSIONS = [
    "",
    "tcp",
    "tcp and host 10.1.1.3 and port 80",
    "udp and not port 53",
    "net 10.1.0.0/16 or ip6",
    "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
    "ip[6:2] & 0x1fff != 0",
    "vlan 7 and icmp",
    "ether host 02:00:00:00:00:02",
    "less 64 or greater 500",
    "arp",
    "portrange 8000-8100",
    "ip[0] & 0xf != 5 and ip[8] / 2 > 10 and ip[9] % 3 = 0",
    "ip6 protochain 6",
    "ether[12:2] << 1 ^ 3 > len",
]

# instructions that can follow one another in any order; the index register may hold anything
LOADS = [0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0xB1]
PLAIN = [0x00, 0x01, 0x80, 0x81, 0x07, 0x87, 0x84]
MEMORY = [0x60, 0x61, 0x02, 0x03]
WITH_K = [0x04, 0x14, 0x24, 0x34, 0x44, 0x54, 0x64, 0x74, 0x94, 0xA4]
WITH_X = [code | 8 for code in WITH_K]
JUMPS = [0x15, 0x25, 0x35, 0x45, 0x1D, 0x2D, 0x3D, 0x4D]

U32 = st.integers(0, 2**32 - 1)
NUMBERS = st.one_of(st.integers(0, 80), U32)
FRAMES = st.binary(max_size=120)


def offline(program, frame, length=None):
    header = cypcap.Pkthdr(caplen=len(frame), len=len(frame) if length is None else length)
    return bool(program.offline_filter(header, frame))


@st.composite
def instructions(draw, left):
    """One instruction in front of `left` others."""
    code = draw(st.sampled_from([*LOADS, *PLAIN, *MEMORY, *WITH_K, *WITH_X, *JUMPS, 0x05]))
    skip = st.integers(0, min(left - 1, 255))
    if code == 0x05:
        return code, 0, 0, draw(skip)
    if code in JUMPS:
        return code, draw(skip), draw(skip), draw(NUMBERS)
    if code in MEMORY:
        return code, 0, 0, draw(st.integers(0, 15))
    if code in WITH_K:
        return code, 0, 0, draw(st.integers(1, 31))
    return code, 0, 0, draw(NUMBERS)


@st.composite
def programs(draw):
    n = draw(st.integers(0, 30))
    cleared = [(0x00, 0, 0, 0), *((0x02, 0, 0, slot) for slot in range(16))]  # libpcap leaves its memory as it was
    body = [draw(instructions(n - at)) for at in range(n)]
    return [*cleared, *body, draw(st.sampled_from([(0x16, 0, 0, 0), (0x06, 0, 0, 1)]))]


@given(programs(), FRAMES, st.integers(0, 3000))
def test_any_program_does_what_libpcap_does(program, frame, more):
    length = len(frame) + more
    assert PacketFilter(program).matches(frame, length) == offline(cypcap.BpfProgram(program), frame, length)


def packets():
    """Frames close to what the expressions ask for."""
    address = st.sampled_from([b"\x0a\x01\x01\x03", b"\x0a\x01\x02\x04", b"\xc0\xa8\x00\x01"])
    port = st.sampled_from([53, 80, 8080, 40000])

    def ip4(src, dst, protocol, sport, dport, offset, payload):
        l4 = sport.to_bytes(2, "big") + dport.to_bytes(2, "big") + payload
        packet = dpkt.ip.IP(src=src, dst=dst, p=protocol, data=l4)
        packet.offset = offset
        return bytes(packet)

    protocol = st.sampled_from([1, 6, 17, 51])
    packet = st.builds(ip4, address, address, protocol, port, port, st.sampled_from([0, 0, 185]), FRAMES)
    header = st.sampled_from([0, 6, 43, 51])
    ip6 = st.builds(lambda first, rest: b"\x60" + bytes(5) + bytes([first]) + rest, header, FRAMES)
    kinds = st.sampled_from([b"\x08\x00", b"\x81\x00\x00\x07\x08\x00", b"\x08\x06", b"\x86\xdd"])
    return st.builds(lambda kind, l3: bytes.fromhex("020000000002020000000003") + kind + l3, kinds, packet | ip6)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expressions_match_what_libpcap_matches(text):
    program = cypcap.compile(cypcap.DatalinkType.EN10MB, 262144, text, True, cypcap.NETMASK_UNKNOWN)
    compiled = compile_filter(text)

    @given(packets() | FRAMES, st.integers(0, 1500))
    def same(frame, more):
        assert compiled.matches(frame) == offline(program, frame)
        assert compiled.matches(frame[:40], len(frame) + more) == offline(program, frame[:40], len(frame) + more)

    same()
    assert compiled.text == text


def test_known_frames():
    syn = bytes.fromhex("02fe163f5f0f000000000002080045000028000040004006") + bytes(2)
    syn += bytes.fromhex("0a010103 0a68dd55 c78a 0050") + bytes(16)
    assert compile_filter("tcp and host 10.1.1.3 and port 80").matches(syn)
    assert not compile_filter("tcp and host 10.1.1.4 and port 80").matches(syn)
    assert not compile_filter("tcp and host 10.1.1.3 and port 80").matches(syn[:30])
    assert compile_filter("tcp[13] = 0").run(syn) > 0
    assert compile_filter("tcp").run(b"") == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("tcp and hst", "syntax error in filter expression"),
        ("tcp and host 10.1.1.3 and", "can't parse filter expression: syntax error"),
        ("port 99999", "illegal port number 99999 > 65535"),
        ("net 10.0.0.0/33", "mask length must be <= 32"),
        ("ip[0] / 0 = 1", "division by zero"),
        ("tcp\0 or udp", "a filter expression is at most 4096 characters of ASCII"),
        ("tcp or " * 1000 + "udp", "a filter expression is at most 4096 characters of ASCII"),
        ("host \N{SNOWMAN}", "a filter expression is at most 4096 characters of ASCII"),
        ("host \udc80", "a filter expression is at most 4096 characters of ASCII"),
    ],
)
def test_libpcap_says_what_is_wrong(text, reason):
    with pytest.raises(ControlError) as error:
        compile_filter(text)
    assert str(error.value) == reason


@given(st.text(st.sampled_from("()! =<>&|+-*/%^[]:.0123456789abcdefghilmnoprstuvwxy"), max_size=200))
def test_no_text_breaks_it(text):
    if "host" in text or "gateway" in text or "net" in text:  # names would be looked up
        return
    with contextlib.suppress(ControlError):
        compile_filter(text).matches(bytes(60))


DEEP = ["(" * 2000 + "tcp" + ")" * 2000, "not " * 1000 + "tcp", "ip[" * 9 + "0" + "]" * 9 + " = 1"]


@pytest.mark.parametrize("text", DEEP)
def test_deep_nesting_runs(text):
    assert not compile_filter(text).matches(bytes(60)) or text.startswith("not")


def test_long_expressions_run():
    terms = " or ".join(f"tcp port {port}" for port in range(200))
    assert not compile_filter(terms).matches(bytes(60))


class Absent:
    """An import hook of a machine that has no libpcap."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "cypcap":
            raise ModuleNotFoundError("No module named 'cypcap'")


def test_without_libpcap_it_says_so(monkeypatch):
    monkeypatch.delitem(sys.modules, "cypcap")
    monkeypatch.setattr(sys, "meta_path", [Absent, *sys.meta_path])
    with pytest.raises(ControlError, match=r"filters need libpcap.*No module"):
        compile_filter("tcp")


RETURN = (0x06, 0, 0, 1)


@pytest.mark.parametrize(
    "program",
    [
        [],
        [RETURN] * 4097,
        [(0x00, 0, 0, 0)],  # runs off the end
        [(0x15, 1, 0, 0), RETURN],  # jumps off the end
        [(0x15, 0, 1, 0), RETURN],
        [(0x05, 0, 0, 1), RETURN],
        [(0x05, 0, 0, 0xFFFFFFFE), RETURN],  # in front of the start
        [(0x60, 0, 0, 16), RETURN],  # memory it does not have
        [(0x02, 0, 0, 2**32 - 1), RETURN],
        [(0x34, 0, 0, 0), RETURN],  # divides by zero
        [(0x94, 0, 0, 0), RETURN],
        [(0x64, 0, 0, 32), RETURN],
        [(0x0E, 0, 0, 0)],  # no such instruction
        [(0x31, 0, 0, 0), RETURN],
        [(0xFFFF, 0, 0, 0), RETURN],
        [(0x00, 0, 0, 2**32), RETURN],
        [(0x00, 0, 0, -1), RETURN],
        [(0x15, 256, 0, 0), *[RETURN] * 300],
    ],
)
def test_what_could_leave_the_program_is_no_program(program):
    with pytest.raises(ControlError):
        PacketFilter(program)


def test_a_loop_without_end_ends():
    assert not PacketFilter([(0x05, 0, 0, 0xFFFFFFFF), RETURN]).matches(bytes(60))


def test_a_load_behind_the_frame_does_not_match():
    for code, width in ((0x20, 4), (0x28, 2), (0x30, 1)):
        for at in range(10):
            assert PacketFilter([(code, 0, 0, at), RETURN]).matches(bytes(8)) == (at + width <= 8)
    assert not PacketFilter([(0x01, 0, 0, 2**32 - 1), (0x40, 0, 0, 5), RETURN]).matches(bytes(64))  # no wrapping round
