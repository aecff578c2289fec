"""The control plane: what is refused changes nothing, what is taken away is gone, and the API says the same."""

import random

import pytest

from engine import CliError, Engine

from .packets import TCP, UDP, Packet, engine, send, send_one

NAT = ("nat44 add address 10.0.1.100", "set interface nat44 in pg0 out pg1")
STATIC = "nat44 add static mapping tcp local 10.0.0.2 8080 external 10.0.1.100 80"
SERVICE = ("nat44 add load-balancing static mapping protocol tcp external 10.0.1.200:80 local 10.0.0.6:80 "
           "probability 1 local 10.0.0.7:80 probability 1 out2in-only")  # fmt: skip


def everything(vpp):
    commands = ("addresses", "interfaces", "static mappings", "sessions detail")
    return [vpp.cli(f"show nat44 {command}") for command in commands] + [vpp.cli("show ip fib")]


@pytest.mark.parametrize(("line", "text"), [
    ("nat44 add address foo", "nat44 add address: unknown input 'foo'"),
    ("nat44 add address 10.0.1.105 - 10.0.1.101", "nat44 add address: end address less than start address"),
    ("nat44 add address 10.0.1.99 - 10.0.1.101", "nat44 add address: NAT address already in use."),
    ("nat44 add address 10.0.1.101 del", "nat44 add address: NAT address not exist."),
    ("nat44 add address 10.0.1.100 del", "nat44 add address: NAT address used in static mapping."),
    ("nat44 add static mapping tcp local 10.0.0.3 8080 external 10.0.1.100 80",
     "nat44 add static mapping: Mapping already exist."),
    ("nat44 add static mapping tcp local 10.0.0.2 8080 external 10.0.9.100 80",
     "nat44 add static mapping: Mapping already exist."),
    ("nat44 add static mapping tcp local 10.0.0.3 80 external 10.0.9.100 80",
     "nat44 add static mapping: External address must be allocated."),
    ("nat44 add static mapping tcp local 10.0.0.2 8081 external 10.0.1.100 81 del",
     "nat44 add static mapping: Mapping not exist."),
    ("nat44 add static mapping local 10.0.0.3 80 external 10.0.1.100 80", "nat44 add static mapping: missing protocol"),
    ("nat44 add static mapping local 10.0.0.3 external 10.0.1.103 twice-nat",
     "nat44 add static mapping: twice NAT only for 1:1 NAPT"),
    ("nat44 add load-balancing static mapping protocol tcp external 10.0.1.100:90 local 10.0.0.2:80 probability 1",
     "nat44 add load-balancing static mapping: at least two local must be set"),
    ("nat44 forwarding", "nat44 forwarding: 'enable' or 'disable' expected"),
    ("nat44 forwarding maybe", "nat44 forwarding: unknown input 'maybe'"),
    ("set interface nat44 in pg9", "set interface nat44: unknown input 'in pg9'"),
    ("set interface nat44 out pg0 output-feature", "set interface nat44: add pg0 failed"),
    ("set interface nat44 in pg1 in pg0 output-feature", "set interface nat44: add pg1 failed"),
    ("set nat timeout udp", "set nat timeout: unknown input 'udp'"),
])  # fmt: skip
def test_refused(line, text):
    vpp = engine(*NAT, STATIC)
    before = everything(vpp)
    with pytest.raises(CliError) as refused:
        vpp.cli(line)
    assert str(refused.value) == text
    assert everything(vpp) == before


def test_simple_mode_of_18_10_has_no_endpoint_dependent_mappings():
    vpp = engine(*NAT, profile="18.10")
    for line, text in (
        (f"{STATIC} out2in-only", "twice-nat/out2in-only available only for endpoint-dependent mode."),
        (SERVICE, "Available only for endpoint-dependent mode."),
        ("nat44 add address 10.0.1.101 twice-nat", "twice NAT available only for endpoint-dependent mode."),
    ):
        with pytest.raises(CliError, match=text):
            vpp.cli(line)


def test_a_deleted_mapping_takes_its_sessions_along():
    vpp = engine(*NAT, STATIC, SERVICE)
    for dst in ("10.0.1.100", "10.0.1.200"):
        assert send_one(vpp, Packet("10.0.1.2", dst, TCP, 5, 80)) is not None
    vpp.cli(f"{STATIC} del")
    vpp.cli(f"{SERVICE} del")
    assert vpp.cli_data("show nat44 sessions")["count"] == 0
    assert send(vpp, Packet("10.0.1.2", "10.0.1.100", TCP, 5, 80), Packet("10.0.1.2", "10.0.1.200", TCP, 5, 80)) == []
    assert {name: stats["count"] for name, stats in vpp.nat44.state.table_stats().items() if stats["count"]} == {}


def test_two_services_may_share_a_backend():
    other = SERVICE.replace("10.0.1.200", "10.0.1.201")
    vpp = engine(*NAT, SERVICE, other)
    came = send_one(vpp, Packet("10.0.1.2", "10.0.1.201", TCP, 5, 80))
    vpp.cli(f"{SERVICE} del")
    assert send_one(vpp, Packet(came.dst, "10.0.1.2", TCP, 80, 5)).src == "10.0.1.201"


def test_pool_addresses_of_an_interface_follow_it():
    vpp = engine("set interface nat44 in pg0 out pg1", "nat44 add interface address pg1",
                 "nat44 add identity mapping external pg1 udp 4789")  # fmt: skip
    assert send_one(vpp, Packet("10.0.0.2", "10.0.1.2", UDP, 1, 2)).src == "10.0.1.1"
    vpp.cli("set interface ip address del pg1 10.0.1.1/24")
    assert vpp.nat44.state.addresses() == []
    assert vpp.cli_data("show nat44 sessions")["count"] == 0
    assert " udp local 10.0.1.1:4789 external pg1:4789 vrf -1" in vpp.cli("show nat44 static mappings")


def test_roles_can_be_given_and_taken_in_any_order():
    """Whatever the history, the features are those of the roles."""
    rng = random.Random(1)
    vpp = engine("nat44 add address 10.0.1.100")
    wanted = {None: set(), "in": {"nat44-in2out"}, "out": {"nat44-out2in"}, "both": {"nat44-classify"}}
    roles = set()
    for _ in range(100):
        role, delete = rng.choice(["in", "out"]), rng.random() < 0.5
        if delete and not roles:
            continue
        vpp.cli(f"set interface nat44 {role} pg0{' del' if delete else ''}")
        (roles.discard if delete else roles.add)(role)
        state = "both" if len(roles) == 2 else next(iter(roles), None)
        names = {name for name in vpp.features.arcs["ip4-unicast"].names(1) if name.startswith("nat44")}
        assert names == wanted[state]
        assert vpp.features.arcs["ip4-local"].names(1) == (["nat44-hairpinning"] if state == "in" else [])


def test_deleting_an_interface_with_roles():
    vpp = engine(*NAT, "create loopback interface", "set interface nat44 in loop0 out loop0")
    vpp.cli("delete loopback interface intfc loop0")
    assert "loop0" not in vpp.cli("show nat44 interfaces")
    assert send_one(vpp, Packet("10.0.0.2", "10.0.1.2", UDP, 1, 2)).src == "10.0.1.100"


@pytest.mark.parametrize("nat", ["max translations per user 0", "fancy mode", "deterministic"])
def test_startup_options_that_make_no_sense(nat):
    with pytest.raises(ValueError, match="nat:"):
        Engine(startup=f"nat {{ {nat} }}")


def test_api_and_cli_agree():
    cli, api = engine(*NAT, STATIC, SERVICE, "nat44 add identity mapping 10.0.1.9"), engine()
    api.api.nat44_add_del_address_range(first_ip_address="10.0.1.100", last_ip_address="10.0.1.100")
    api.api.nat44_interface_add_del_feature(sw_if_index=1, flags=32)
    api.api.nat44_interface_add_del_feature(sw_if_index=2, flags=16)
    api.api.nat44_add_del_static_mapping(local_ip_address="10.0.0.2", external_ip_address="10.0.1.100", protocol=6,
                                         local_port=8080, external_port=80)  # fmt: skip
    api.api.nat44_add_del_lb_static_mapping(
        external_addr="10.0.1.200", external_port=80, protocol=6, flags=4, local_num=2,
        locals=[{"addr": "10.0.0.6", "port": 80, "probability": 1}, {"addr": "10.0.0.7", "port": 80, "probability": 1}],
    )  # fmt: skip
    api.api.nat44_add_del_identity_mapping(ip_address="10.0.1.9", flags=8)
    assert everything(api) == everything(cli)
    assert api.api.nat44_interface_dump() == [{"flags": 32, "sw_if_index": 1}, {"flags": 16, "sw_if_index": 2}]
    send(api, Packet("10.0.0.2", "10.0.1.2", UDP, 1000, 53))
    details = api.api.nat44_user_session_dump(ip_address="10.0.0.2", vrf_id=0)
    assert [(each.outside_ip_address, each.outside_port, each.inside_port, each.protocol) for each in details] == [
        ("10.0.1.100", 16253, 1000, 17)]  # fmt: skip
    assert api.api.nat44_del_session(address="10.0.0.2", port=1000, protocol=17, flags=32).retval == 0
    assert api.api.nat44_del_session(address="10.0.0.2", port=1000, protocol=17, flags=32).retval == -6


@pytest.mark.parametrize("nat", ["", "endpoint-dependent"])
@pytest.mark.parametrize("profile", ["18.01", "18.10"])
def test_random_packets_do_no_harm(nat, profile):
    """Garbage behind good IPv4 headers, by every path, with sessions coming and going."""
    rng = random.Random(7)
    service = [SERVICE] if profile == "18.01" or nat else []
    vpp = engine(*NAT, STATIC, *service, "set interface nat44 out pg0", "nat44 forwarding enable",
                 "nat44 add static mapping local 10.0.0.5 external 10.0.1.105",
                 profile=profile, nat=f"{nat}\n max translations per user 5")  # fmt: skip
    hosts = ["10.0.0.2", "10.0.0.6", "10.0.1.2", "10.0.1.100", "10.0.1.105", "10.0.1.200"]
    for _ in range(60):
        frames = []
        for _ in range(rng.randrange(1, 60)):
            packet = Packet(rng.choice(hosts), rng.choice(hosts), 99, payload=rng.randbytes(rng.randrange(0, 60)),
                            fragment=rng.choice([0, 0, 0, 0x2000, 0x2001, 5]), ttl=rng.choice([1, 2, 64]))  # fmt: skip
            frame = bytearray(packet.frame())
            frame[23] = rng.choice([1, 1, 6, 6, 17, 17, 47, 50])
            frame[24:26] = b"\0\0"
            total = sum(int.from_bytes(frame[i : i + 2], "big") for i in range(14, 34, 2))
            total = (total & 0xFFFF) + (total >> 16)
            frame[24:26] = (~((total & 0xFFFF) + (total >> 16)) & 0xFFFF).to_bytes(2, "big")
            frames.append(bytes(frame))
        run = vpp.replay({rng.choice(["pg0", "pg1"]): frames}, together=True, trace=5)
        assert run.received + run.generated == run.transmitted + run.consumed + run.dropped
    vpp.cli("show trace")
    vpp.nat44.clear_sessions()
    assert vpp.cli_data("show nat44 sessions") == {"count": 0, "users": []}
