"""A long listing: piece by piece, interrupted, and packets going through the engine meanwhile."""

import pytest
from dpkt.pcap import Writer

from shell.client import Client
from tests.net.frames import ethernet, udp

N_SESSIONS = 4_000
CONFIG = """
create packet-generator interface pg0
create packet-generator interface pg1
set interface ip address pg0 10.0.0.1/24
set interface ip address pg1 10.0.1.1/24
set interface mac address pg0 02:fe:00:00:00:00
set interface state pg0 up
set interface state pg1 up
set ip arp static pg1 10.0.1.2 02:00:00:00:01:02
nat44 add address 10.0.1.100
set interface nat44 in pg0 out pg1
"""
COMMAND = "show nat44 sessions detail"


def flow(number):
    return ethernet(udp(f"10.0.0.{2 + number // 80}", "10.0.1.2", sport=1024 + number % 80))


@pytest.fixture
def vpp(vpp):
    for line in CONFIG.strip().splitlines():
        vpp.cli(line)
    vpp.replay({"pg0": [flow(number) for number in range(N_SESSIONS)]}, together=True)
    assert vpp.nat44.state.n_sessions() == N_SESSIONS
    return vpp


def texts(stream):
    return [text for what, text in stream if what == "output"]


def test_it_comes_in_pieces(vpp, client):
    pieces = texts(client.stream("cli_stream", cmd=COMMAND))
    assert len(pieces) > 10
    assert "".join(pieces) == vpp.cli(COMMAND)
    assert "".join(pieces).count("translation\n") == N_SESSIONS


def test_json_too(vpp, client):
    pieces = texts(client.stream("cli_stream", cmd=f"{COMMAND} | json"))
    assert len(pieces) > 10
    assert "".join(pieces) == vpp.cli(f"{COMMAND} | json")


def test_the_first_piece_is_not_behind_the_last(vpp, client):
    """What is looked up for a listing is looked up as it goes on."""
    asked = []
    state = vpp.nat44.state

    class Counting:
        def __getattr__(self, name):
            if name == "session":
                asked.append(name)
            return getattr(state, name)

    vpp.nat44.state = Counting()
    try:
        pieces = vpp.registry.stream(vpp, COMMAND)
        for _ in range(10):
            next(pieces)
        assert 0 < len(asked) <= 10
    finally:
        vpp.nat44.state = state


def test_packets_go_through_meanwhile(vpp, server, client, tmp_path):
    path = tmp_path / "in.pcap"
    with path.open("wb") as file:
        writer = Writer(file)
        for number in range(1000):
            writer.writepkt(flow(number), 1.0 + number / 1000)
    listing = client.stream("cli_stream", cmd=COMMAND)
    next(listing)
    before = vpp.graph.totals()["transmitted"]
    with Client(server.path) as other:
        run = other.call("replay_stream", inputs={"pg0": str(path)})
    assert run["transmitted"] == 1000
    assert vpp.graph.totals()["transmitted"] == before + 1000
    assert "".join(texts(listing)).endswith("translation\n\n")


def test_interrupted_in_the_midst(vpp, client):
    listing = client.stream("cli_stream", cmd=COMMAND)
    shown = [next(listing)[1]]

    def interrupt():
        shown.append(listing.throw(KeyboardInterrupt())[1])
        shown.extend(texts(listing))

    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert "".join(shown).count("translation\n") < N_SESSIONS
    assert client.cli("show version").startswith("vpp v")


def test_sessions_that_end_meanwhile(vpp, server, client):
    listing = client.stream("cli_stream", cmd=COMMAND)
    shown = next(listing)[1]
    with Client(server.path) as other:
        other.cli("clear nat44 sessions")
    shown += "".join(texts(listing))
    assert 0 < shown.count("translation\n") <= N_SESSIONS
    assert client.cli(COMMAND).count("translation\n") == 0
