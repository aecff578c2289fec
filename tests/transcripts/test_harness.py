"""The masks and the comparison themselves: what they hide, and above all what they do not."""

import pytest

from . import binary_api, data, frames, masks, report
from .player import Item


def masked(command, *lines):
    return masks.mask(command, "\n".join(lines))


def same(command, one, other):
    return masks.mask(command, one) == masks.mask(command, other)


PACKET = """\
------------------- Start of thread 0 vpp_main -------------------
Packet 1

00:00:00:039105: pg-input
  stream s1pg0, 60 bytes, 1 sw_if_index
00:00:00:039145: ip4-lookup
  fib 0 dpo-idx 3 flow hash: 0x00000000
  UDP: 10.0.0.2 -> 10.0.1.2
    tos 0x00, ttl 64, length 46, checksum 0x65bb
    fragment id 0x0001
00:00:00:039151: pg1-tx
    buffer 0x2370: current data 0, length 60, free-list 0, clone-count 0, trace 0x0
                   l2-hdr-offset 0 l3-hdr-offset 14
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("00:00:00:039145", "01:00:00:000000"),
        ("dpo-idx 3", "dpo-idx 17"),
        ("hash: 0x00000000", "hash: 0x1234abcd"),
        ("stream s1pg0", "stream other"),
        ("buffer 0x2370", "buffer 0x9"),
        ("\n                   l2", "\n                l2"),
    ],
)
def test_trace_hides(old, new):
    assert old in PACKET
    assert same("show trace", PACKET, PACKET.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ip4-lookup", "ip4-input"),
        ("ttl 64", "ttl 63"),
        ("0x65bb", "0x65bc"),
        ("fragment id 0x0001", "fragment id 0x0002"),
        ("60 bytes", "61 bytes"),
        ("trace 0x0", "trace 0x1"),
        ("l3-hdr-offset 14", "l3-hdr-offset 18"),
        ("    fragment id 0x0001\n", ""),
        ("fib 0", "fib 1"),
    ],
)
def test_trace_shows(old, new):
    assert old in PACKET
    assert not same("show trace", PACKET, PACKET.replace(old, new, 1))


def test_trace_hides_the_id_only_of_replies_made_here():
    request = "00:00:00:000001: ip4-icmp-echo-request\n    tos 0x00, checksum 0x1111\n    fragment id 0x0001\n"
    reply = "00:00:00:000002: ip4-load-balance\n    tos 0x00, ttl 64, checksum 0x508e\n    fragment id 0x162d\n"
    dump = "  00000000: " + "".join(f"{n:02x}" for n in range(32))
    whole = "Packet 1\n\n" + request + reply + dump
    assert same("show trace", whole, whole.replace("162d", "abcd").replace("508e", "0001"))
    assert same("show trace", whole, whole.replace("1213", "ffff").replace("1819", "ffff"))
    assert not same("show trace", whole, whole.replace("1415", "ffff"))
    assert not same("show trace", whole, whole.replace("0x0001", "0x0002"))
    assert not same("show trace", whole, whole.replace("0x1111", "0x1112"))


def test_trace_is_split_into_packets():
    thread, first, second = masks.trace_packets(PACKET + "\n\nPacket 2\n\n00:00:00:000000: pg-input\n")
    assert thread == ["------------------- Start of thread 0 vpp_main -------------------"]
    assert first[0] == "Packet 1"
    assert second == ["Packet 2", "", "<time>: pg-input"]


def test_acl_entry():
    line = "  acl-plugin: lc_index: 0, sw_if_index 1, next index 0, action: 0, match: acl 0 rule 0 trace_bits 00000000"
    assert same("show trace", line, line.replace("bits 00000000", "bits 80000000"))
    assert not same("show trace", line, line.replace("rule 0", "rule 1"))
    assert not same("show trace", line, line.replace("next index 0", "next index 1"))


def test_ip_arp():
    line = "       .0486    10.0.0.2       S    02:00:00:00:00:02 pg0"
    assert same("show ip arp", line, line.replace("   .0486", "12.3456"))
    assert not same("show ip arp", line, line.replace("S", "D"))


def test_nat44_sessions_detail():
    text = "       index 1\n       last heard .16\n       total pkts 2, total bytes 92"
    assert same("show nat44 sessions detail", text, text.replace(".16", "1234.50"))
    assert not same("show nat44 sessions detail", text, text.replace("index 1", "index 2"))


def test_ip_fib():
    text = "  [@0]: dpo-load-balance: [proto:ip4 index:18 buckets:1 uRPF:19 to:[4:1556]]"
    assert same("show ip fib", text, text.replace("@0", "@7").replace("18", "5").replace("uRPF:19", "uRPF:3"))
    assert not same("show ip fib", text, text.replace("4:1556", "4:1557"))
    assert not same("show ip fib", text, text.replace("buckets:1", "buckets:2"))
    path = "      path:[17] pl-index:17 ip4 weight=1 pref=0 attached:  oper-flags:resolved,"
    assert same("show ip fib 10.0.0.0/24", path, path.replace("17", "3"))
    assert not same("show ip fib 10.0.0.0/24", path, path.replace("weight=1", "weight=2"))


def test_acl_sessions():
    text = "now: 15683 clocks per second: 26\n    sw_if_index 1: add 1 - del 0 = 1; epoch chg: 0"
    assert same("show acl-plugin sessions", text, text.replace("15683", "1").replace("26", "1"))
    assert not same("show acl-plugin sessions", text, text.replace("add 1", "add 2"))
    turns = "          2: total event cycles"
    assert same("show acl-plugin sessions", turns, turns.replace("2", "17"))


def test_arena():
    text = "    2 active elements 2 active buckets\n    arena: base 7f8209600000, next 80240"
    assert same("show acl-plugin tables", text, text.replace("7f8209600000", "7f0000000000"))
    assert not same("show acl-plugin tables", text, text.replace("2 active e", "3 active e"))


def test_a_command_without_mask_is_compared_as_it_is():
    assert masked("show errors", "", "  1  node  why ", "") == ["  1  node  why "]


ECHO_REPLY = bytes.fromhex(
    "020000000002 02fe00000000 0800"
    "45000040162d00004001508e0a0000010a000002"
    "0000967c00070001" + "61" * 36
)


def with_id(frame, number):
    """The same echo reply with another IPv4 id and the checksum that belongs to it."""
    new = bytearray(frame)
    new[18:20] = number.to_bytes(2, "big")
    new[24:26] = bytes(2)
    new[24:26] = frames._checksum(bytes(new[14:34])).to_bytes(2, "big")
    return bytes(new)


def turned(frame, kind):
    """The echo message that goes the other way."""
    new = frame[:26] + frame[30:34] + frame[26:30] + bytes([kind]) + frame[35:]
    return with_id(new, 1)


REQUEST = turned(ECHO_REPLY, 8)


def test_echo_reply_made_here_has_any_id():
    other = with_id(ECHO_REPLY, 0xBEEF)
    inputs = {"pg0": [REQUEST, turned(ECHO_REPLY, 0)]}
    assert other != ECHO_REPLY
    assert frames.describe([ECHO_REPLY], inputs) == frames.describe([other], inputs)
    assert frames.describe([other], inputs) != frames.describe([other[:24] + b"\x00\x00" + other[26:]], inputs)
    assert frames.describe([other], inputs) != frames.describe([other[:-1] + b"!"], inputs)


@pytest.mark.parametrize("inputs", [{}, {"pg0": [REQUEST], "pg1": [ECHO_REPLY]}, {"pg1": [ECHO_REPLY]}])
def test_echo_reply_that_was_passed_on_keeps_its_id(inputs):
    other = with_id(ECHO_REPLY, 0xBEEF)
    assert frames.describe([ECHO_REPLY], inputs) != frames.describe([other], inputs)


def test_reassembly_entry():
    text = "00:00:00:000001: ip4-reassembly\n  reass id: 0, op id: 0 first bi: 9108, data len: 24\n    len 24, bi 9108"
    assert same("show trace", text, text.replace("9108", "7"))
    assert not same("show trace", text, text.replace("op id: 0", "op id: 1"))


def test_odd_frames_are_described():
    for size in range(len(ECHO_REPLY)):
        assert len(frames.describe([ECHO_REPLY[:size]], {})) == 1


class Answers:
    """An engine that knows the answer to some commands."""

    def __init__(self, **texts):
        self.texts = {name.replace("_", " "): text for name, text in texts.items()}

    def cli(self, command, check=True):
        return next((text for start, text in self.texts.items() if command.startswith(start)), "")


INTERFACES = "pg0       1      up\npg1       2     down\n"


def test_binary_api_rules():
    assert binary_api.commands(None, "binary-api acl_add_replace ipv4 permit proto 6, ipv4 deny tag x") == [
        "set acl-plugin acl permit proto 6, deny tag x"
    ]
    assert binary_api.commands(None, "binary-api acl_add_replace 3 ipv4 deny") == ["set acl-plugin acl index 3 deny"]
    assert binary_api.commands(None, "binary-api acl_del 1") == ["delete acl-plugin acl index 1"]


@pytest.mark.parametrize(
    ("applied", "wanted", "lines"),
    [
        ("", "input 0 output", ["pg1 input acl 0"]),
        ("", "input 1 2 output 0", ["pg1 output acl 0", "pg1 input acl 1", "pg1 input acl 2"]),
        ("  input acl(s): 0\n", "input 0 output 1", ["pg1 output acl 1"]),
        ("  input acl(s): 0\n", "input output", ["pg1 input acl 0 del"]),
        ("  output acl(s): 3, 4\n", "input output 4", [f"pg1 output acl {x}" for x in ("3 del", "4 del", "4")]),
    ],
)
def test_binary_api_lists(applied, wanted, lines):
    vpp = Answers(show_interface=INTERFACES)
    vpp.texts["show acl-plugin interface"] = "sw_if_index 2:\n" + applied
    line = f"binary-api acl_interface_set_acl_list sw_if_index 2 {wanted}"
    assert binary_api.commands(vpp, line) == [f"set acl-plugin interface {line}" for line in lines]


def test_every_scenario_loads():
    names = data.names()
    assert len(names) == 65
    for name in names:
        scenario = data.load(name)
        assert scenario.config
        assert scenario.steps
        assert all(step.shows or step.inputs for step in scenario.steps)


def test_every_output_has_an_input():
    assert all(step.inputs for name in data.names() for step in data.load(name).steps if step.outputs)


def test_report_counts_and_diffs():
    items = [Item("show", "a", ["x"], ["x"]), Item("show", "b", ["x"], ["y"]), Item("trace", "c", ["x"], ["x"])]
    assert report.fallen_back("s", items, {"show": 1, "trace": 1}) is None
    assert report.fallen_back("s", items, {"show": 2, "trace": 1}) == "s: show 2 -> 1"
    assert "=== show, b" in list(report.diffs(items))
    assert "b" in report.row("s", items)
