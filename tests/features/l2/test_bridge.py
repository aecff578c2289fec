"""Single things the bridge does: ageing, tags, cross connects, answers for others, the BVI, and what it refuses."""

import pytest

from engine import CliError

from .bridge import BROADCAST, HOSTS, arp_request, bridge, engine, frame, mac_bytes, tag

PROFILES = ("18.01", "18.10")
BVI_MAC = "de:ad:00:00:00:00"
A, B = HOSTS[:2]


def only(run, port):
    """The one frame that left, by that port."""
    assert [name for name, frames in run.frames.items() if frames] == [port]
    (one,) = run.frames[port]
    return one


def learned(vpp):
    return [row["mac"] for row in vpp.cli_data("show l2fib all")["entries"]]


# ---- learning and ageing


def test_what_is_not_heard_of_ages():
    vpp = bridge("18.10", 3, "set bridge-domain mac-age 1 2")
    vpp.replay({"pg0": [frame(A, B)], "pg1": [frame(B, A)]})
    vpp.advance(70)
    vpp.replay({"pg0": [frame(A, B)]})
    assert learned(vpp) == [B, A] or learned(vpp) == [A, B]
    vpp.advance(75)
    assert learned(vpp) == [A]
    vpp.advance(180)
    assert learned(vpp) == []


def test_without_ageing_nothing_goes():
    vpp = bridge()
    vpp.replay({"pg0": [frame(A, B)]})
    vpp.advance(100_000)
    assert learned(vpp) == [A]


def test_the_learn_limit_holds():
    vpp = bridge()
    vpp.l2.learn_limit = 3
    run = vpp.replay({"pg0": [frame(mac, BROADCAST) for mac in HOSTS]}, together=True)
    assert len(learned(vpp)) == 3
    assert run.transmitted == 3 * len(HOSTS)  # what is not learned is forwarded all the same
    assert "2                l2-learn                L2 not learned due to limit" in vpp.cli("show errors")


def test_a_moved_address_is_found_where_it_is():
    vpp = bridge()
    vpp.replay({"pg0": [frame(A, B)]})
    vpp.replay({"pg1": [frame(A, B)]})
    assert only(vpp.replay({"pg2": [frame(B, A)]}), "pg1") == frame(B, A)


def test_flushing_an_interface_leaves_the_others():
    vpp = bridge()
    vpp.replay({"pg0": [frame(A, BROADCAST)], "pg1": [frame(B, BROADCAST)]})
    vpp.cli("l2fib flush-mac interface pg0")
    assert learned(vpp) == [B]


# ---- tags


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("rewrite", "before", "behind"),
    [
        ("pop 1", tag(10), b""),
        ("push dot1q 30", tag(10), tag(30) + tag(10)),
        ("push dot1ad 30 40", tag(10), tag(30, 0x88A8) + tag(40) + tag(10)),
        ("translate-1-1 dot1q 77", tag(10), tag(77)),
        ("translate-1-2 dot1ad 77 78", tag(10), tag(77, 0x88A8) + tag(78)),
    ],
)
def test_tags_in_and_out(profile, rewrite, before, behind):
    """What comes in rewritten goes back by the way it came as it was."""
    vpp = engine(profile, 2, "create sub-interfaces pg0 10", "set interface state pg0.10 up",
                 "set interface l2 bridge pg0.10 1", "set interface l2 bridge pg1 1",
                 f"set interface l2 tag-rewrite pg0.10 {rewrite}")  # fmt: skip
    inward, outward = frame(A, BROADCAST, tags=before), frame(B, A, tags=before)
    assert only(vpp.replay({"pg0": [inward]}), "pg1") == inward[:12] + behind + inward[12 + len(before) :]
    back = outward[:12] + behind + outward[12 + len(before) :]
    if behind:  # tagged frames come in by pg1 only where a sub-interface takes them
        vpp.cli("set interface l3 pg1")
        vpp.cli("create sub-interfaces pg1 1 default")
        vpp.cli("set interface state pg1.1 up")
        vpp.cli("set interface l2 bridge pg1.1 1")
    assert only(vpp.replay({"pg1": [back]}), "pg0") == outward


def test_which_sub_interface_takes_a_frame():
    lines = ["create sub-interfaces pg0 10", "create sub-interfaces pg0 20 dot1q 20",
             "create sub-interfaces pg0 21 dot1q 20 inner-dot1q 7 exact-match",
             "create sub-interfaces pg0 22 dot1q 30 inner-dot1q any", "create sub-interfaces pg0 23 dot1ad 10",
             "create sub-interfaces pg0 24 default"]  # fmt: skip
    vpp = engine("18.10", 1, *lines)
    subs = [f"pg0.{number}" for number in (10, 20, 21, 22, 23, 24)]
    for name in subs:
        vpp.cli(f"set interface state {name} up")
    sent = {"pg0.10": [tag(10)], "pg0.20": [tag(20), tag(20) + tag(8)], "pg0.21": [tag(20) + tag(7)],
            "pg0.22": [tag(30) + tag(5)], "pg0.23": [tag(10, 0x88A8)], "pg0.24": [tag(99), tag(10) + tag(1)],
            }  # fmt: skip
    vpp.replay({"pg0": [frame(A, B, tags=tags) for every in sent.values() for tags in every]})
    counters = {name: vpp.interfaces.counters(vpp.interfaces.get(name)).get("rx packets", 0) for name in subs}
    assert counters == {name: len(tags) for name, tags in sent.items()}


def test_a_sub_interface_that_is_down_or_gone():
    vpp = engine("18.10", 1, "create sub-interfaces pg0 10")
    assert vpp.replay({"pg0": [frame(A, B, tags=tag(10))]}).drops == {("ethernet-input", "subinterface down"): 1}
    vpp.cli("delete sub-interface pg0.10")
    assert vpp.replay({"pg0": [frame(A, B, tags=tag(10))]}).drops == {("ethernet-input", "unknown vlan"): 1}
    vpp.cli("create sub-interfaces pg0 10")
    vpp.cli("set interface state pg0 down")
    with pytest.raises(CliError):
        vpp.cli("set interface state pg0.10 up")


def test_sub_interfaces_go_with_their_parent():
    vpp = engine("18.10", 0, "create tap id 3", "create sub-interfaces tap3 10 dot1q 10 inner-dot1q 20",
                 "set interface l2 bridge tap3.10 1")  # fmt: skip
    vpp.cli("delete tap tap3")
    assert [interface.name for interface in vpp.interfaces] == ["local0"]
    assert vpp.cli_data("show bridge-domain 1 detail")[0]["members"] == []


def test_routing_between_sub_interfaces():
    vpp = engine("18.10", 1, "create sub-interfaces pg0 10 dot1q 10 exact-match",
                 "create sub-interfaces pg0 20 dot1q 20 inner-dot1q 30 exact-match")  # fmt: skip
    for number, name in ((1, "pg0.10"), (2, "pg0.20")):
        vpp.cli(f"set interface state {name} up")
        vpp.cli(f"set interface ip address {name} 10.0.{number}.1/24")
        vpp.cli(f"set ip arp static {name} 10.0.{number}.2 {HOSTS[number]}")
    own = vpp.interfaces.get("pg0").mac_text
    header = bytes.fromhex("4500002e000100004011000a0a000102 0a000202")
    total = sum(int.from_bytes(header[at : at + 2], "big") for at in range(0, 20, 2) if at != 10)
    header = header[:10] + (~(total % 0xFFFF) & 0xFFFF).to_bytes(2, "big") + header[12:]
    out = only(vpp.replay({"pg0": [frame(HOSTS[1], own, 0x0800, header + bytes(26), tag(10))]}), "pg0")
    assert out[:12] == mac_bytes(HOSTS[2]) + mac_bytes(own)
    assert out[12:22] == tag(20) + tag(30) + b"\x08\x00"


def test_efp_filter_lets_out_only_its_own_tags():
    vpp = engine("18.10", 2, "create sub-interfaces pg0 10", "set interface state pg0.10 up",
                 "set interface l2 bridge pg0.10 1", "set interface l2 bridge pg1 1",
                 "set interface l2 efp-filter pg0.10")  # fmt: skip
    drops = vpp.replay({"pg1": [frame(A, BROADCAST)]}).drops
    assert drops == {("l2-efp-filter", "L2 EFP filter post-rewrite drops"): 1}
    vpp.cli("set interface l2 tag-rewrite pg0.10 pop 1")
    assert only(vpp.replay({"pg1": [frame(A, BROADCAST)]}), "pg0")[12:16] == tag(10)


# ---- cross connects


@pytest.mark.parametrize("profile", PROFILES)
def test_cross_connect(profile):
    vpp = engine(profile, 3, "set interface l2 xconnect pg0 pg1", "set interface l2 xconnect pg1 pg0")
    for dst in (B, BROADCAST):
        assert only(vpp.replay({"pg0": [frame(A, dst)]}), "pg1") == frame(A, dst)
        assert only(vpp.replay({"pg1": [frame(B, dst)]}), "pg0") == frame(B, dst)
    assert vpp.cli("show mode pg0") == "l2 xconnect pg0 pg1\n"
    vpp.cli("set interface l3 pg1")
    assert vpp.replay({"pg0": [frame(A, B)]}).drops == {
        ("l2-output-bad-intf", "L2 output to interface not in L2 mode or deleted"): 1
    }


# ---- answers for others


def test_arp_termination_answers_only_what_it_knows():
    known, unknown = bytes([10, 5, 0, 2]), bytes([10, 5, 0, 3])
    vpp = bridge("18.10", 2, "set bridge-domain arp term 1", f"set bridge-domain arp entry 1 10.5.0.2 {B}")
    answer = only(vpp.replay({"pg0": [arp_request(A, bytes([10, 5, 0, 1]), known)]}), "pg0")
    assert answer[:12] == mac_bytes(A) + mac_bytes(B)
    assert answer[20:22] == b"\0\2" and answer[22:32] == mac_bytes(B) + known
    assert only(vpp.replay({"pg0": [arp_request(A, bytes([10, 5, 0, 1]), unknown)]}), "pg1")
    vpp.cli(f"set bridge-domain arp entry 1 10.5.0.2 {B} del")
    assert only(vpp.replay({"pg0": [arp_request(A, bytes([10, 5, 0, 1]), known)]}), "pg1")
    forged = arp_request(A, bytes([10, 5, 0, 1]), known)[:6] + mac_bytes(HOSTS[3]) + arp_request(A, known, known)[12:]
    assert vpp.replay({"pg0": [forged]}).drops == {
        ("arp-term-l2bd", "ARP hw addr does not match L2 frame src addr"): 1
    }


# ---- the BVI


def with_bvi(profile, *lines):
    return bridge(profile, 2, "create loopback interface", "set interface state loop0 up",
                  "set interface ip address loop0 10.5.0.254/24", "set interface l2 bridge loop0 1 bvi",
                  *lines)  # fmt: skip


@pytest.mark.parametrize("profile", PROFILES)
def test_the_bvi_answers_and_speaks(profile):
    vpp = with_bvi(profile)
    run = vpp.replay({"pg0": [arp_request(A, bytes([10, 5, 0, 1]), bytes([10, 5, 0, 254]))]})
    assert run.frames["pg0"][0][:12] == mac_bytes(A) + mac_bytes(BVI_MAC)
    assert len(run.frames["pg1"]) == 1  # the request itself is flooded
    assert run.received + run.generated == run.transmitted + run.dropped + run.consumed


def test_the_bvi_takes_only_its_own():
    vpp = with_bvi("18.10")
    run = vpp.replay({"pg0": [frame(A, HOSTS[4]), frame(A, BVI_MAC)]})
    assert run.drops == {
        ("l2-flood", "BVI L3 mac mismatch"): 1,
        ("l2-fwd", "BVI packet with unhandled ethertype"): 1,
    }


def test_the_bvi_follows_its_mac_address():
    vpp = with_bvi("18.10", f"set interface mac address loop0 {HOSTS[3]}")
    assert learned(vpp) == [HOSTS[3]]
    vpp.cli("set interface l3 loop0")
    assert learned(vpp) == []


def test_a_second_bvi_joins_as_an_ordinary_member():
    vpp = with_bvi("18.10", "create loopback interface")
    with pytest.raises(CliError, match="bridge-domain already has a bvi interface"):
        vpp.cli("set interface l2 bridge loop1 1 bvi")
    assert vpp.cli("show mode loop1") == "l2 bridge loop1 bd_id 1 shg 0\n"


# ---- what is refused, and what goes


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("set interface l2 bridge local0 1", "bridged interface must be ethernet"),
        ("set interface l2 bridge pg0 16777216", "bridge domain ID exceed 16M limit"),
        ("create bridge-domain 1", "bd_add_del returned -119"),
        ("create bridge-domain 0", "bridge domain 0 can not be modified"),
        ("create bridge-domain 1 del", "bridge domain in use - remove members"),
        ("create bridge-domain 9 del", "bridge domain ID does not exist"),
        ("create bridge-domain 9 mac-age 256", "mac age must be less than 256"),
        ("set bridge-domain learn 9", "No such bridge domain 9"),
        ("set bridge-domain mac-age 1 256", "mac aging time cannot be bigger than 255"),
        (f"l2fib add {A} 9 pg0", "bridge domain ID 9 invalid"),
        (f"l2fib del {A} 1", "mac entry not found"),
        ("set interface l2 tag-rewrite pg0 pop 1", "vlan tag rewrite is not compatible with interface"),
        ("show l2fib bd_id 9", "bridge domain id 9 doesn't exist"),
    ],
)
def test_refused(line, reason):
    vpp = bridge()
    before = vpp.cli("show bridge-domain 1 detail")
    with pytest.raises(CliError) as error:
        vpp.cli(line)
    assert str(error.value).endswith(reason)
    assert vpp.cli("show bridge-domain 1 detail") == before


def test_deleting_interfaces_and_domains_leaves_nothing():
    vpp = engine("18.10", 2, "create tap id 1", "set interface l2 bridge tap1 5", "set interface l2 bridge pg0 5",
                 f"l2fib add {A} 5 tap1 static")  # fmt: skip
    vpp.cli("delete tap tap1")
    assert learned(vpp) == []
    assert vpp.replay({"pg0": [frame(B, A)]}).drops == {("l2-flood", "L2 replication complete"): 1}
    vpp.cli("set interface l3 pg0")
    vpp.cli("create bridge-domain 5 del")
    assert vpp.cli("create bridge-domain 6") == "bridge-domain 6\n"
    assert vpp.cli_data("show bridge-domain 6")[0]["bd_index"] == 1  # the index that was freed


def test_long_frames_are_copied_whole():
    """Frames of several buffers, to several members."""
    vpp = bridge("18.10", 4)
    long = frame(A, BROADCAST, payload=bytes(range(256)) * 20)
    run = vpp.replay({"pg0": [long] * 5}, together=True)
    assert all(run.frames[port] == [long] * 5 for port in ("pg1", "pg2", "pg3"))
    assert vpp.buffers.in_use == 0


def test_floods_beyond_all_buffers_are_counted():
    vpp = bridge("18.10", 16)
    run = vpp.replay({"pg0": [frame(A, BROADCAST, payload=bytes(9000))] * 256}, together=True)
    assert "L2 replication failures" in vpp.cli("show errors")
    assert run.received + run.generated == run.transmitted + run.consumed + run.dropped
    assert vpp.buffers.in_use == 0
