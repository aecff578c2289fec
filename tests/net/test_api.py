"""Messages of tables, routes, addresses and neighbours, called as a vpp_papi script would."""

import pytest

from engine import Engine
from engine.messages import MessageError

NO_INTERFACE = 0xFFFFFFFF


@pytest.fixture
def vpp():
    with Engine(profile="18.10") as vpp:
        for number in range(2):
            vpp.cli(f"create packet-generator interface pg{number}")
            vpp.cli(f"set interface state pg{number} up")
        yield vpp


def path(address="0.0.0.0", sw_if_index=NO_INTERFACE, **more):
    return {"sw_if_index": sw_if_index, "nh": {"address": {"ip4": address}}, "proto": 0, "type": 0, **more}


def route(prefix, *paths, table_id=0):
    return {"table_id": table_id, "prefix": prefix, "n_paths": len(paths), "paths": list(paths)}


def hops(found):
    return [(each["nh"]["address"]["ip4"], each["sw_if_index"], each["weight"]) for each in found["paths"]]


# ---- addresses


def test_an_address_from_adding_to_deleting(vpp):
    assert vpp.api.sw_interface_add_del_address(sw_if_index=1, prefix="10.0.0.1/24").retval == 0
    assert [each.prefix for each in vpp.api.ip_address_dump(sw_if_index=1)] == ["10.0.0.1/24"]
    assert "L3 10.0.0.1/24" in vpp.cli("show interface address pg0")
    assert [each.sw_if_index for each in vpp.api.ip_dump()] == [1]
    assert vpp.api.sw_interface_add_del_address(sw_if_index=1, prefix="10.0.0.1/24").retval == -127
    assert vpp.api.sw_interface_add_del_address(sw_if_index=2, prefix="10.0.0.9/16").retval == -105
    assert vpp.api.sw_interface_add_del_address(sw_if_index=1, prefix="10.0.0.2/24", is_add=False).retval == -60
    assert vpp.api.sw_interface_add_del_address(sw_if_index=1, prefix="10.0.0.1/24", is_add=False).retval == 0
    assert vpp.api.ip_address_dump(sw_if_index=1) == []


def test_all_addresses_go_at_once(vpp):
    for address in ("10.0.0.1/24", "10.0.1.1/24"):
        vpp.api.sw_interface_add_del_address(sw_if_index=1, prefix=address)
    assert vpp.api.sw_interface_add_del_address(sw_if_index=1, is_add=False, del_all=True).retval == 0
    assert vpp.api.ip_address_dump(sw_if_index=1) == []


def test_the_table_of_an_interface(vpp):
    assert vpp.api.sw_interface_set_table(sw_if_index=1, vrf_id=7).retval == -3
    vpp.api.ip_table_add_del(table={"table_id": 7})
    assert vpp.api.sw_interface_set_table(sw_if_index=1, vrf_id=7).retval == 0
    assert vpp.api.sw_interface_get_table(sw_if_index=1).vrf_id == 7
    vpp.api.sw_interface_add_del_address(sw_if_index=1, prefix="10.0.0.1/24")
    assert vpp.api.sw_interface_set_table(sw_if_index=1, vrf_id=0).retval == -114
    assert vpp.api.sw_interface_get_table(sw_if_index=1).vrf_id == 7


def test_unnumbered(vpp):
    vpp.api.sw_interface_add_del_address(sw_if_index=1, prefix="10.0.0.1/24")
    vpp.api.sw_interface_set_unnumbered(sw_if_index=1, unnumbered_sw_if_index=2)
    assert [dict(each) for each in vpp.api.ip_unnumbered_dump()] == [{"sw_if_index": 2, "ip_sw_if_index": 1}]


# ---- tables


def test_tables(vpp):
    assert [each.table["table_id"] for each in vpp.api.ip_table_dump()] == [0]
    vpp.api.ip_table_add_del(table={"table_id": 9, "is_ip6": False, "name": "blue"})
    assert [(each.table["table_id"], each.table["name"]) for each in vpp.api.ip_table_dump()][1:] == [(9, "blue")]
    assert vpp.api.ip_table_allocate(table={"table_id": NO_INTERFACE}).table["table_id"] == 1
    assert vpp.api.ip_table_add_del(table={"table_id": 9}, is_add=False).retval == 0
    assert [each.table["table_id"] for each in vpp.api.ip_table_dump()] == [0, 1]
    assert vpp.api.ip_table_add_del(table={"table_id": 0}, is_add=False).retval == 0
    assert vpp.api.ip_table_add_del(table={"table_id": 5, "is_ip6": True}).retval == -9


def test_a_table_flushed_has_the_routes_of_others_still(vpp):
    vpp.cli("ip table add 3")
    vpp.cli("ip route add 10.1.0.0/16 table 3 via 10.9.9.9")
    vpp.api.ip_route_add_del(route=route("10.2.0.0/16", path("10.9.9.9"), table_id=3))
    assert vpp.api.ip_table_flush(table={"table_id": 3}).retval == 0
    prefixes = [each.route["prefix"] for each in vpp.api.ip_route_dump(table={"table_id": 3})]
    assert "10.1.0.0/16" in prefixes and "10.2.0.0/16" not in prefixes


# ---- routes


def test_a_route_and_its_lookup(vpp):
    vpp.api.sw_interface_add_del_address(sw_if_index=1, prefix="10.0.0.1/24")
    reply = vpp.api.ip_route_add_del(route=route("10.9.0.0/16", path("10.0.0.2", 1)))
    assert reply.retval == 0 and reply.stats_index > 0
    assert "10.9.0.0/16" in vpp.cli("show ip fib")
    found = vpp.api.ip_route_lookup(table_id=0, prefix="10.9.1.1/32", exact=0).route
    assert found["prefix"] == "10.9.0.0/16" and hops(found) == [("10.0.0.2", 1, 1)]
    assert vpp.api.ip_route_lookup(table_id=0, prefix="10.9.1.1/32", exact=1).retval == -6
    assert vpp.api.ip_route_lookup(table_id=4, prefix="10.9.1.1/32").retval == -3
    assert vpp.api.ip_route_lookup_v2(prefix="10.9.0.0/16", exact=1).route["src"] == 8


def test_paths_come_and_go(vpp):
    api = vpp.api
    one, two = path("10.0.0.2", 1), path("10.0.1.2", 2, weight=3)
    api.ip_route_add_del(route=route("10.9.0.0/16", one))
    api.ip_route_add_del(route=route("10.9.0.0/16", two), is_multipath=True)
    assert hops(api.ip_route_lookup(prefix="10.9.0.0/16").route) == [("10.0.0.2", 1, 1), ("10.0.1.2", 2, 3)]
    api.ip_route_add_del(route=route("10.9.0.0/16", two))  # without multipath: in place of all others
    assert hops(api.ip_route_lookup(prefix="10.9.0.0/16").route) == [("10.0.1.2", 2, 3)]
    api.ip_route_add_del(route=route("10.9.0.0/16", one), is_multipath=True)
    api.ip_route_add_del(route=route("10.9.0.0/16", two), is_add=False, is_multipath=True)
    assert hops(api.ip_route_lookup(prefix="10.9.0.0/16").route) == [("10.0.0.2", 1, 1)]
    api.ip_route_add_del(route=route("10.9.0.0/16"), is_add=False)
    assert api.ip_route_lookup(prefix="10.9.0.0/16", exact=1).retval == -6


def test_kinds_of_paths_are_what_they_were(vpp):
    vpp.api.ip_table_add_del(table={"table_id": 3})
    paths = {
        "10.1.0.0/16": path(type=2),
        "10.2.0.0/16": path("10.0.0.2"),
        "10.3.0.0/16": path(sw_if_index=1),
        "10.4.0.0/16": path(table_id=3),
        "10.5.0.0/16": path("10.0.0.5", 2, preference=1),
        "10.6.0.1/32": path(type=1),
    }
    for prefix, each in paths.items():
        assert vpp.api.ip_route_add_del(route=route(prefix, each)).retval == 0, prefix
    dumped = {each.route["prefix"]: each.route["paths"] for each in vpp.api.ip_route_dump(table={"table_id": 0})}
    for prefix, each in paths.items():
        (found,) = dumped[prefix]
        assert {name: found[name] for name in each if name != "nh"} == {n: v for n, v in each.items() if n != "nh"}
        if each["type"] == 0:
            assert found["nh"]["address"] == each["nh"]["address"]


def test_a_dump_gives_back_what_was_added(vpp):
    for number in range(40):
        vpp.api.ip_route_add_del(route=route(f"10.{number}.0.0/16", path("10.0.0.2", 1 + number % 2)))
    mine = vpp.api.fib_source_dump()
    (source,) = [each.src["id"] for each in mine if each.src["name"] == "API"]
    dumped = vpp.api.ip_route_v2_dump(src=source, table={"table_id": 0})
    assert sorted(each.route["prefix"] for each in dumped) == sorted(f"10.{n}.0.0/16" for n in range(40))
    copy = Engine(profile="18.10")
    for number in range(2):
        copy.cli(f"create packet-generator interface pg{number}")
    for each in dumped:
        assert copy.api.ip_route_add_del_v2(route=each.route).retval == 0
    assert [each.route["paths"] for each in copy.api.ip_route_v2_dump(src=source, table={})] == [
        each.route["paths"] for each in dumped
    ]


@pytest.mark.parametrize(
    ("fields", "retval"),
    [
        ({"route": route("10.1.0.0/16")}, -52),
        ({"route": route("10.1.0.0/16", path("10.0.0.2"), table_id=5)}, -3),
        ({"route": route("10.1.0.0/16", path("10.0.0.2", table_id=5))}, -3),
        ({"route": route("2001:db8::/32", path("10.0.0.2"))}, -97),
        ({"route": route("rubbish", path("10.0.0.2"))}, -7),
        ({"route": route("10.1.0.0/16", path("rubbish"))}, -7),
        ({"route": route("10.1.0.0/16", path("10.0.0.2", proto=1))}, -157),
        ({"route": route("10.1.0.0/16", path("10.0.0.2", type=9))}, -9),
        ({"route": route("10.1.0.0/16", path("10.0.0.2", 77))}, -1),
        ({"route": route("10.1.0.0/16", path("10.0.0.2")) | {"n_paths": 2}}, -7),
    ],
)
def test_what_cannot_be_routed_has_a_retval_and_changes_nothing(vpp, fields, retval):
    before = vpp.api.ip_route_dump(table={"table_id": 0})
    assert vpp.api.ip_route_add_del(**fields).retval == retval
    assert vpp.api.ip_route_dump(table={"table_id": 0}) == before


@pytest.mark.parametrize(
    "fields",
    [
        {"route": {}},
        {"route": 5},
        {"route": {"prefix": "10.0.0.0/8", "paths": 7}},
        {"route": {"prefix": "10.0.0.0/8", "paths": [3]}},
        {"route": {"prefix": "10.0.0.0/8", "table_id": "x"}},
    ],
)
def test_fields_of_the_wrong_kind(vpp, fields):
    with pytest.raises(MessageError, match="ip_route_add_del: a field is of the wrong kind"):
        vpp.api.ip_route_add_del(**fields)


def test_flow_hash(vpp):
    assert vpp.api.set_ip_flow_hash(vrf_id=0, src=True, dst=True).retval == 0
    assert "flow hash:[src dst ]" in vpp.cli("show ip fib")
    assert vpp.api.set_ip_flow_hash_v2(table_id=0, flow_hash_config=1 | 16).retval == 0
    assert "flow hash:[src proto ]" in vpp.cli("show ip fib")
    assert vpp.api.set_ip_flow_hash(vrf_id=8, src=True).retval == -3


# ---- neighbours


def neighbor(address="10.0.0.2", mac="02:00:00:00:00:02", flags=0):
    return {"sw_if_index": 1, "flags": flags, "mac_address": mac, "ip_address": address}


def test_neighbours(vpp):
    vpp.api.sw_interface_add_del_address(sw_if_index=1, prefix="10.0.0.1/24")
    assert vpp.api.ip_neighbor_add_del(is_add=True, neighbor=neighbor(flags=1)).retval == 0
    assert vpp.api.ip_neighbor_add_del(neighbor=neighbor("10.0.0.3", "02:00:00:00:00:03")).retval == 0
    vpp.advance(3)
    found = vpp.api.ip_neighbor_dump()
    assert [each.neighbor["flags"] for each in found] == [1, 0]
    assert found[0].neighbor == neighbor(flags=1)
    assert found[0].age == pytest.approx(3)
    assert vpp.api.ip_neighbor_dump(sw_if_index=2) == [] == vpp.api.ip_neighbor_dump(af=1)
    assert vpp.api.ip_neighbor_flush(af=0).retval == 0
    assert [each.neighbor["ip_address"] for each in vpp.api.ip_neighbor_dump()] == ["10.0.0.2"]
    assert vpp.api.ip_neighbor_add_del(is_add=False, neighbor=neighbor()).retval == 0
    assert vpp.api.ip_neighbor_dump() == []


@pytest.mark.parametrize(
    ("wrong", "retval"),
    [({"sw_if_index": 9}, -2), ({"mac_address": "02:00"}, -7), ({"ip_address": "x"}, -7), ({"ip_address": "::1"}, -7)],
)
def test_neighbours_that_cannot_be(vpp, wrong, retval):
    assert vpp.api.ip_neighbor_add_del(neighbor=neighbor() | wrong).retval == retval
    assert vpp.api.ip_neighbor_dump() == []


# ---- reverse path check


def test_reverse_path_check(vpp):
    for mode in (2, 1):
        assert vpp.api.urpf_update(sw_if_index=1, mode=mode).retval == 0
        assert [(each.sw_if_index, each.mode) for each in vpp.api.urpf_interface_dump()] == [(1, mode)]
    assert "ip4-source-check-via-any" in vpp.cli("show interface features pg0")
    vpp.api.urpf_update(sw_if_index=1, mode=0)
    assert vpp.api.urpf_interface_dump() == []
    assert vpp.api.urpf_update(sw_if_index=1, mode=3).retval == -7
    assert vpp.api.urpf_update(sw_if_index=1, mode=1, is_input=False).retval == -9
