"""The loop of a live engine without any device: time, sleep, barrier, end. Needs no privilege."""

import threading
import time

import pytest

from engine import Engine
from engine.server.server import Server
from shell.client import Client


@pytest.fixture
def vpp():
    with Engine(live=True) as vpp:
        yield vpp


def test_the_clock_follows_real_time(vpp):
    engine, real = vpp.now(), time.monotonic()
    time.sleep(0.05)
    assert vpp.now() - engine == pytest.approx(time.monotonic() - real, abs=0.02)


def test_a_replay_may_move_the_clock_on(vpp):
    before = vpp.now()
    vpp.advance(100)
    assert vpp.now() >= before + 100


def test_the_worker_sleeps_when_idle(vpp):
    time.sleep(0.05)
    before = time.process_time()
    time.sleep(0.5)
    assert time.process_time() - before < 0.05


def test_nothing_runs_inside_the_barrier(vpp):
    with vpp.parked():
        rounds = vpp.live.stats()[0]["rounds"]
        time.sleep(0.05)
        assert vpp.live.stats()[0]["rounds"] == rounds
    deadline = time.monotonic() + 5
    while vpp.live.stats()[0]["rounds"] == rounds and time.monotonic() < deadline:
        time.sleep(0.001)
    assert vpp.live.stats()[0]["rounds"] > rounds


def test_the_barrier_may_be_nested_and_raises_through(vpp):
    with pytest.raises(KeyError), vpp.parked(), vpp.parked():
        raise KeyError
    with vpp.parked():
        assert vpp.cli("show version").startswith("vpp ")


def test_many_threads_may_use_one_engine(vpp):
    """Each command runs as a whole: no reader sees half of what another thread changes."""
    failures = []

    def change(number):
        try:
            for _ in range(50):
                vpp.cli(f"create loopback interface instance {number}")
                vpp.cli(f"set interface state loop{number} up")
                assert f"loop{number}" in vpp.cli("show interface")
                vpp.cli(f"delete loopback interface intfc loop{number}")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=change, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert "loop" not in vpp.cli("show interface")


def test_an_engine_may_be_closed_twice_and_used_afterwards():
    vpp = Engine(live=True)
    vpp.close()
    vpp.close()
    assert vpp.cli("show version").startswith("vpp ")
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("vpp_wk")]


def test_two_live_engines_live_side_by_side(vpp):
    with Engine(live=True) as other:
        other.cli("create loopback interface")
        assert "loop0" not in vpp.cli("show interface")
        assert other.now() > 0


def test_the_server_answers_for_a_live_engine(vpp, tmp_path):
    server = Server(vpp, str(tmp_path / "engine.sock"))

    def serve():
        while server.running:
            server.step(0.02)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with Client(server.path) as client:
            first = client.call("status")["clock"]
            time.sleep(0.02)
            assert client.call("status")["clock"] > first
            assert client.call("cli", "show version").startswith("vpp ")
    finally:
        server.stop()
        thread.join()
        server.close()
