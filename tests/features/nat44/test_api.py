"""Messages of NAT44 under the names and with the flags of both plugins of later VPP."""

import pytest

from engine import Engine

ED_OUTSIDE, ED_INSIDE = 16, 32
EI_INSIDE, EI_OUTSIDE = 16, 32
TCP = 6


def engine(startup=None):
    vpp = Engine(profile="18.10", startup=startup)
    for number in range(2):
        vpp.cli(f"create packet-generator interface pg{number}")
        vpp.cli(f"set interface ip address pg{number} 10.0.{number}.1/24")
    return vpp


@pytest.fixture
def ei():
    with engine() as vpp:
        yield vpp


@pytest.fixture
def ed():
    with engine("nat { endpoint-dependent }") as vpp:
        yield vpp


def test_roles_with_the_flags_of_either_plugin(ei):
    assert ei.api.nat44_ei_interface_add_del_feature(sw_if_index=1, flags=EI_INSIDE).retval == 0
    assert ei.api.nat44_interface_add_del_feature(sw_if_index=2, flags=ED_OUTSIDE).retval == 0
    assert [(each.sw_if_index, each.flags) for each in ei.api.nat44_interface_dump()] == [
        (1, ED_INSIDE),
        (2, ED_OUTSIDE),
    ]
    roles = [(each.sw_if_index, each.flags) for each in ei.api.nat44_ei_interface_dump()]
    assert roles == [(1, EI_INSIDE), (2, EI_OUTSIDE)]
    assert "pg0 in" in ei.cli("show nat44 interfaces")
    ei.api.nat44_ei_interface_add_del_feature(sw_if_index=1, flags=EI_INSIDE, is_add=False)
    assert [each.sw_if_index for each in ei.api.nat44_ei_interface_dump()] == [2]


def test_output_interfaces(ed):
    assert ed.api.nat44_ed_add_del_output_interface(sw_if_index=2, is_add=True).retval == 0
    reply, rows = ed.api.nat44_ed_output_interface_get(cursor=0)
    assert reply.retval == 0 and [each.sw_if_index for each in rows] == [2]


@pytest.mark.parametrize(("mode", "ei_retval", "ed_retval"), [(None, 0, -126), ("nat { endpoint-dependent }", -126, 0)])
def test_a_script_that_turns_nat_on_first(mode, ei_retval, ed_retval):
    with engine(mode) as vpp:
        assert vpp.api.nat44_ei_plugin_enable_disable(enable=True, sessions=1024).retval == ei_retval
        assert vpp.api.nat44_ed_plugin_enable_disable(enable=True, sessions=1024).retval == ed_retval
        assert vpp.api.nat44_ed_plugin_enable_disable(enable=False).retval == -126


def backend(last, port=80, **more):
    return {"addr": f"10.0.0.{last}", "port": port, "probability": 1, "vrf_id": 0, **more}


def test_backends_come_and_go(ed):
    api, mapping = ed.api, {"external_addr": "10.0.1.100", "external_port": 80, "protocol": TCP}
    api.nat44_add_del_address_range(first_ip_address="10.0.1.100", last_ip_address="10.0.1.100", is_add=True)
    assert api.nat44_add_del_lb_static_mapping(locals=[backend(2), backend(3)], flags=4, **mapping).retval == 0

    def ends():
        (found,) = api.nat44_lb_static_mapping_dump()
        assert found.local_num == len(found.locals) and found.flags & 4
        return [each["addr"] for each in found.locals]

    assert api.nat44_lb_static_mapping_add_del_local(local=backend(4), **mapping).retval == 0
    assert ends() == ["10.0.0.2", "10.0.0.3", "10.0.0.4"]
    assert api.nat44_lb_static_mapping_add_del_local(local=backend(4), **mapping).retval == -6
    assert api.nat44_lb_static_mapping_add_del_local(local=backend(2), is_add=False, **mapping).retval == 0
    assert ends() == ["10.0.0.3", "10.0.0.4"]
    assert api.nat44_lb_static_mapping_add_del_local(local=backend(9), is_add=False, **mapping).retval == -6
    assert api.nat44_lb_static_mapping_add_del_local(local=backend(3), is_add=False, **mapping).retval < 0
    assert ends() == ["10.0.0.3", "10.0.0.4"]
    other = mapping | {"external_port": 81}
    assert api.nat44_lb_static_mapping_add_del_local(local=backend(4), **other).retval == -6


def test_static_mapping_of_the_second_version(ed):
    fields = {"local_ip_address": "10.0.0.2", "external_ip_address": "10.0.1.100", "protocol": TCP, "local_port": 80,
              "external_port": 8080, "is_add": True, "flags": 4}  # fmt: skip
    assert ed.api.nat44_add_del_static_mapping_v2(**fields).retval == 0
    assert [each.external_port for each in ed.api.nat44_static_mapping_dump()] == [8080]
    assert ed.api.nat44_add_del_static_mapping_v2(**fields, match_pool=True).retval == -126


def test_no_workers_and_no_unknown_user(ei):
    assert ei.api.nat_worker_dump() == []
    assert ei.api.nat44_user_session_dump(ip_address="10.9.9.9") == []
