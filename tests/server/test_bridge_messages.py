"""Messages of bridge domains, sub-interfaces, tunnels and reassembly, through the control socket."""

import pytest

from shell.client import RemoteError

ALL = 0xFFFFFFFF
HOST, OTHER = "02:aa:00:00:00:01", "02:aa:00:00:00:02"


@pytest.fixture
def api(client):
    for number in range(3):
        index = client.api.pg_create_interface(interface_id=number).sw_if_index
        assert client.api.sw_interface_set_flags(sw_if_index=index, flags=1).retval == 0
    return client.api


@pytest.fixture
def bridge(api):
    """Interfaces 1 and 2 in bridge domain 7."""
    on = dict.fromkeys(("flood", "uu_flood", "forward", "learn"), True)
    assert api.bridge_domain_add_del(bd_id=7, mac_age=5, bd_tag="blue", **on).retval == 0
    for index in (1, 2):
        assert api.sw_interface_set_l2_bridge(rx_sw_if_index=index, bd_id=7, shg=index).retval == 0
    return api


# ---- bridge domains


def test_a_domain_and_its_members(bridge, client):
    (domain,) = bridge.bridge_domain_dump()
    assert (domain.bd_id, domain.mac_age, domain.bd_tag, domain.n_sw_ifs) == (7, 5, "blue", 2)
    assert [(each.sw_if_index, each.shg) for each in domain.sw_if_details] == [(1, 1), (2, 2)]
    assert (domain.learn, domain.forward, domain.flood, domain.uu_flood, domain.arp_term) == (True,) * 4 + (False,)
    assert (domain.bvi_sw_if_index, domain.uu_fwd_sw_if_index) == (ALL, ALL)
    assert bridge.bridge_domain_dump(bd_id=7) == [domain]
    assert bridge.bridge_domain_dump(bd_id=8) == []
    shown = client.data("show bridge-domain 7 detail")[0]
    assert (shown["tag"], [each["name"] for each in shown["members"]]) == ("blue", ["pg0", "pg1"])


def test_a_bvi(bridge):
    loop = bridge.create_loopback().sw_if_index
    assert bridge.sw_interface_set_l2_bridge(rx_sw_if_index=loop, bd_id=7, port_type=1).retval == 0
    assert bridge.bridge_domain_dump(bd_id=7)[0].bvi_sw_if_index == loop
    assert [each.bvi_mac for each in bridge.l2_fib_table_dump(bd_id=7)] == [True]
    another = bridge.create_loopback().sw_if_index
    assert bridge.sw_interface_set_l2_bridge(rx_sw_if_index=another, bd_id=7, bvi=True).retval == -1


def test_out_of_the_domain_again(bridge, client):
    assert bridge.bridge_domain_add_del(bd_id=7, is_add=False).retval == -120
    for index in (1, 2):
        assert bridge.sw_interface_set_l2_bridge(rx_sw_if_index=index, enable=False).retval == 0
    assert [each["mode"] for each in client.data("show mode pg0 pg1")] == ["l3", "l3"]
    assert bridge.bridge_domain_add_del(bd_id=7, is_add=False).retval == 0
    assert bridge.bridge_domain_dump() == []


def test_flags(bridge):
    assert bridge.bridge_flags(bd_id=7, is_set=False, flags=1 | 4).resulting_feature_bitmap == 2 | 8
    assert bridge.bridge_flags(bd_id=7, is_set=True, flags=16).resulting_feature_bitmap == 2 | 8 | 16
    domain = bridge.bridge_domain_dump(bd_id=7)[0]
    assert (domain.learn, domain.flood, domain.forward, domain.arp_term) == (False, False, True, True)
    assert bridge.bridge_domain_set_mac_age(bd_id=7, mac_age=9).retval == 0
    assert bridge.bridge_domain_dump(bd_id=7)[0].mac_age == 9


def test_an_id_that_is_free(bridge):
    assert bridge.bridge_domain_add_del_v2(bd_id=1, learn=True).bd_id == 1
    assert bridge.bridge_domain_add_del_v2(bd_id=ALL, learn=True).bd_id == 2
    assert bridge.bridge_domain_add_del_v2(bd_id=2, is_add=False).retval == 0
    assert [each.bd_id for each in bridge.bridge_domain_dump()] == [7, 1]


@pytest.mark.parametrize(
    ("message", "fields", "retval"),
    [
        ("bridge_domain_add_del", {"bd_id": 0}, -121),
        ("bridge_domain_add_del", {"bd_id": 7}, -119),
        ("bridge_domain_add_del", {"bd_id": 1 << 24}, -122),
        ("bridge_domain_add_del", {"bd_id": 8, "is_add": False}, -6),
        ("bridge_domain_add_del", {"bd_id": 8, "mac_age": 256}, -1),
        ("bridge_domain_add_del", {"bd_id": 8, "bd_tag": "x" * 64}, -1),
        ("bridge_flags", {"bd_id": 0, "is_set": True, "flags": 1}, -121),
        ("bridge_flags", {"bd_id": 8, "is_set": True, "flags": 1}, -6),
        ("bridge_domain_set_mac_age", {"bd_id": 8, "mac_age": 1}, -6),
        ("sw_interface_set_l2_bridge", {"rx_sw_if_index": 99, "bd_id": 7}, -2),
        ("sw_interface_set_l2_bridge", {"rx_sw_if_index": 0, "bd_id": 7}, -2),
        ("sw_interface_set_l2_bridge", {"rx_sw_if_index": 3, "bd_id": 0}, -121),
        ("sw_interface_set_l2_bridge", {"rx_sw_if_index": 3, "bd_id": 7, "shg": 256}, -7),
        ("sw_interface_set_l2_bridge", {"rx_sw_if_index": 3, "bd_id": 7, "port_type": 2}, -9),
        ("sw_interface_set_l2_xconnect", {"rx_sw_if_index": 1, "tx_sw_if_index": 99}, -2),
        ("l2_interface_vlan_tag_rewrite", {"sw_if_index": 1, "vtr_op": 9}, -7),
        ("l2_interface_vlan_tag_rewrite", {"sw_if_index": 1, "vtr_op": 3}, -72),
        ("l2_interface_efp_filter", {"sw_if_index": 99}, -2),
        ("l2_flags", {"sw_if_index": 99, "is_set": True, "feature_bitmap": 2}, -2),
        ("l2fib_add_del", {"mac": HOST, "bd_id": 8, "sw_if_index": 1}, -6),
        ("l2fib_add_del", {"mac": HOST, "bd_id": 7, "sw_if_index": 3}, -2),
        ("l2fib_add_del", {"mac": HOST, "bd_id": 7, "sw_if_index": 99}, -2),
        ("l2fib_add_del", {"mac": "02:aa", "bd_id": 7, "sw_if_index": 1}, -7),
        ("l2fib_add_del", {"mac": HOST, "bd_id": 7, "is_add": False}, -6),
        ("l2fib_flush_bd", {"bd_id": 8}, -6),
        ("l2fib_flush_int", {"sw_if_index": 99}, -2),
        ("bd_ip_mac_add_del", {"entry": {"bd_id": 0, "ip": "10.0.0.1", "mac": HOST}}, -121),
        ("bd_ip_mac_add_del", {"entry": {"bd_id": 8, "ip": "10.0.0.1", "mac": HOST}}, -6),
        ("bd_ip_mac_add_del", {"entry": {"bd_id": 7, "ip": "2001::1", "mac": HOST}}, -97),
        ("bd_ip_mac_add_del", {"entry": {"bd_id": 7, "ip": "10.0.0.1", "mac": HOST}, "is_add": False}, -1),
        ("bd_ip_mac_flush", {"bd_id": 8}, -6),
    ],
)
def test_what_is_refused(bridge, client, message, fields, retval):
    before = bridge.bridge_domain_dump(), bridge.l2_fib_table_dump(), bridge.bd_ip_mac_dump()
    reply = client.call(message, **fields)
    assert (reply["retval"], bool(reply["error"])) == (retval, True)
    assert (bridge.bridge_domain_dump(), bridge.l2_fib_table_dump(), bridge.bd_ip_mac_dump()) == before


# ---- interfaces


def test_cross_connects(api, client):
    for rx, tx in ((1, 2), (2, 1)):
        assert api.sw_interface_set_l2_xconnect(rx_sw_if_index=rx, tx_sw_if_index=tx).retval == 0
    pairs = [(each.rx_sw_if_index, each.tx_sw_if_index) for each in api.l2_xconnect_dump()]
    assert pairs == [(1, 2), (2, 1)]
    assert client.cli("show mode pg0") == "l2 xconnect pg0 pg1\n"
    assert api.sw_interface_set_l2_xconnect(rx_sw_if_index=1, enable=False).retval == 0
    assert [each.rx_sw_if_index for each in api.l2_xconnect_dump()] == [2]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"vtr_op": 1, "push_dot1q": 1, "tag1": 5}, "push-1 dot1q 5"),
        ({"vtr_op": 2, "tag1": 5, "tag2": 6}, "push-2 dot1ad 5 6"),
        ({"vtr_op": 3}, "pop-1"),
        ({"vtr_op": 4}, "pop-2"),
        ({"vtr_op": 5, "push_dot1q": 1, "tag1": 7}, "translate-1-1 dot1q 7"),
        ({"vtr_op": 6, "tag1": 7, "tag2": 8}, "translate-1-2 dot1ad 7 8"),
        ({"vtr_op": 7, "push_dot1q": 1, "tag1": 7}, "translate-2-1 dot1q 7"),
        ({"vtr_op": 8, "push_dot1q": 1, "tag1": 7, "tag2": 8}, "translate-2-2 dot1q 7 8"),
    ],
)
def test_tag_rewrite(bridge, client, fields, text):
    flags = 4 | 16  # two tags, and no more
    fields_of_sub = {"sub_id": 9, "sub_if_flags": flags, "outer_vlan_id": 100, "inner_vlan_id": 200}
    sub = bridge.create_subif(sw_if_index=3, **fields_of_sub).sw_if_index
    assert bridge.sw_interface_set_l2_bridge(rx_sw_if_index=sub, bd_id=7).retval == 0
    assert bridge.l2_interface_vlan_tag_rewrite(sw_if_index=sub, **fields).retval == 0
    members = client.data("show bridge-domain 7 detail")[0]["members"]
    assert [each["rewrite"] for each in members if each["sw_if_index"] == sub] == [text]
    (details,) = bridge.sw_interface_dump(sw_if_index=sub)
    told = {"vtr_op": details.vtr_op, "push_dot1q": details.vtr_push_dot1q, "tag1": details.vtr_tag1,
            "tag2": details.vtr_tag2}  # fmt: skip
    assert told == {"push_dot1q": 0, "tag1": 0, "tag2": 0} | fields
    assert bridge.l2_interface_vlan_tag_rewrite(sw_if_index=sub, vtr_op=0).retval == 0
    assert bridge.sw_interface_dump(sw_if_index=sub)[0].vtr_op == 0


def test_features_of_an_interface(bridge, client):
    assert bridge.l2_interface_feat_flags_get(sw_if_index=1).flags == 1 | 2 | 4 | 8 | 16
    assert bridge.l2_interface_feat_flags_set(sw_if_index=1, is_set=False, flags=1).retval == 0
    assert bridge.l2_interface_feat_flags_get(sw_if_index=1).flags == 2 | 4 | 8 | 16
    assert "LEARN" not in client.cli("show interface features pg0")
    bitmap = bridge.l2_flags_get(sw_if_index=1).input_feature_bitmap
    assert bridge.l2_flags(sw_if_index=1, is_set=False, feature_bitmap=4).resulting_feature_bitmap == bitmap & ~4
    assert bridge.l2_flags(sw_if_index=1, is_set=True, feature_bitmap=4).resulting_feature_bitmap == bitmap
    assert bridge.l2_interface_efp_filter(sw_if_index=1).retval == 0
    assert "EFP_FILTER (l2-efp-filter)" in client.cli("show interface features pg0")
    assert bridge.l2_flags_get(sw_if_index=1).output_feature_bitmap == 1 | 64
    assert bridge.l2_interface_efp_filter(sw_if_index=1, enable_disable=False).retval == 0
    assert bridge.l2_flags_get(sw_if_index=1).output_feature_bitmap == 1


def test_sub_interfaces(api, client):
    made = api.create_vlan_subif(sw_if_index=1, vlan_id=100)
    (details,) = api.sw_interface_dump(sw_if_index=made.sw_if_index)
    assert (details.interface_name, details.sup_sw_if_index, details.type) == ("pg0.100", 1, 1)
    assert (details.sub_id, details.sub_number_of_tags, details.sub_outer_vlan_id) == (100, 1, 100)
    assert details.sub_if_flags == 2 | 16
    assert api.create_vlan_subif(sw_if_index=1, vlan_id=100).retval == -56
    assert api.create_vlan_subif(sw_if_index=1, vlan_id=0).retval == -55
    assert api.create_vlan_subif(sw_if_index=made.sw_if_index, vlan_id=5).retval == -69
    assert api.delete_subif(sw_if_index=made.sw_if_index).retval == 0
    assert api.delete_subif(sw_if_index=1).retval == -98
    assert "pg0.100" not in client.cli("show interface")


@pytest.mark.parametrize(
    ("flags", "outer", "inner", "line"),
    [
        (1, 0, 0, "untagged"),
        (32, 0, 0, "default"),
        (2, 10, 0, "dot1q 10"),
        (2 | 16, 10, 0, "dot1q 10 exact-match"),
        (2 | 8, 10, 0, "dot1ad 10"),
        (2 | 64, 0, 0, "dot1q any"),
        (4 | 16, 10, 20, "dot1q 10 inner-dot1q 20 exact-match"),
        (4 | 8 | 128, 10, 0, "dot1ad 10 inner-dot1q any"),
    ],
)
def test_the_flags_say_what_the_cli_says(api, client, vpp, flags, outer, inner, line):
    ids = {"outer_vlan_id": outer, "inner_vlan_id": inner}
    index = api.create_subif(sw_if_index=1, sub_id=5, sub_if_flags=flags, **ids).sw_if_index
    client.cli(f"create sub-interfaces pg1 5 {line}")
    by_name = vpp.interfaces.by_name
    assert by_name["pg0.5"].match == by_name["pg1.5"].match
    (details,) = api.sw_interface_dump(sw_if_index=index)
    assert (details.sub_if_flags, details.sub_outer_vlan_id, details.sub_inner_vlan_id) == (flags, outer, inner)
    assert api.create_subif(sw_if_index=1, sub_id=5, sub_if_flags=flags, **ids).retval == -68
    assert api.create_subif(sw_if_index=1, sub_id=6, sub_if_flags=flags, **ids).retval == -69


def test_sub_interfaces_that_cannot_be(api):
    assert api.create_subif(sw_if_index=1, sub_id=5).retval == -73
    assert api.create_subif(sw_if_index=1, sub_id=5, sub_if_flags=2, outer_vlan_id=4096).retval == -55
    assert api.create_subif(sw_if_index=99, sub_id=5, sub_if_flags=2).retval == -2


# ---- addresses


def test_mac_addresses(bridge):
    assert bridge.l2fib_add_del(mac=HOST, bd_id=7, sw_if_index=1, static_mac=True).retval == 0
    assert bridge.l2fib_add_del(mac=OTHER, bd_id=7, filter_mac=True).retval == 0
    rows = sorted((each.mac, each.sw_if_index, each.static_mac, each.filter_mac, each.bd_id)
                  for each in bridge.l2_fib_table_dump(bd_id=7))  # fmt: skip
    assert rows == [(HOST, 1, True, False, 7), (OTHER, ALL, True, True, 7)]
    assert bridge.l2_fib_table_dump(bd_id=9) == []
    assert bridge.l2fib_add_del(mac=HOST, bd_id=7, is_add=False).retval == 0
    assert [each.mac for each in bridge.l2_fib_table_dump()] == [OTHER]
    assert bridge.l2_fib_clear_table().retval == 0
    assert bridge.l2_fib_table_dump() == []


def test_what_was_learned_is_forgotten(bridge, vpp):
    frame = bytes.fromhex(OTHER.replace(":", "") + HOST.replace(":", "") + "88b5").ljust(60, b"\0")
    for flush in (
        bridge.l2fib_flush_all,
        lambda: bridge.l2fib_flush_bd(bd_id=7),
        lambda: bridge.l2fib_flush_int(sw_if_index=1),
    ):
        vpp.replay({"pg0": [frame]})
        assert [each.mac for each in bridge.l2_fib_table_dump()] == [HOST]
        assert flush().retval == 0
        assert bridge.l2_fib_table_dump() == []


def test_arp_termination(bridge, client):
    bridge.bridge_flags(bd_id=7, is_set=True, flags=16)
    assert bridge.bd_ip_mac_add_del(entry={"bd_id": 7, "ip": "10.0.0.1", "mac": HOST}).retval == 0
    assert bridge.bd_ip_mac_add_del(entry={"bd_id": 7, "ip": "10.0.0.2", "mac": OTHER}).retval == 0
    hosts = [(each.entry.ip, each.entry.mac) for each in bridge.bd_ip_mac_dump(bd_id=7)]
    assert hosts == [("10.0.0.1", HOST), ("10.0.0.2", OTHER)]
    assert client.cli("show bridge-domain 7 arp").splitlines()[-3:] == [
        "  IP4/IP6 to MAC table for ARP Termination",
        "                10.0.0.1                 =>   02:aa:00:00:00:01 ",
        "                10.0.0.2                 =>   02:aa:00:00:00:02 ",
    ]
    assert client.data("show bridge-domain 7 arp")[0]["arp"] == [
        {"address": "10.0.0.1", "mac": HOST},
        {"address": "10.0.0.2", "mac": OTHER},
    ]
    entry = {"bd_id": 7, "ip": "10.0.0.1", "mac": HOST}
    assert bridge.bd_ip_mac_add_del(entry=entry, is_add=False).retval == 0
    assert [each.entry.ip for each in bridge.bd_ip_mac_dump()] == ["10.0.0.2"]
    assert bridge.bd_ip_mac_flush(bd_id=7).retval == 0
    assert bridge.bd_ip_mac_dump() == []


# ---- tunnels


def test_a_tunnel(api, client):
    ends = {"src_address": "10.0.0.1", "dst_address": "10.0.0.2", "vni": 13}
    made = api.vxlan_add_del_tunnel(**ends, instance=4)
    (tunnel,) = api.vxlan_tunnel_dump()
    assert client.data("show vxlan tunnel")[0]["sw_if_index"] == made.sw_if_index == tunnel.sw_if_index
    assert api.sw_interface_dump(sw_if_index=made.sw_if_index)[0].interface_name == "vxlan_tunnel4"
    assert (tunnel.src_address, tunnel.dst_address, tunnel.vni) == ("10.0.0.1", "10.0.0.2", 13)
    assert (tunnel.instance, tunnel.encap_vrf_id, tunnel.mcast_sw_if_index) == (4, 0, ALL)
    assert api.vxlan_tunnel_dump(sw_if_index=made.sw_if_index) == [tunnel]
    assert api.vxlan_tunnel_dump(sw_if_index=1) == []
    (with_ports,) = api.vxlan_tunnel_v2_dump()
    assert (with_ports.src_port, with_ports.dst_port) == (4789, 4789)
    another = api.vxlan_add_del_tunnel_v2(**ends | {"vni": 14}, decap_next_index=tunnel.decap_next_index)
    assert another.retval == 0
    assert api.vxlan_add_del_tunnel(**ends, is_add=False).retval == 0
    assert [each.vni for each in api.vxlan_tunnel_dump()] == [14]


@pytest.mark.parametrize(
    ("fields", "retval"),
    [
        ({"vni": 13}, -75),
        ({"dst_address": "10.0.0.1"}, -82),
        ({"dst_address": "224.0.0.1"}, -58),
        ({"dst_address": "2001::1"}, -97),
        ({"src_address": "nonsense"}, -97),
        ({"vni": 1 << 24}, -7),
        ({"encap_vrf_id": 5}, -3),
        ({"decap_next_index": 1000}, -76),
        ({"instance": 0}, -147),
        ({"is_add": False}, -6),
        ({"dst_port": 4790}, -9),
        ({"is_l3": True}, -9),
    ],
)
def test_tunnels_that_cannot_be(api, fields, retval):
    ends = {"src_address": "10.0.0.1", "dst_address": "10.0.0.2"}
    assert api.vxlan_add_del_tunnel(**ends, vni=13).retval == 0
    assert api.vxlan_add_del_tunnel_v3(**{"vni": 14} | ends | fields).retval == retval
    assert [each.vni for each in api.vxlan_tunnel_dump()] == [13]
    assert len(api.sw_interface_dump()) == 5


# ---- reassembly and timeouts of NAT


def test_settings_of_nat(api, client):
    assert api.nat_get_reass().ip4_timeout == 2
    assert api.nat_set_reass(timeout=9, max_reass=10, max_frag=3).retval == 0
    assert api.nat_set_reass(timeout=8, max_reass=11, max_frag=4, drop_frag=True, is_ip6=True).retval == 0
    found = api.nat_get_reass()
    assert (found.ip4_timeout, found.ip4_max_reass, found.ip4_max_frag, found.ip4_drop_frag) == (9, 10, 3, False)
    assert (found.ip6_timeout, found.ip6_max_reass, found.ip6_max_frag, found.ip6_drop_frag) == (8, 11, 4, True)
    assert client.data("show nat virtual-reassembly")["ip4"]["timeout"] == 9
    assert api.nat_set_reass(timeout=0, max_reass=10, max_frag=3).retval < 0
    assert api.nat_set_timeouts(udp=1, tcp_established=2, tcp_transitory=3, icmp=4).retval == 0
    told = api.nat_get_timeouts()
    assert (told.udp, told.tcp_established, told.tcp_transitory, told.icmp) == (1, 2, 3, 4)


def test_fields_of_the_wrong_kind(bridge, client):
    for message, fields in (
        ("bridge_domain_add_del", {"bd_id": "x"}),
        ("bd_ip_mac_add_del", {"entry": {"bd_id": 7}}),
        ("bd_ip_mac_add_del", {"entry": 5}),
        ("vxlan_add_del_tunnel", {"src_address": "1.1.1.1", "dst_address": "1.1.1.2", "vni": None}),
        ("create_subif", {"sw_if_index": 1, "sub_id": 1, "sub_if_flags": "two"}),
    ):
        with pytest.raises(RemoteError) as error:
            client.call(message, **fields)
        assert error.value.kind == "MessageError"
    assert client.api.control_ping().retval == 0
