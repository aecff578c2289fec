"""Routes, tables and addresses: what is installed, what is refused, and that nothing stays behind."""

from ipaddress import IPv4Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import CliError, Engine
from engine.errors import ControlError
from engine.net.fib.fib import ADJACENCY
from engine.net.fib.path import Path

from .conftest import configure
from .frames import ethernet, parse, udp


def number(text):
    return int(IPv4Address(text))


def prefixes(vpp, table=0):
    return [row["prefix"] for row in vpp.cli_data(f"show ip fib table {table}")["tables"][0]["entries"]]


def objects(vpp, prefix):
    """What the buckets of a prefix lead to."""
    entry = next(row for row in vpp.cli_data(f"show ip fib {prefix}")["entries"])["entry"]
    assert entry["prefix"] == prefix
    return [bucket["object"] for bucket in entry["load_balance"]["buckets"]]


def state(vpp):
    """All that could be left behind."""
    fib = vpp.fib
    return (
        vpp.cli("show ip fib"), vpp.cli("show adj"), vpp.cli("show ip arp"), len(fib.shared),
        {table_id: dict(+table.locks) for table_id, table in fib.tables.items()},
        [len(fib.numbers[kind].free) - fib.numbers[kind].following for kind in sorted(fib.numbers)],
    )  # fmt: skip


# ---- addresses


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (24, ["10.7.7.0/32", "10.7.7.0/24", "10.7.7.9/32", "10.7.7.255/32"]),
        (30, ["10.7.7.8/32", "10.7.7.8/30", "10.7.7.9/32", "10.7.7.11/32"]),
        (31, ["10.7.7.8/32", "10.7.7.8/31", "10.7.7.9/32"]),
        (32, ["10.7.7.9/32"]),
    ],
)
def test_connected_routes(net, length, expected):
    before = state(net)
    net.cli(f"set interface ip address pg1 10.7.7.9/{length}")
    assert [prefix for prefix in prefixes(net) if prefix.startswith("10.7.7.")] == expected
    assert objects(net, "10.7.7.9/32") == [{"type": "receive", "address": "10.7.7.9", "interface": "pg1"}]
    net.cli(f"set interface ip address del pg1 10.7.7.9/{length}")
    assert state(net) == before


@pytest.mark.parametrize("prefix", ["10.0.0.1/24", "10.0.0.5/24", "10.0.0.7/16", "10.0.0.200/32"])
def test_conflicting_addresses_are_refused(net, prefix):
    before = state(net)
    with pytest.raises(CliError, match=r"conflicts with 10\.0\.0\.1/24 for interface pg0"):
        net.cli(f"set interface ip address pg1 {prefix}")
    assert state(net) == before


def test_observers_hear_of_addresses(net):
    heard = []

    class Observer:
        def address_added(self, interface, address, length):
            heard.append(("added", interface.name, address, length))

        def address_deleted(self, interface, address, length):
            heard.append(("deleted", interface.name, address, length))

    net.fib.observe(Observer())
    net.cli("set interface ip address pg1 10.5.5.1/24")
    net.cli("set interface ip address del pg1 all")
    assert heard == [
        ("added", "pg1", "10.5.5.1", 24), ("deleted", "pg1", "10.0.1.1", 24), ("deleted", "pg1", "10.5.5.1", 24),
    ]  # fmt: skip


# ---- routes


def test_host_route_by_interface_is_its_own_next_hop(net):
    net.cli("ip route add 10.7.7.7/32 via pg1")
    (found,) = objects(net, "10.7.7.7/32")
    assert (found["adjacency"]["kind"], found["adjacency"]["next_hop"]) == ("incomplete", "10.7.7.7")
    net.cli("set ip arp static pg1 10.7.7.7 02:00:00:00:00:77")
    (found,) = objects(net, "10.7.7.7/32")
    assert found["adjacency"]["rewrite"] == "02000000007702fe000000010800"


def test_repeated_route_adds_a_path_and_deletes_one_by_one(net):
    before = state(net)
    net.cli("ip route add 10.9.0.0/16 via 10.0.1.2 pg1")
    net.cli("ip route add 10.9.0.0/16 via 10.0.0.2 pg0 weight 3")
    assert [o["adjacency"]["interface"] for o in objects(net, "10.9.0.0/16")] == ["pg0", "pg0", "pg0", "pg1"]
    net.cli("ip route del 10.9.0.0/16 via 10.0.0.2 pg0")
    assert [o["adjacency"]["interface"] for o in objects(net, "10.9.0.0/16")] == ["pg1"]
    net.cli("ip route del 10.9.0.0/16")
    assert state(net) == before


def test_lower_preference_waits_until_the_better_path_is_gone(net):
    net.cli("ip route add 10.9.0.0/16 via 10.0.1.2 pg1")
    net.cli("ip route add 10.9.0.0/16 via 10.0.0.2 pg0 preference 5")
    assert [o["adjacency"]["interface"] for o in objects(net, "10.9.0.0/16")] == ["pg1"]
    net.cli("set interface state pg1 down")
    assert [o["adjacency"]["interface"] for o in objects(net, "10.9.0.0/16")] == ["pg0"]


def test_interface_down_and_up(net):
    net.cli("ip route add 10.9.0.0/16 via 10.0.1.2 pg1")
    before = state(net)
    net.cli("set interface state pg1 down")
    assert objects(net, "10.9.0.0/16") == [{"type": "drop"}]
    assert objects(net, "10.0.1.0/24") == [{"type": "drop"}]
    net.cli("set interface state pg1 up")
    assert state(net) == before


def test_recursive_route_follows_its_next_hop(net):
    before = state(net)
    net.cli("ip route add 10.9.0.0/16 via 10.20.1.1")
    assert objects(net, "10.9.0.0/16") == [{"type": "drop"}]
    net.cli("ip route add 10.20.0.0/16 via 10.0.1.2 pg1")
    (found,) = objects(net, "10.9.0.0/16")
    (inner,) = found["load_balance"]["buckets"]
    assert inner["object"]["adjacency"]["interface"] == "pg1"
    net.cli("ip route add 10.20.1.0/24 via 10.0.0.2 pg0")
    (inner,) = objects(net, "10.9.0.0/16")[0]["load_balance"]["buckets"]
    assert inner["object"]["adjacency"]["interface"] == "pg0"
    for prefix in ("10.20.0.0/16", "10.20.1.0/24"):
        net.cli(f"ip route del {prefix}")
    assert objects(net, "10.9.0.0/16") == [{"type": "drop"}]
    net.cli("ip route del 10.9.0.0/16")
    assert state(net) == before


def test_recursion_on_a_connected_subnet_makes_a_neighbour(net):
    net.cli("ip route add 10.9.0.0/16 via 10.0.1.99")
    (inner,) = objects(net, "10.9.0.0/16")[0]["load_balance"]["buckets"]
    assert inner["object"]["adjacency"] == {
        "index": 4, "kind": "incomplete", "next_hop": "10.0.1.99", "interface": "pg1",
        "mtu": inner["object"]["adjacency"]["mtu"], "rewrite": "ffffffffffff02fe000000010806",
    }  # fmt: skip


@pytest.mark.parametrize(
    "routes",
    [
        ["10.9.0.0/16 via 10.9.1.1"],
        ["10.9.1.1/32 via 10.9.1.1"],
        ["10.8.0.0/16 via 10.9.0.1", "10.9.0.0/16 via 10.8.0.1"],
        ["10.7.0.0/16 via 10.8.0.1", "10.8.0.0/16 via 10.9.0.1", "10.9.0.0/16 via 10.7.0.1"],
    ],
)
def test_routes_in_a_circle_drop(net, routes):
    before = state(net)
    for route in routes:
        net.cli(f"ip route add {route}")
    frames = [ethernet(udp("10.0.0.2", route.split("/")[0][:-1] + "1")) for route in routes]
    assert net.send(*frames).dropped == len(frames)
    for route in routes:
        net.cli(f"ip route del {route.split()[0]}")
    assert state(net) == before


def test_best_source_forwards_and_the_other_waits(net):
    net.fib.route_add("10.9.0.0/16", [Path("attached-nexthop", number("10.0.0.2"), 1)], source="LISP")
    net.cli("ip route add 10.9.0.0/16 via 10.0.1.2 pg1")
    assert objects(net, "10.9.0.0/16")[0]["adjacency"]["interface"] == "pg1"
    net.cli("ip route del 10.9.0.0/16")
    assert objects(net, "10.9.0.0/16")[0]["adjacency"]["interface"] == "pg0"


def test_neighbour_outside_the_subnet_gets_no_traffic(net):
    """Else a gratuitous ARP could attract somebody else's packets."""
    net.cli("set ip arp static pg0 8.8.8.8 02:00:00:00:00:88")
    assert objects(net, "8.8.8.8/32") == [{"type": "drop"}]


def test_deleting_an_interface_frees_what_was_on_it(net):
    before = state(net)
    net.cli("create loopback interface")
    configure(
        net,
        """
        set interface ip address loop0 10.5.0.1/24
        set interface state loop0 up
        set ip arp loop0 10.5.0.2 02:00:00:00:05:02
        ip route add 10.50.0.0/16 via 10.5.0.2 loop0
    """,
    )
    net.interfaces.delete(net.interfaces.get("loop0"))
    assert objects(net, "10.50.0.0/16") == [{"type": "drop"}]
    net.cli("ip route del 10.50.0.0/16")
    assert state(net) == before


# ---- tables


def test_table_and_lookup_in_another(net):
    before = state(net)
    configure(
        net,
        """
        ip table add 7
        ip route add 10.9.0.0/16 table 7 via 10.0.1.2 pg1
        ip route add 10.9.0.0/16 via ip4-lookup-in-table 7
    """,
    )
    (frame,) = net.send(ethernet(udp("10.0.0.2", "10.9.1.1"))).frames["pg1"]
    assert parse(frame).data.ttl == 63
    net.cli("ip route del 10.9.0.0/16")
    net.cli("ip route del 10.9.0.0/16 table 7")
    net.cli("ip table del 7")
    assert state(net) == before


def test_tables_that_send_a_packet_in_a_circle(net):
    configure(
        net,
        """
        ip table add 7
        ip route add 10.9.0.0/16 table 7 via ip4-lookup-in-table 0
        ip route add 10.9.0.0/16 via ip4-lookup-in-table 7
    """,
    )
    assert net.send(ethernet(udp("10.0.0.2", "10.9.1.1"))).dropped == 1


def test_binding_an_interface(net):
    net.cli("ip table add 7")
    net.cli("create packet-generator interface pg2")
    with pytest.raises(CliError, match="no such table 8"):
        net.cli("set interface ip table pg2 8")
    with pytest.raises(CliError, match="IP addresses are still present on pg0"):
        net.cli("set interface ip table pg0 7")
    net.cli("set interface ip table pg2 7")
    net.cli("set interface ip address pg2 10.0.0.1/24")
    assert "10.0.0.1/32" in prefixes(net, 7)


@pytest.mark.parametrize(
    "change",
    [
        lambda fib: fib.route_add("10.9.0.0/16", [Path("attached-nexthop", 1, 99)]),
        lambda fib: fib.route_add("10.9.0.0/16", []),
        lambda fib: fib.route_add("10.9.0.0/33", [Path("exclusive")]),
        lambda fib: fib.route_add((1 << 32, 8), [Path("exclusive")]),
        lambda fib: fib.route_add("10.9.0.0/16", [Path("exclusive")], table_id=5),
        lambda fib: fib.routes_add(["10.9.0.0/16", "nonsense"], [Path("exclusive")]),
        lambda fib: fib.route_add("10.9.0.0/16", [Path("deag", fib_index=4)]),
        lambda fib: fib.route_add("10.9.0.0/16", [Path("attached", sw_if_index=1, weight=0)]),
        lambda fib: fib.address_add(77, "10.9.0.1/24"),
        lambda fib: fib.address_delete(1, "10.9.0.1/24"),
        lambda fib: fib.delete_table(3),
        lambda fib: fib.set_flow_hash(0, ["colour"]),
    ],
)
def test_what_is_refused_leaves_nothing_behind(net, change):
    before = state(net)
    with pytest.raises(ControlError):
        change(net.fib)
    assert state(net) == before


# ---- many routes against a plain longest match

ROUTES = st.tuples(st.integers(0, 2**32 - 1), st.integers(1, 32), st.integers(1, 4), st.booleans())
SPECIAL = dict.fromkeys([(0, 0), (0, 32), (0xE0000000, 4), (0xF0000000, 4), (0xFFFFFFFF, 32)])  # they drop


def best_match(routes, wanted):
    """Next hop by looking at every route; None for a drop."""
    matches = [(length, first) for first, length in routes if (wanted ^ first) >> (32 - length) == 0]
    length, first = max(matches)
    return routes[first, length]


@settings(max_examples=30)
@given(st.lists(ROUTES, max_size=40), st.lists(st.integers(0, 2**32 - 1), max_size=20))
def test_lookup_is_the_longest_match(changes, wanted):
    with Engine() as vpp:
        configure(vpp, "create packet-generator interface pg0\nset interface state pg0 up")
        routes = {}
        for first, length, hop, add in changes:
            prefix = (first >> (32 - length) << (32 - length), length)
            if add:
                vpp.fib.route_add(prefix, [Path("attached-nexthop", hop, 1)], source="interface", replace=True)
                routes[prefix] = hop
            else:
                vpp.fib.route_delete(prefix, source="interface")
                routes.pop(prefix, None)
        for each in [*wanted, *(first for first, _ in routes)]:
            ((kind, _, index),) = vpp.fib.buckets_of(vpp.fib.lookup(0, each))
            expected = best_match(routes | SPECIAL, each)
            found = vpp.fib.adjacencies.by_index[index].next_hop if kind == ADJACENCY else None
            assert found == expected


def test_a_hundred_thousand_routes(new_net):
    answer = new_net.cli("ip route add count 100000 20.0.0.0/24 via 10.0.1.2 pg1")
    assert answer.endswith(" routes/sec\n")
    assert objects(new_net, "20.1.134.0/24")[0]["adjacency"]["interface"] == "pg1"
    new_net.cli("ip route del count 100000 20.0.0.0/24 via 10.0.1.2 pg1")
    assert not any(prefix.startswith("20.") for prefix in prefixes(new_net))
