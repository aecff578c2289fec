"""Interfaces that use another's addresses."""

import pytest

from engine import CliError, Engine

ASK = bytes.fromhex("ffffffffffff020000000002" "0806" "0001080006040001" "020000000002") + bytes((10, 1, 1, 2))
ASK_FOR_OURS = ASK + bytes(6) + bytes((10, 1, 1, 1))


@pytest.fixture
def vpp():
    engine = Engine(profile="18.10")
    for line in (
        "create packet-generator interface pg0",
        "set interface mac address pg0 02:fe:00:00:00:00",
        "set interface state pg0 up",
        "create loopback interface",
        "set interface ip address loop0 10.1.1.1/32",
        "ip route add 10.1.1.2/32 via 10.1.1.2 pg0",
    ):
        engine.cli(line)
    return engine


def test_an_unnumbered_interface_answers_for_the_address_it_borrows(vpp):
    assert vpp.replay({"pg0": [ASK_FOR_OURS]}).transmitted == 0
    vpp.cli("set interface unnumbered pg0 use loop0")
    run = vpp.replay({"pg0": [ASK_FOR_OURS]})
    assert run.frames["pg0"][0][20:32] == bytes.fromhex("0002" "02fe00000000" "0a010101")
    vpp.cli("set interface unnumbered del pg0")
    assert vpp.replay({"pg0": [ASK_FOR_OURS]}).transmitted == 0


def test_it_shows(vpp):
    vpp.cli("set interface unnumbered pg0 use loop0")
    assert "pg0 (up): \n  unnumbered, use loop0\n" in vpp.cli("show interface address")
    assert "ip4-not-enabled" not in vpp.cli("show interface features pg0").split("ip4-unicast:")[1]


def test_a_lender_that_goes_takes_its_addresses_with_it(vpp):
    vpp.cli("set interface unnumbered pg0 use loop0")
    vpp.cli("delete loopback interface intfc loop0")
    assert "unnumbered" not in vpp.cli("show interface address")
    assert vpp.replay({"pg0": [ASK_FOR_OURS]}).transmitted == 0


def test_a_borrower_does_not_lend(vpp):
    vpp.cli("set interface unnumbered pg0 use loop0")
    vpp.cli("create packet-generator interface pg1")
    for line in ("pg1 use pg0", "pg0 use pg0", "loop0 use pg1"):
        with pytest.raises(CliError):
            vpp.cli(f"set interface unnumbered {line}")


def test_what_does_not_parse(vpp):
    assert vpp.cli("set interface unnumbered pg0", check=False) == "set interface unnumbered: parse error 'pg0'\n"
