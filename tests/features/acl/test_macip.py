"""MACIP ACLs: a plain model against the nodes, on the bridge and on routed interfaces; control, show and messages."""

from dataclasses import dataclass
from ipaddress import ip_address, ip_interface

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import CliError, Engine
from engine.features.acl.macip_rule import MacipRule

from ..l2.bridge import bridge
from .packets import Packet, counts, router, send

PROFILES = ("18.01", "18.10")
MACS = [bytes.fromhex(text) for text in ("0200000000a1", "0200000000a2", "0200000001a1")]
MASKS = [bytes.fromhex(text) for text in ("ffffffffffff", "000000000000", "ffffffff00ff", "ffffffffff00")]
IP4S = ("10.0.0.1", "10.0.0.2", "10.0.1.1")
IP6S = ("2001:db8::1", "2001:db8::2", "fe80::1")
TAGS = {0: b"", 1: bytes.fromhex("8100000a"), 2: bytes.fromhex("88a8000a81000014")}
OTHER = bytes.fromhex("020000000099")


@dataclass(frozen=True)
class Frame:
    """From (outbound: to) an address; claimed: the MAC address that an ARP message says it is from."""

    mac: bytes
    address: str
    kind: str  # ip4, ip6 or arp
    tags: int = 0
    claimed: bytes | None = None

    def bytes(self, outbound: bool = False) -> bytes:
        macs = self.mac + OTHER if outbound else OTHER + self.mac
        packed = ip_address(self.address).packed
        if self.kind == "arp":
            kind, claimed = b"\x08\x06", self.claimed or self.mac
            body = bytes.fromhex("0001080006040001") + claimed + packed + bytes(10)
        elif self.kind == "ip4":
            ends = bytes(4) + packed if outbound else packed + bytes(4)
            kind, body = b"\x08\x00", bytes.fromhex("4500001400010000401100000000")[:12] + ends
        else:
            ends = bytes(16) + packed if outbound else packed + bytes(16)
            kind, body = b"\x86\xdd", bytes.fromhex("6000000000003b40") + ends
        return (macs + TAGS[self.tags] + kind + body).ljust(60, b"\0")


def masked(data: bytes, mask: bytes) -> bytes:
    return bytes(one & other for one, other in zip(data, mask, strict=True))


def model(rules: list[MacipRule], frame: Frame, profile: str) -> bool | None:
    """The verdict of the tables, most used and most specific first; None: no entry."""
    kinds: dict[tuple, list[MacipRule]] = {}
    for rule in rules:
        kinds.setdefault((rule.mac_mask, rule.prefix.network.prefixlen, rule.prefix.version), []).append(rule)

    def weight(item) -> int:
        (mask, length, version), members = item
        return length + sum(octet.bit_count() for octet in mask) + (version == 6) + 10 * len(members)

    version = 6 if frame.kind == "ip6" else 4
    if frame.kind == "arp" and frame.tags and profile == "18.01":
        return None
    for (mask, _, family), members in sorted(kinds.items(), key=weight)[::-1]:
        if family != version:
            continue
        if frame.kind == "arp" and masked(frame.claimed or frame.mac, mask) != masked(frame.mac, mask):
            continue
        for rule in members[::-1]:
            if masked(rule.mac, mask) == masked(frame.mac, mask) and ip_address(frame.address) in rule.prefix.network:
                return rule.action != 0
    return None


ip4_prefixes = st.tuples(st.sampled_from(IP4S), st.sampled_from([0, 24, 31, 32]))
ip6_prefixes = st.tuples(st.sampled_from(IP6S), st.sampled_from([0, 64, 127, 128]))
rules = st.builds(
    MacipRule,
    action=st.sampled_from([0, 1]),
    prefix=st.one_of(ip4_prefixes, ip6_prefixes).map(lambda pair: ip_interface(f"{pair[0]}/{pair[1]}")),
    mac=st.sampled_from(MACS),
    mac_mask=st.sampled_from(MASKS),
)
frames = st.one_of(
    st.builds(Frame, st.sampled_from(MACS), st.sampled_from(IP4S), st.just("ip4"), st.sampled_from([0, 1, 2])),
    st.builds(Frame, st.sampled_from(MACS), st.sampled_from(IP6S), st.just("ip6"), st.sampled_from([0, 1, 2])),
    st.builds(Frame, st.sampled_from(MACS), st.sampled_from(IP4S), st.just("arp"), st.sampled_from([0, 1, 2]),
              st.sampled_from([None, *MACS])),
)  # fmt: skip


def passed(vpp: Engine, frames: list[bytes]) -> list[bool]:
    """Which frames come out of pg1, in a bridge domain of pg0 and pg1."""
    left = vpp.replay({"pg0": frames}, together=True).frames.get("pg1", [])
    return [frame in left for frame in frames]


SUBS = """
create sub-interfaces pg0 10 dot1q 10
create sub-interfaces pg0 20 dot1ad 10 inner-dot1q 20
set interface state pg0.10 up
set interface state pg0.20 up
set interface l2 bridge pg0.10 1
set interface l2 bridge pg0.20 1
"""
INPUTS = (1, 3, 4)  # pg0 and its sub-interfaces


@pytest.fixture(scope="module", params=PROFILES)
def tagged(request):
    """pg0, its sub-interfaces and pg1 in a bridge domain that learns nothing."""
    with bridge(request.param, 2, *SUBS.strip().splitlines(), "set bridge-domain learn 1 disable") as vpp:
        yield vpp


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rules=st.lists(rules, min_size=1, max_size=8), frames=st.lists(frames, max_size=20, unique=True))
def test_bridge_as_the_model_says(tagged, rules, frames):
    vpp = tagged
    index = vpp.macip.add_replace(rules)
    for sw_if_index in INPUTS:
        vpp.macip.apply(sw_if_index, index)
    vpp.cli("clear errors")
    verdicts = [model(rules, frame, vpp.profile) for frame in frames]
    assert passed(vpp, [frame.bytes() for frame in frames]) == [bool(verdict) for verdict in verdicts]
    seen = counts(vpp, "l2-input-acl")
    assert seen.get("input ACL misses", 0) == seen.get("input ACL table-miss drops", 0) == verdicts.count(None)
    assert seen.get("input ACL session deny drops", 0) == verdicts.count(False)
    assert seen.get("input ACL hits", 0) == len(frames) - verdicts.count(None)
    hits = sum(rule["hits"] for rule in vpp.cli_data("show acl-plugin macip acl")[0]["rules"])
    assert hits == len(frames) - verdicts.count(None)
    vpp.macip.delete(index)


def test_output_of_a_rule_for_both_ways():
    to, other = Frame(MACS[0], "10.0.0.1", "ip4"), Frame(MACS[1], "10.0.0.1", "ip4")
    arp = Frame(MACS[2], "10.0.1.1", "arp", claimed=MACS[2])
    rule = MacipRule(3, ip_interface("10.0.0.1/32"), MACS[0], MASKS[0])
    frames = [frame.bytes(outbound=True) for frame in (to, other, arp)]
    with bridge("18.10", 2) as vpp:
        vpp.macip.apply(2, vpp.macip.add_replace([rule]))
        assert passed(vpp, frames) == [True, False, True]
        assert counts(vpp, "l2-output-acl")["output ACL table-miss drops"] == 1
    with bridge("18.01", 2) as vpp:
        vpp.macip.apply(2, vpp.macip.add_replace([rule]))
        assert passed(vpp, frames) == [True, True, True]


RULE = "permit ip 10.0.0.0/31 mac 02:00:00:00:00:02 mask ff:ff:ff:ff:ff:ff"


@pytest.mark.parametrize("profile", PROFILES)
def test_routed_interface(profile):
    with router(profile) as vpp:
        vpp.cli(f"set acl-plugin macip acl {RULE}, deny ip 10.0.0.4/32")
        vpp.cli("set acl-plugin macip interface pg0 acl 0")
        entries = vpp.cli_data("show interface features pg0")
        assert "ip4-inacl" in str(entries)
        packets = [Packet(src, "10.0.1.2") for src in ("10.0.0.1", "10.0.0.3", "10.0.0.4")]
        send(vpp, 0, *packets)
        drops = {row["reason"]: row["count"] for row in vpp.cli_data("show errors")["errors"]}
        assert drops["input ACL table-miss drops"] == drops["input ACL session deny drops"] == 1
        assert counts(vpp, "ip4-inacl") == {"input ACL misses": 1, "input ACL hits": 2,
                                            "input ACL hits after chain walk": 1}  # fmt: skip


def test_trace_lines():
    with bridge("18.10", 2, f"set acl-plugin macip acl {RULE}", "set acl-plugin macip interface pg0 acl 0") as vpp:
        vpp.cli("trace add pg-input 2")
        allowed = bytes.fromhex("020000000002")
        passed(vpp, [Frame(mac, "10.0.0.1", "ip4").bytes() for mac in (allowed, MACS[0])])
        lines = [line.strip() for line in vpp.cli("show trace").splitlines() if "INACL" in line]
        forward = vpp.graph.by_name["l2-input-acl"].next_names.index("l2-learn")
        assert lines == [
            f"INACL: sw_if_index 1, next_index {forward}, table 5, offset 80",
            "INACL: sw_if_index 1, next_index 0, table 0, offset -1",
        ]


def test_short_frames_are_misses(tagged):
    index = tagged.macip.add_replace([MacipRule(1)])
    tagged.macip.apply(4, index)
    tagged.cli("clear errors")
    whole = Frame(MACS[0], "10.0.0.1", "ip4", 2).bytes()
    assert passed(tagged, [whole[:length] for length in range(22, 38)]) == [False] * 16
    assert passed(tagged, [whole[:38]]) == [True]
    assert counts(tagged, "l2-input-acl")["input ACL table-miss drops"] == 16
    assert tagged.graph.buffers.in_use == 0
    tagged.macip.delete(index)


# ---- control --------------------------------------------------------------------------------


def test_empty_list_lets_everything_pass():
    with bridge("18.10", 2) as vpp:
        vpp.macip.apply(1, vpp.macip.add_replace([]))
        assert passed(vpp, [Frame(MACS[0], "10.0.0.1", "ip4").bytes()]) == [True]


def test_replaced_while_applied():
    frame = Frame(MACS[0], "10.0.0.1", "ip4").bytes()
    with bridge("18.10", 2) as vpp:
        index = vpp.macip.add_replace([MacipRule(0)])
        vpp.macip.apply(1, index)
        assert passed(vpp, [frame]) == [False]
        vpp.macip.add_replace([MacipRule(1)], "open", index)
        assert passed(vpp, [frame]) == [True]
        vpp.macip.add_replace([], "", index)
        assert "l2-input-acl" not in vpp.cli("show interface features pg0")
        vpp.macip.add_replace([MacipRule(0)], "", index)
        assert passed(vpp, [frame]) == [False]
        vpp.macip.unapply(1)
        assert passed(vpp, [frame]) == [True]


def test_deleted_with_its_interface_and_with_its_list():
    with bridge("18.10", 2, "create loopback interface") as vpp:
        index = vpp.macip.add_replace([MacipRule(0)])
        vpp.macip.apply(3, index)
        vpp.macip.apply(1, index)
        vpp.cli("delete loopback interface intfc loop0")
        assert vpp.macip.applied == {1: index}
        vpp.macip.delete(index)
        assert vpp.macip.applied == {}
        assert passed(vpp, [Frame(MACS[0], "10.0.0.1", "ip4").bytes()]) == [True]


def test_table_numbers_are_taken_again():
    with bridge("18.10", 2) as vpp:
        first = vpp.macip.add_replace([MacipRule(1)])
        assert vpp.macip.get(first).chains.head(True) == 5  # three for ARP, three for IPv4
        second = vpp.macip.add_replace([MacipRule(1)])
        assert vpp.macip.get(second).chains.head(True) == 11
        vpp.macip.delete(first)
        assert vpp.macip.get(vpp.macip.add_replace([MacipRule(1)])).chains.head(True) == 0


def test_refused():
    with router("18.10") as vpp:
        for line, text in (
            ("set acl-plugin macip interface pg0 acl 7", "Failed to add acl rule to interface"),
            ("set acl-plugin macip interface acl 7", "invalid interface"),
            ("set acl-plugin macip interface pg0", "invalid acl index"),
            ("set acl-plugin macip interface pg0 acl 0 del", "Failed to add acl rule to interface"),
            ("set acl-plugin macip acl index 7 permit", "Failed to set MACIP ACL rule"),
            (f"set acl-plugin macip acl permit tag {'x' * 64}", "Failed to set MACIP ACL rule"),
            ("delete acl-plugin macip acl index 7", "Failed to delete ACL index"),
            ("delete acl-plugin macip acl", "invalid acl index"),
        ):
            with pytest.raises(CliError, match=text):
                vpp.cli(line)
        assert vpp.macip.acls == [] and vpp.macip.applied == {}


# ---- show and messages ----------------------------------------------------------------------

SHOWN = """MACIP acl_index: 0, count: 2 (true len 2) tag {guests} is free pool slot: 0
  ip4_table_index 11, ip6_table_index 11, l2_table_index 11
  out_ip4_table_index -1, out_ip6_table_index -1, out_l2_table_index -1
    rule 0: ipv4 action 1 ip 10.0.0.0/31 mac 02:00:00:00:00:02 mask ff:ff:ff:ff:ff:ff
    rule 1: ipv4 action 0 ip 0.0.0.0/0 mac 00:00:00:00:00:00 mask 00:00:00:00:00:00
  applied on sw_if_index(s): 2
"""


def test_show():
    with router("18.10", f"set acl-plugin macip acl {RULE}, deny tag guests") as vpp:
        vpp.cli("set acl-plugin macip interface pg1 acl 0")
        assert vpp.cli("show acl-plugin macip acl") == SHOWN
        assert vpp.cli("show acl-plugin macip acl index 1") == ""
        assert vpp.cli("show acl-plugin macip interface") == "".join(
            f"  sw_if_index {index}: {acl}\n" for index, acl in enumerate((-1, -1, 0))
        )
    with router("18.01", f"set acl-plugin macip acl {RULE}, deny tag guests") as vpp:
        lines = SHOWN.replace("table_index 11", "table_index 7").splitlines(keepends=True)
        assert vpp.cli("show acl-plugin macip acl") == "".join(lines[:2] + lines[3:5])


def test_messages():
    fields = {"is_permit": 1, "src_mac": "02:00:00:00:00:02", "src_mac_mask": "ff:ff:ff:ff:ff:ff",
              "src_prefix": "10.0.0.2/32"}  # fmt: skip
    with router("18.10") as vpp:
        assert vpp.api.macip_acl_add(tag="one", count=1, r=[fields]).acl_index == 0
        assert vpp.api.macip_acl_add_replace(r=[fields, fields]).acl_index == 1
        assert vpp.api.macip_acl_add_replace(acl_index=0, tag="two", r=[fields]).retval == 0
        assert vpp.api.macip_acl_add(count=2, r=[fields]).retval == -7
        assert vpp.api.macip_acl_add(r=[{"src_mac": "0"}]).retval != 0
        assert vpp.api.macip_acl_interface_add_del(sw_if_index=2, acl_index=1).retval == 0
        assert vpp.api.macip_acl_interface_add_del(sw_if_index=9, acl_index=1).retval == -2
        assert vpp.api.macip_acl_interface_get().acls == [0xFFFFFFFF, 0xFFFFFFFF, 1]
        assert [(row.acl_index, row.tag, row.count) for row in vpp.api.macip_acl_dump()] == [(0, "two", 1), (1, "", 2)]
        assert vpp.api.macip_acl_dump(acl_index=0)[0].r == [fields]
        assert [dict(row) for row in vpp.api.macip_acl_interface_list_dump(sw_if_index=2)] == [
            {"sw_if_index": 2, "count": 1, "acls": [1]}
        ]
        assert vpp.api.macip_acl_interface_add_del(sw_if_index=2, is_add=False).retval == 0
        assert vpp.api.macip_acl_del(acl_index=1).retval == 0
        assert vpp.api.macip_acl_del(acl_index=1).retval == -6
