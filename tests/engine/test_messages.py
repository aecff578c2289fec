"""Messages that make and change interfaces, called as a vpp_papi script would."""

import pytest

from engine import Engine

ADMIN_UP = 1


@pytest.fixture
def vpp():
    return Engine()


def test_a_tap_from_creation_to_deletion(vpp):
    created = vpp.api.tap_create_v2(id=3, use_random_mac=False, mac_address="02:fe:01:02:03:04", host_if_name="x")
    assert created.retval == 0 and created.sw_if_index == 1
    vpp.api.sw_interface_set_flags(sw_if_index=1, flags=ADMIN_UP)
    found = vpp.api.sw_interface_dump(sw_if_index=1)
    assert [row.interface_name for row in found] == ["tap3"]
    assert found[0].flags & ADMIN_UP and found[0].l2_address == "02:fe:01:02:03:04"
    assert vpp.api.tap_delete_v2(sw_if_index=1).retval == 0
    assert [row.interface_name for row in vpp.api.sw_interface_dump()] == ["local0"]


def test_numbers_of_deleted_interfaces_come_again(vpp):
    first = vpp.api.create_loopback().sw_if_index
    second = vpp.api.create_loopback(mac_address="02:00:00:00:00:09").sw_if_index
    vpp.api.delete_loopback(sw_if_index=first)
    vpp.api.delete_loopback(sw_if_index=second)
    assert vpp.api.pg_create_interface(interface_id=0).sw_if_index == second
    assert vpp.api.pg_create_interface(interface_id=0).sw_if_index == second
    assert vpp.api.pg_create_interface(interface_id=1).sw_if_index == first


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ("sw_interface_set_flags", {"sw_if_index": 77, "flags": 1}),
        ("sw_interface_get_mac_address", {"sw_if_index": 0xFFFFFFFE}),
        ("tap_delete_v2", {"sw_if_index": 0}),
        ("delete_loopback", {"sw_if_index": 5}),
        ("sw_interface_set_mac_address", {"sw_if_index": 0, "mac_address": "02:fe"}),
        ("sw_interface_set_mtu", {"sw_if_index": 0, "mtu": [70000, 0, 0, 0]}),
    ],
)
def test_what_cannot_be_done_has_a_retval(vpp, message, fields):
    before = vpp.api.sw_interface_dump()
    assert getattr(vpp.api, message)(**fields).retval < 0
    assert vpp.api.sw_interface_dump() == before


def test_a_command_that_does_nothing_prints_nothing(vpp):
    assert vpp.cli("explain") == vpp.cli("trace add") == ""
