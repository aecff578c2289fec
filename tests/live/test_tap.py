"""Taps of the kernel's: how they come, what they are, how they go."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from engine import CliError, Engine
from tests.net.frames import echo, ethernet

from .namespaces import until


@pytest.fixture
def vpp(live_allowed):
    with Engine(live=True) as vpp:
        yield vpp


def connect(vpp, space, number=0, more=""):
    """tapN of the engine, 10.N.0.1, to interface eth0 of a namespace, 10.N.0.2."""
    vpp.cli(f"create tap id {number} host-ns {space.name} host-if-name eth0 host-ip4-addr 10.{number}.0.2/24 {more}")
    vpp.cli(f"set interface ip address tap{number} 10.{number}.0.1/24")
    vpp.cli(f"set interface state tap{number} up")


def links(space):
    return [line.split(":")[1].strip() for line in space.ip("-o", "link").splitlines()]


def test_the_host_side_is_set_up_as_asked(vpp, namespace):
    space = namespace("a")
    connect(vpp, space, 0, "host-mac-addr 02:00:00:00:00:05 host-ip4-gw 10.0.0.1 host-mtu-size 1400 rx-ring-size 512")
    described = space.ip("addr", "show", "eth0")
    assert "02:00:00:00:00:05" in described and "mtu 1400" in described and "10.0.0.2/24" in described
    assert "qlen 512" in described and ",UP" in described
    assert "default via 10.0.0.1" in space.ip("route")


def test_the_host_side_may_join_a_bridge(vpp, namespace):
    space = namespace("a")
    space.ip("link", "add", "br0", "type", "bridge")
    vpp.cli(f"create tap id 0 host-ns {space.name} host-bridge br0")
    assert "master br0" in space.ip("link", "show", "tap0")


def test_ping(vpp, namespace, needs):
    needs("ping")
    space = namespace("a")
    connect(vpp, space)
    assert "3 received" in space.run("ping", "-c3", "-i0.05", "-W2", "10.0.0.1")
    assert vpp.graph.totals()["received"] == vpp.graph.totals()["transmitted"]


def test_a_tap_goes_with_its_interface(vpp, namespace):
    space = namespace("a")
    connect(vpp, space)
    assert links(space) == ["lo", "eth0"]
    vpp.cli("delete tap tap0")
    assert links(space) == ["lo"]
    connect(vpp, space)
    assert links(space) == ["lo", "eth0"]


def test_taps_go_with_the_engine(namespace):
    space = namespace("a")
    with Engine(live=True) as vpp:
        connect(vpp, space)
        assert links(space) == ["lo", "eth0"]
    assert links(space) == ["lo"]


def test_taps_go_when_the_engine_is_killed(namespace, tmp_path):
    space = namespace("a")
    config = tmp_path / "tap.vpp"
    config.write_text(f"create tap id 0 host-ns {space.name}\nset interface state tap0 up\n")
    command = [sys.executable, "-m", "engine.server.main", "--live", "--config", str(config)]
    for _ in range(3):
        process = subprocess.Popen([*command, "--socket", str(tmp_path / "s")], stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline().startswith("listening")
        assert links(space) == ["lo", "tap0"]
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert until(lambda: links(space) == ["lo"])


def test_errors_leave_nothing_behind(vpp, namespace):
    space = namespace("a")
    before = len(os.listdir("/proc/self/fd"))
    for line, says in [
        ("create tap id 0 host-ns nowhere", "network namespace /var/run/netns/nowhere: No such file or directory"),
        (f"create tap id 0 host-ns {space.name} host-bridge br9", "there is no bridge br9 on the host"),
        (f"create tap id 0 host-ns {space.name} host-if-name lo", "Invalid argument"),
        (f"create tap id 0 host-ns {space.name} host-if-name a-name-much-too-long", "cannot name a host interface"),
        (f"create tap id 0 host-ns {space.name} host-ip4-gw 192.0.2.1", "gateway 192.0.2.1"),
        (f"create tap id 0 host-ns {space.name} host-mtu-size 10", "Invalid argument"),
        (f"create tap id 0 host-ns {space.name} num-rx-queues 300", "tap tap0"),
    ]:
        with pytest.raises(CliError, match=says):
            vpp.cli(line)
        assert links(space) == ["lo"]
        assert "tap0" not in vpp.interfaces.by_name
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_number_in_use_is_refused(vpp, namespace):
    space = namespace("a")
    connect(vpp, space)
    with pytest.raises(CliError, match="interface already exists"):
        vpp.cli(f"create tap id 0 host-ns {space.name} host-if-name other")
    assert links(space) == ["lo", "eth0"]


def test_a_namespace_that_goes_takes_its_tap_and_nothing_else(vpp, namespace, needs):
    needs("ping")
    stays = namespace("b")
    with_goes = namespace("a")
    connect(vpp, with_goes, 0)
    connect(vpp, stays, 1)
    with_goes.run("true")
    subprocess.run(["ip", "netns", "del", with_goes.name], check=True)
    subprocess.run(["ip", "netns", "add", with_goes.name], check=True)  # for the fixture to delete
    assert "2 received" in stays.run("ping", "-c2", "-i0.05", "-W2", "10.1.0.1")
    vpp.cli("delete tap tap0")


def test_what_the_host_does_not_take_is_dropped_and_counted(vpp, namespace):
    space = namespace("a")
    connect(vpp, space)
    vpp.cli(f"set ip arp static tap0 10.0.0.2 {space.run('cat', '/sys/class/net/eth0/address').strip()}")
    space.ip("link", "set", "eth0", "down")
    request = ethernet(echo("10.0.0.2", "10.0.0.1"), dst=vpp.interfaces.get("tap0").mac)
    run = vpp.replay({"tap0": [request] * 3})
    assert run.drops == {("tap0-tx", "no free tx slots"): 3}
    assert vpp.interfaces.counters(vpp.interfaces.get("tap0"))["tx-error"] == 3
    assert vpp.buffers.in_use == 0


def test_an_interface_that_is_down_receives_nothing(vpp, namespace):
    space = namespace("a")
    connect(vpp, space)
    vpp.cli("set interface state tap0 down")
    sender = space.inside(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
    with sender:
        sender.bind(("eth0", 0))
        sender.send(b"\xff" * 12 + b"\x08\x06" + bytes(46))
        assert not until(lambda: vpp.graph.totals()["received"], 0.2)
        vpp.cli("set interface state tap0 up")
        assert until(lambda: vpp.graph.totals()["received"])


def test_several_queues(vpp, namespace):
    """Linux spreads flows over the queues; all of them are read, and answered."""
    space = namespace("a")
    connect(vpp, space, 0, "num-rx-queues 4")
    assert len(vpp.interfaces.get("tap0").device.fds) == 4
    ports = space.python(
        """
        import socket
        sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(64)]
        for each in sockets:
            each.sendto(b"hello", ("10.0.0.1", 7))
        print(len(sockets))
        """
    )
    assert until(lambda: vpp.graph.totals()["received"] >= int(ports))
    used = [queue for queue in vpp.live.stats()[0]["queues"] if queue["packets"]]
    assert len(used) > 1


def test_the_trace_shows_the_virtio_header(vpp, namespace):
    space = namespace("a")
    connect(vpp, space)
    vpp.cli("trace add virtio-input 10")
    space.python(
        """
        import socket
        with socket.socket() as tcp:
            tcp.settimeout(0.2)
            try:
                tcp.connect(("10.0.0.1", 80))
            except OSError:
                pass
        """
    )
    text = vpp.cli("show trace")
    assert "virtio: hw_if_index 1 next-index 4 vring 0 len 74" in text
    assert "hdr: flags 0x01 gso_type 0x00 hdr_len 0 gso_size 0 csum_start 34 csum_offset 16 num_buffers 1" in text


def test_a_detached_tap_needs_no_privilege():
    with Engine() as vpp:
        vpp.cli("create tap id 2 host-ns nowhere host-if-name x host-bridge br0 num-rx-queues 2")
        assert vpp.cli("show interface").count("tap2") == 1
