"""ACLs, lists and messages: what is refused leaves nothing behind, what is made shows everywhere."""

from ipaddress import ip_interface

import pytest

from engine import CliError
from engine.features.acl.errors import AclError
from engine.features.acl.rule import RULE, Rule

from .packets import INSIDE, OUTSIDE, TCP, UDP, Packet, router, send

SHOWS = ("acl", "interface detail acl", "tables", "sessions")


@pytest.fixture
def vpp():
    return router("18.10")


def state(vpp) -> list[str]:
    return [vpp.cli(f"show acl-plugin {what}") for what in SHOWS]


# ---- rules


@pytest.mark.parametrize(
    "fields",
    [
        {"sport": (2, 1)},
        {"dport": (0, 65536)},
        {"proto": 256},
        {"action": -1},
        {"tcp_flags_mask": 300},
        {"src": ip_interface("::/0")},
    ],
)
def test_rules_out_of_range(fields):
    with pytest.raises(AclError):
        Rule(**fields)


def test_rule_is_packed_as_the_packet_path_reads_it():
    rule = Rule(2, ip_interface("10.1.2.3/24"), ip_interface("10.4.0.0/16"), 6, (1, 2), (3, 4), 0x12, 0x02)
    data = rule.pack(7, 9)
    assert len(data) == RULE.size
    assert data[:10] == bytes([10, 1, 2, 3, 10, 4, 0, 0, 24, 16])
    assert RULE.unpack(data)[2:] == (24, 16, 6, 0x12, 0x02, 1, 2, 3, 4, 7, 9, 2)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("permit", "ipv4 permit src 0.0.0.0/0 dst 0.0.0.0/0 proto 0 sport 0-65535 dport 0-65535"),
        ("src 10.0.0.7/24", "ipv4 permit src 10.0.0.7/24 dst 0.0.0.0/0 proto 0 sport 0-65535 dport 0-65535"),
        ("deny dst ::1/128", "ipv6 deny src ::/0 dst ::1/128 proto 0 sport 0-65535 dport 0-65535"),
        (
            "permit+reflect proto 6 sport 5 dport 80-81 tcpflags 2 mask 18",
            "ipv4 permit+reflect src 0.0.0.0/0 dst 0.0.0.0/0 proto 6 sport 5 dport 80-81 tcpflags 2 mask 18",
        ),
        ("action 7", "ipv4 action 7 src 0.0.0.0/0 dst 0.0.0.0/0 proto 0 sport 0-65535 dport 0-65535"),
    ],
)
def test_rules_of_the_command_line(vpp, line, text):
    assert vpp.cli(f"set acl-plugin acl {line}") == "ACL index:0\n"
    assert vpp.cli("show acl-plugin acl") == f"acl-index 0 count 1 tag {{}}\n     0: {text}\n"


def test_commas_separate_rules_and_the_tag_is_a_word(vpp):
    vpp.cli("set acl-plugin acl deny proto 1, permit tag web")
    vpp.cli("set acl-plugin acl deny proto 1 tag four, permit")
    data = vpp.cli_data("show acl-plugin acl")
    assert [(acl["tag"], len(acl["rules"])) for acl in data] == [("web", 2), ("four,", 1)]


# ---- indices


def test_index_freed_last_is_given_out_first(vpp):
    for _ in range(4):
        vpp.cli("set acl-plugin acl permit")
    for index in (1, 2):
        assert vpp.cli(f"delete acl-plugin acl index {index}") == f"Deleted ACL index:{index}\n"
    assert [vpp.cli("set acl-plugin acl deny") for _ in range(3)] == [f"ACL index:{i}\n" for i in (2, 1, 4)]


def test_an_acl_in_use_cannot_be_deleted(vpp):
    vpp.cli("set acl-plugin acl permit")
    vpp.cli("set acl-plugin interface pg0 output acl 0")
    before = state(vpp)
    with pytest.raises(CliError, match="delete acl-plugin acl: failed"):
        vpp.cli("delete acl-plugin acl index 0")
    assert vpp.api.acl_del(acl_index=0)["retval"] == -143
    assert state(vpp) == before
    vpp.cli("set acl-plugin interface pg0 output acl 0 del")
    vpp.cli("delete acl-plugin acl index 0")
    assert vpp.cli("show acl-plugin acl") == ""


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("set acl-plugin acl index 9 permit", "set acl-plugin acl: No such entry"),
        ("set acl-plugin acl permit sport 9-3", "set acl-plugin acl: Invalid value"),
        ("set acl-plugin acl src ::/0 dst 10.0.0.0/8", "set acl-plugin acl: Invalid value"),
        (f"set acl-plugin acl permit tag {'x' * 64}", "set acl-plugin acl: Invalid value"),
        ("set acl-plugin interface nosuch input acl 0", "set acl-plugin interface: invalid interface"),
        ("set acl-plugin interface pg0 input", "set acl-plugin interface: invalid acl"),
        ("set acl-plugin interface pg0 input acl 9", "set acl-plugin interface: No such entry"),
        ("set acl-plugin interface pg0 input acl 0 acl 0", "set acl-plugin interface: Entry already exists"),
        ("set acl-plugin interface pg0 input acl 0 del", "set acl-plugin interface: No such entry"),
        ("set acl-plugin session timeout udp idle soon", "expecting timeout value in seconds, got `soon`"),
        ("set acl-plugin foo", "unknown input `foo'"),
        ("delete acl-plugin acl index 9", "delete acl-plugin acl: failed"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(vpp, line, text):
    vpp.cli("set acl-plugin acl permit")
    before = state(vpp)
    with pytest.raises(CliError) as error:
        vpp.cli(line)
    assert text in str(error.value)
    assert state(vpp) == before


# ---- lists


def test_lists_are_in_order_and_the_first_match_decides(vpp):
    for rules in ("permit proto 17", "deny proto 6 dport 80", "permit proto 6"):
        vpp.cli(f"set acl-plugin acl {rules}")
    vpp.cli("set acl-plugin interface pg0 input acl 1 acl 2 acl 0")
    web, other = Packet(INSIDE[0], OUTSIDE[0], TCP, 9, 80), Packet(INSIDE[0], OUTSIDE[0], TCP, 9, 81)
    assert [entry[0]["acl"] for entry in send(vpp, 0, web, other)] == [1, 2]
    vpp.cli("set acl-plugin interface pg0 input acl 1 del")
    assert [entry[0]["acl"] for entry in send(vpp, 0, web, other)] == [2, 2]


def test_an_acl_is_replaced_in_place_and_hits_before_it_stay(vpp):
    for rules in ("permit proto 17", "permit proto 6", "deny"):
        vpp.cli(f"set acl-plugin acl {rules}")
    vpp.cli("set acl-plugin interface pg0 input acl 0 acl 1 acl 2")
    packets = [Packet(INSIDE[0], OUTSIDE[0], proto) for proto in (UDP, TCP, TCP)]
    send(vpp, 0, *packets)
    assert [vpp.acl.hits(index) for index in range(3)] == [[1], [2], [0]]
    vpp.cli("set acl-plugin acl index 1 deny proto 6, permit proto 1")
    assert [vpp.acl.hits(index) for index in range(3)] == [[1], [0, 0], [0]]
    assert [entry[0]["action"] for entry in send(vpp, 0, *packets)] == [1, 0, 0]


def test_both_lists_at_once_number_the_output_context_first(vpp):
    for _ in range(2):
        vpp.cli("set acl-plugin acl permit")
    assert vpp.api.acl_interface_set_acl_list(sw_if_index=1, n_input=1, acls=[0, 1])["retval"] == 0
    assert vpp.cli("show acl-plugin lookup context") == (
        "index 0:interface ACL sw_if_index: 1 is_input: 0, acl_indices: 1\n"
        "index 1:interface ACL sw_if_index: 1 is_input: 1, acl_indices: 0\n"
    )


def test_a_deleted_interface_takes_its_lists_along():
    vpp = router("18.10", "set acl-plugin acl permit+reflect", "create loopback interface")
    loopback = vpp.interfaces.by_name["loop0"].sw_if_index
    vpp.cli("set acl-plugin interface loop0 input acl 0")
    vpp.cli("delete loopback interface intfc loop0")
    assert vpp.acl.list_of(loopback, True) == []
    vpp.cli("delete acl-plugin acl index 0")
    vpp.cli("create loopback interface")
    assert vpp.cli(f"show acl-plugin interface sw_if_index {loopback}") == f"sw_if_index {loopback}:\n"


# ---- messages


RULE_FIELDS = {
    "is_permit": 2,
    "src_prefix": "10.0.0.0/24",
    "dst_prefix": "0.0.0.0/0",
    "proto": 6,
    "srcport_or_icmptype_first": 0,
    "srcport_or_icmptype_last": 65535,
    "dstport_or_icmpcode_first": 80,
    "dstport_or_icmpcode_last": 80,
    "tcp_flags_mask": 0,
    "tcp_flags_value": 0,
}


def test_messages_give_back_what_they_took(vpp):
    reply = vpp.api.acl_add_replace(acl_index=0xFFFFFFFF, tag="web", count=1, r=[RULE_FIELDS])
    assert (reply.retval, reply.acl_index) == (0, 0)
    assert vpp.api.acl_dump(acl_index=0) == [{"acl_index": 0, "tag": "web", "count": 1, "r": [RULE_FIELDS]}]
    assert vpp.api.acl_interface_add_del(sw_if_index=1, is_input=True, acl_index=0).retval == 0
    assert vpp.api.acl_interface_list_dump(sw_if_index=1) == [{"sw_if_index": 1, "count": 1, "n_input": 1, "acls": [0]}]
    assert len(vpp.api.acl_interface_list_dump()) == 3
    assert vpp.api.acl_plugin_get_conn_table_max_entries().conn_table_max_entries == 500_000
    assert vpp.api.acl_plugin_get_version().major == 1


@pytest.mark.parametrize(
    ("message", "fields", "retval"),
    [
        ("acl_del", {"acl_index": 5}, -6),
        ("acl_add_replace", {"acl_index": 5, "r": [RULE_FIELDS]}, -6),
        ("acl_add_replace", {"count": 2, "r": [RULE_FIELDS]}, -7),
        ("acl_add_replace", {"r": [RULE_FIELDS | {"src_prefix": "10.0.0.0/33"}]}, -7),
        ("acl_interface_set_acl_list", {"sw_if_index": 1, "n_input": 1, "acls": [9]}, -6),
        ("acl_interface_set_acl_list", {"sw_if_index": 9, "n_input": 0, "acls": []}, -2),
        ("acl_interface_set_acl_list", {"sw_if_index": 1, "n_input": 3, "acls": []}, -7),
        ("acl_interface_add_del", {"sw_if_index": 1, "acl_index": 0, "is_add": False}, -6),
    ],
)
def test_messages_refused(vpp, message, fields, retval):
    before = state(vpp)
    assert getattr(vpp.api, message)(**fields)["retval"] == retval
    assert state(vpp) == before


# ---- sessions shown, and the summary


def test_session_by_number(vpp):
    vpp.cli("set acl-plugin acl permit+reflect")
    vpp.cli("set acl-plugin interface pg0 input acl 0")
    send(vpp, 0, Packet(INSIDE[0], OUTSIDE[0]))
    text = vpp.cli("show acl-plugin sessions thread 0 index 0")
    assert "    info: 0000000000000000 0000000000000000 0000000000000000 0201000a0200000a 00010106005003e8 " in text
    assert "    tcp_flags_seen: 200\n" in text
    assert "session index" not in vpp.cli("show acl-plugin sessions thread 0 index 1")


def test_before_any_list_there_is_no_session_table(vpp):
    assert "Session lookup hash table is not allocated.\n" in vpp.cli("show acl-plugin sessions")


def test_summary(vpp):
    assert vpp.cli("show acl") == "no ACLs\n"
    vpp.cli("set acl-plugin acl permit proto 6, deny tag web")
    vpp.cli("set acl-plugin interface pg0 input acl 0")
    vpp.cli("set acl-plugin interface pg1 output acl 0")
    send(vpp, 0, Packet(INSIDE[0], OUTSIDE[0]), Packet(INSIDE[0], OUTSIDE[0], UDP))
    assert vpp.cli("show acl") == (
        "acl 0 web\n"
        "  input of pg0\n"
        "  output of pg1\n"
        "  rule      hits\n"
        "     0         2  ipv4 permit src 0.0.0.0/0 dst 0.0.0.0/0 proto 6 sport 0-65535 dport 0-65535\n"
        "     1         1  ipv4 deny src 0.0.0.0/0 dst 0.0.0.0/0 proto 0 sport 0-65535 dport 0-65535\n"
    )


@pytest.mark.parametrize(
    ("clause", "seconds", "proto"),
    [("udp idle", 30, UDP), ("tcp transient", 30, TCP)],
)
def test_timeouts_can_be_set(vpp, clause, seconds, proto):
    vpp.cli("set acl-plugin acl permit+reflect")
    vpp.cli("set acl-plugin interface pg0 input acl 0")
    vpp.cli(f"set acl-plugin session timeout {clause} {seconds}")
    send(vpp, 0, Packet(INSIDE[0], OUTSIDE[0], proto))
    vpp.advance(seconds - 1)
    assert len(vpp.acl.state.sessions()) == 1
    vpp.advance(2)
    assert vpp.acl.state.sessions() == []


def test_an_active_session_outlives_its_timeout(vpp):
    vpp.cli("set acl-plugin acl permit+reflect")
    vpp.cli("set acl-plugin interface pg0 input acl 0")
    packet = Packet(INSIDE[0], OUTSIDE[0], UDP)
    send(vpp, 0, packet)
    for _ in range(4):
        vpp.advance(400)
        assert send(vpp, 0, packet)[0][0]["action"] == 3
    vpp.advance(901)
    assert send(vpp, 0, packet)[0][0]["action"] == 2
