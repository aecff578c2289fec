"""Policies: who is redirected, by priority, several paths, changes under way, and what cannot be."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import CliError, Engine

PORTS = 4
HOST = "10.0.0.2"


def network(profile="18.10", *lines):
    """pg0 to pg3 with a host .2 behind each, ACLs of one protocol each: 0 TCP, 1 UDP, 2 ICMP, 3 all, 4 TCP denied."""
    vpp = Engine(profile=profile)
    for n in range(PORTS):
        for line in (f"create packet-generator interface pg{n}", f"set interface mac address pg{n} 02:fe:00:00:00:0{n}",
                     f"set interface ip address pg{n} 10.0.{n}.1/24", f"set interface state pg{n} up",
                     f"set ip arp static pg{n} 10.0.{n}.2 02:00:00:00:0{n}:02"):  # fmt: skip
            vpp.cli(line)
    for rule in ("permit proto 6", "permit proto 17", "permit proto 1", "permit", "deny proto 6"):
        vpp.cli(f"set acl-plugin acl {rule}")
    for line in lines:
        vpp.cli(line)
    return vpp


def packet(protocol=6, sport=1000, dport=80, dst="10.0.1.2", src=HOST, fragment=0):
    ends = bytes(map(int, src.split("."))) + bytes(map(int, dst.split(".")))
    body = struct.pack(">HHIIBBHHH", sport, dport, 0, 0, 0x50, 2, 100, 0, 0)
    header = struct.pack(">BBHHHBBH", 0x45, 0, 40, 1, fragment, 64, protocol, 0) + ends
    total = sum(struct.unpack(">10H", header))
    checksum = 0xFFFF - (total % 0xFFFF)
    header = header[:10] + struct.pack(">H", checksum) + header[12:]
    return bytes.fromhex("02fe00000000 020000000002 0800") + header + body


def went(vpp, *packets):
    """By which interface each packet left; None for dropped."""
    out = []
    for each in packets:
        run = vpp.replay({"pg0": [each]})
        out.append(next((name for name, frames in run.frames.items() if frames), None))
        assert run.received + run.generated == run.transmitted + run.consumed + run.dropped
    assert vpp.buffers.in_use == 0
    return out


@pytest.mark.parametrize("profile", ["18.01", "18.10"])
def test_what_matches_goes_by_the_policy_and_the_rest_by_the_fib(profile):
    vpp = network(profile, "abf policy add id 7 acl 0 via 10.0.2.2 pg2", "abf attach ip4 policy 7 pg0")
    assert went(vpp, packet(6), packet(17)) == ["pg2", "pg1"]
    assert vpp.cli("show errors").split()[3:] == ["1", "abf-input-ip4", "matched"]
    vpp.cli("abf attach ip4 del policy 7 pg0")
    assert went(vpp, packet(6)) == ["pg1"]
    assert "abf-input-ip4" not in vpp.cli("show interface features pg0")


def test_a_deny_rule_redirects_too():
    assert went(network("18.10", "abf policy add id 1 acl 4 via 10.0.3.2 pg3", "abf attach ip4 policy 1 pg0"),
                packet(6)) == ["pg3"]  # fmt: skip


def test_the_lower_priority_number_is_tried_first():
    vpp = network("18.10", "abf policy add id 1 acl 3 via 10.0.2.2 pg2", "abf policy add id 2 acl 0 via 10.0.3.2 pg3",
                  "abf attach ip4 policy 1 priority 20 pg0", "abf attach ip4 policy 2 priority 10 pg0")  # fmt: skip
    assert went(vpp, packet(6), packet(17)) == ["pg3", "pg2"]
    vpp.cli("abf attach ip4 del policy 2 pg0")
    vpp.cli("abf attach ip4 policy 2 priority 30 pg0")
    assert went(vpp, packet(6), packet(17)) == ["pg2", "pg2"]


def test_two_policies_of_one_acl():
    vpp = network("18.10", "abf policy add id 1 acl 0 via 10.0.2.2 pg2", "abf policy add id 2 acl 0 via 10.0.3.2 pg3",
                  "abf attach ip4 policy 1 priority 2 pg0", "abf attach ip4 policy 2 priority 1 pg0")  # fmt: skip
    assert went(vpp, packet(6)) == ["pg3"]
    vpp.cli("abf attach ip4 del policy 2 pg0")
    assert went(vpp, packet(6)) == ["pg2"]


def test_several_paths():
    """18.10 sends all flows by the first; without VPP to follow, 18.01 spreads them."""
    lines = ["abf policy add id 1 acl 0 via 10.0.2.2 pg2", "abf policy add id 1 acl 0 via 10.0.3.2 pg3",
             "abf attach ip4 policy 1 pg0"]  # fmt: skip
    flows = [packet(6, sport) for sport in range(1000, 1040)]
    assert set(went(network("18.10", *lines), *flows)) == {"pg2"}
    assert set(went(network("18.01", *lines), *flows)) == {"pg2", "pg3"}


def test_paths_follow_what_happens_to_them():
    vpp = network("18.10", "abf policy add id 1 acl 0 via 10.0.2.2 pg2", "abf policy add id 1 acl 0 via 10.0.3.2 pg3",
                  "abf attach ip4 policy 1 pg0")  # fmt: skip
    assert went(vpp, packet(6)) == ["pg2"]
    vpp.cli("set interface state pg2 down")
    assert went(vpp, packet(6)) == ["pg3"]
    vpp.cli("set interface state pg3 down")
    assert went(vpp, packet(6)) == [None]
    vpp.cli("set interface state pg2 up")
    assert went(vpp, packet(6)) == ["pg2"]
    vpp.cli("abf policy del id 1 acl 0 via 10.0.2.2 pg2")
    vpp.cli("set interface state pg3 up")
    assert went(vpp, packet(6)) == ["pg3"]
    vpp.cli("abf policy del id 1 acl 0 via 10.0.3.2 pg3")
    assert went(vpp, packet(6), packet(17)) == [None, "pg1"] and "no forwarding" in vpp.cli("show abf policy")
    vpp.cli("abf policy add id 1 acl 0 via 10.0.2.2")
    assert went(vpp, packet(6)) == ["pg2"]  # through the route of the next hop
    vpp.cli("set interface state pg2 down")
    assert went(vpp, packet(6)) == [None]


def test_a_replaced_acl_counts_at_once():
    vpp = network("18.10", "abf policy add id 1 acl 1 via 10.0.2.2 pg2", "abf attach ip4 policy 1 pg0")
    assert went(vpp, packet(6)) == ["pg1"]
    vpp.cli("set acl-plugin acl index 1 permit proto 6 dport 80, permit proto 17 dport 53")
    assert went(vpp, packet(6), packet(6, dport=81), packet(17, dport=53)) == ["pg2", "pg1", "pg2"]
    with pytest.raises(CliError, match="delete acl-plugin acl: failed"):
        vpp.cli("delete acl-plugin acl index 1")


def test_a_deleted_interface_takes_its_attachments_along():
    vpp = network("18.10", "create loopback interface", "abf policy add id 1 acl 0 via 10.0.2.2 pg2",
                  "abf attach ip4 policy 1 loop0")  # fmt: skip
    assert "used in lookup context index: 0" in vpp.cli("show acl-plugin acl index 0")
    assert "index 0:abp plugin sw_if_index: 5 (null): 0, acl_indices: 0" in vpp.cli("show acl-plugin lookup context")
    vpp.cli("delete loopback interface intfc loop0")
    assert vpp.api.abf_itf_attach_dump() == [] and vpp.abf.contexts == {}
    vpp.cli("abf policy del id 1 acl 0 via 10.0.2.2 pg2")
    vpp.cli("delete acl-plugin acl index 0")
    assert vpp.cli("show abf policy") == ""


def test_a_path_by_a_deleted_interface_leads_nowhere():
    vpp = network("18.10", "create loopback interface", "set interface state loop0 up",
                  "abf policy add id 1 acl 0 via 10.0.9.2 loop0", "abf attach ip4 policy 1 pg0")  # fmt: skip
    vpp.cli("delete loopback interface intfc loop0")
    assert went(vpp, packet(6)) == [None]
    assert "DELETED" in vpp.cli("show abf policy")
    vpp.cli("abf policy del id 1")
    vpp.cli("abf attach ip4 del policy 1 pg0")
    assert vpp.cli("show abf policy") == ""


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("abf attach ip4 policy 9 pg0", "abf attach: invalid policy ID:9"),
        ("abf attach ip4 pg0", "abf attach: invalid policy ID:-1"),
        ("abf attach ip4 policy 1", "abf attach: invalid interface name"),
        ("abf attach policy 1 pg0", "abf attach: Specify either ip4 or ip6"),
        ("abf attach ip6 policy 1 pg0", "abf attach: IPv6 is not forwarded by policies"),
        ("abf attach ip4 policy 2 pg0", "abf attach: No such entry"),
        ("abf attach ip4 policy 1 pg1", "abf attach: policy 1 is attached already"),
        ("abf attach ip4 del policy 1 pg0", "abf attach: policy 1 is not attached"),
        ("abf policy add id 3 acl 0", "abf policy: expected paths."),
        ("abf policy add id 3 acl 0 via 10.0.0.9 pg9", "abf policy: unknown input 'via 10.0.0.9 pg9'"),
        ("abf policy del id 3 acl 0 via 10.0.2.2 pg2", "abf policy: invalid policy ID:3"),
    ],
)
def test_what_cannot_be(line, reason):
    vpp = network("18.10", "abf policy add id 1 acl 0 via 10.0.2.2 pg2", "abf policy add id 2 acl 99 via 10.0.2.2 pg2",
                  "abf attach ip4 policy 1 pg1")  # fmt: skip

    def state():
        shows = ("show abf policy", "show abf attach pg0", "show abf attach pg1", "show acl-plugin lookup context")
        return [vpp.cli(show) for show in shows]

    before = state()
    with pytest.raises(CliError) as raised:
        vpp.cli(line)
    assert str(raised.value) == reason and state() == before


def test_messages():
    vpp = network()
    paths = [{"sw_if_index": 3, "nh": {"address": {"ip4": "10.0.2.2"}}}, {"sw_if_index": 4, "weight": 3}]
    policy = {"policy_id": 5, "acl_index": 0, "n_paths": 2, "paths": paths}
    assert vpp.api.abf_policy_add_del(is_add=True, policy=policy).retval == 0
    (details,) = vpp.api.abf_policy_dump()
    assert (details.policy["policy_id"], details.policy["acl_index"], details.policy["n_paths"]) == (5, 0, 2)
    assert [path["sw_if_index"] for path in details.policy["paths"]] == [3, 4]
    attach = {"policy_id": 5, "sw_if_index": 1, "priority": 7, "is_ipv6": False}
    assert vpp.api.abf_itf_attach_add_del(is_add=True, attach=attach).retval == 0
    assert vpp.api.abf_itf_attach_add_del(is_add=True, attach=attach).retval == -116
    assert vpp.api.abf_itf_attach_dump() == [{"attach": attach}]
    for wrong in ({"policy_id": 6}, {"sw_if_index": 99}, {"is_ipv6": True}):
        assert vpp.api.abf_itf_attach_add_del(is_add=True, attach=attach | wrong).retval < 0
    assert vpp.api.abf_policy_add_del(is_add=True, policy=policy | {"n_paths": 3}).retval == -7
    assert vpp.api.abf_itf_attach_add_del(is_add=False, attach=attach).retval == 0
    assert vpp.api.abf_policy_add_del(is_add=False, policy=policy | {"n_paths": 0, "paths": []}).retval == 0
    assert vpp.api.abf_policy_dump() == [] and vpp.api.abf_plugin_get_version().major == 1


changes = st.one_of(
    st.tuples(st.just("path"), st.integers(0, 2), st.integers(1, 3)),
    st.tuples(st.just("no path"), st.integers(0, 2), st.integers(1, 3)),
    st.tuples(st.just("attach"), st.integers(0, 2), st.integers(0, 3)),
    st.tuples(st.just("detach"), st.integers(0, 2), st.just(0)),
    st.tuples(st.just("send"), st.sampled_from([6, 17, 1, 99]), st.just(0)),
)


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(changes, max_size=25))
def test_against_a_plain_model(steps):
    """Policies 0 to 2 match TCP, UDP and all; the first attached one that matches decides."""
    acls, wanted = {0: 0, 1: 1, 2: 3}, {0: {6}, 1: {17}, 2: {6, 17, 1, 99}}
    vpp = network("18.10")
    paths: dict[int, list[int]] = {}
    attached: list[tuple[int, int]] = []  # priority, policy; in the order tried
    for kind, number, value in steps:
        here = number in [policy for _, policy in attached]
        if kind == "path":
            vpp.cli(f"abf policy add id {number} acl {acls[number]} via 10.0.{value}.2 pg{value}")
            paths[number] = sorted({*paths.get(number, []), value})
        elif kind == "no path":
            vpp.cli(f"abf policy del id {number} via 10.0.{value}.2 pg{value}", check=number in paths)
            if value in paths.get(number, []):
                paths[number].remove(value)
            if not paths.get(number, [1]) and not here:
                del paths[number]
        elif kind == "attach":
            vpp.cli(f"abf attach ip4 policy {number} priority {value} pg0", check=number in paths and not here)
            if number in paths and not here:
                attached = sorted([*attached, (value, number)], key=lambda each: each[0])
        elif kind == "detach":
            vpp.cli(f"abf attach ip4 del policy {number} pg0", check=here)
            attached = [each for each in attached if each[1] != number]
            if here and not paths[number]:
                del paths[number]
        else:
            decides = next((policy for _, policy in attached if number in wanted[policy]), None)
            ways = [1] if decides is None else paths[decides]
            assert went(vpp, packet(number)) == [f"pg{ways[0]}" if ways else None]
    assert len(vpp.api.abf_policy_dump()) == len(paths)
