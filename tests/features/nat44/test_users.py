"""Sessions of a user: numbers, order of use, the limit, deletion."""

from collections import OrderedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import CliError

from .packets import UDP, Packet, engine, send, send_one

NAT = ("nat44 add address 10.0.1.100", "set interface nat44 in pg0 out pg1")
LIMIT = 5


def packet(port, host=2):
    return Packet(f"10.0.0.{host}", "10.0.1.2", UDP, port, 53)


def order_of(vpp):
    """Inside ports of the first user's sessions, least recently used first."""
    rows = vpp.cli_data("show nat44 sessions detail")["users"]
    return [session["i2o"]["port"] for session in rows[0]["sessions"]]


class LruModel:
    """What VPP's list does: a session moves to its end with every packet, and at the limit the first one goes."""

    def __init__(self):
        self.sessions = OrderedDict()  # port -> index
        self.free = []
        self.n = 0

    def packet(self, port):
        if port in self.sessions:
            self.sessions.move_to_end(port)
        elif len(self.sessions) < LIMIT:
            self.sessions[port] = self.free.pop() if self.free else self.n
            self.n = max(self.n, self.sessions[port] + 1)
        else:
            _, index = self.sessions.popitem(last=False)
            self.sessions[port] = index

    def delete(self, port):
        self.free.append(self.sessions.pop(port))


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(["packet", "packet", "packet", "burst", "delete"]), st.integers(1, 12)),
                max_size=60))  # fmt: skip
def test_order_and_numbers_are_those_of_a_list(steps):
    vpp, model = engine(*NAT, nat=f"max translations per user {LIMIT}"), LruModel()
    for step, port in steps:
        if step == "packet":
            send(vpp, packet(port))
            model.packet(port)
        elif step == "burst":
            ports = [1 + (port * i) % 12 for i in range(7)]
            send(vpp, *map(packet, ports))
            # known flows of a vector leave by the fast path, new ones by the slow path behind it
            known = [p for p in ports if p in model.sessions]
            for each in known + [p for p in ports if p not in known]:
                model.packet(each)
        elif port in model.sessions:
            vpp.cli(f"nat44 del session in 10.0.0.2:{port} udp")
            model.delete(port)
    if model.sessions:
        assert order_of(vpp) == list(model.sessions)
        rows = vpp.cli_data("show nat44 sessions detail")["users"][0]["sessions"]
        assert [row["index"] for row in rows] == list(model.sessions.values())


def test_numbers_are_given_last_freed_first():
    vpp = engine(*NAT)
    send(vpp, *(packet(port) for port in range(1, 6)))
    for port in (2, 4):
        vpp.cli(f"nat44 del session in 10.0.0.2:{port} udp")
    send(vpp, packet(100), packet(101), packet(102))
    data = vpp.cli_data("show nat44 sessions detail")["users"][0]["sessions"]
    assert {row["i2o"]["port"]: row["index"] for row in data} == {1: 0, 3: 2, 5: 4, 100: 3, 101: 1, 102: 5}


def test_each_user_has_a_limit_of_his_own():
    vpp = engine(*NAT, nat="max translations per user 3")
    for host in (2, 3):
        send(vpp, *(packet(port, host) for port in range(1, 6)))
    assert [(user["address"], user["dynamic"]) for user in vpp.cli_data("show nat44 sessions")["users"]] == [
        ("10.0.0.2", 3), ("10.0.0.3", 3)]  # fmt: skip
    assert vpp.nat44.state.addresses()[0][2]["udp"] == 6


def test_above_the_maximum_of_sessions_packets_are_dropped():
    vpp = engine(*NAT, nat="translation hash buckets 2")
    assert len(send(vpp, *(packet(port) for port in range(1, 30)))) == 20
    assert "         9          nat44-in2out-slowpath         Maximum sessions exceeded" in vpp.cli("show errors")
    assert send_one(vpp, packet(3)) is not None


def test_a_deleted_session_gives_its_port_and_user_back():
    vpp = engine(*NAT)
    sent = send_one(vpp, packet(1))
    vpp.cli(f"nat44 del session out 10.0.1.100:{sent.sport} udp")
    assert vpp.cli_data("show nat44 sessions") == {"count": 0, "users": []}
    assert vpp.nat44.state.addresses()[0][2]["udp"] == 0
    assert send_one(vpp, Packet("10.0.1.2", "10.0.1.100", UDP, 53, sent.sport)) is None
    with pytest.raises(CliError, match="nat44_del_session returned -6"):
        vpp.cli("nat44 del session in 10.0.0.2:1 udp")


def test_delete_user():
    vpp = engine(*NAT)
    send(vpp, packet(1), packet(2), packet(3, 3))
    vpp.cli("nat44 ei del user 10.0.0.2")
    assert [user["address"] for user in vpp.cli_data("show nat44 sessions")["users"]] == ["10.0.0.3"]
    with pytest.raises(CliError, match="returned -6"):
        vpp.cli("nat44 ei del user 10.0.0.2")
