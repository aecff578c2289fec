"""A lab behind the control socket: whom a request means."""

import threading

import pytest

from engine import Engine
from engine.devices.pcap.writer import PcapWriter
from engine.server.protocol import Request
from engine.server.rpc import call
from engine.server.server import Server
from shell.client import Client, RemoteError

from .frames import udp


@pytest.fixture
def client(lab, tmp_path):
    server = Server(lab, str(tmp_path / "lab.sock"))

    def serve():
        while server.running:
            server.step(0.02)

    thread = threading.Thread(target=serve)
    thread.start()
    with Client(server.path) as client:
        yield client
    server.stop()
    thread.join()
    server.close()


def test_nodes(client):
    assert client.nodes() == ["a", "b"]


def test_the_first_node_answers_when_none_is_named(client):
    assert "tap1" in client.cli("show interface") and "tap2" not in client.cli("show interface")
    assert "tap2" in client.cli("show interface", "b")


def test_every_method_and_message_takes_a_node(client, folder):
    (folder / "more.vpp").write_text("create tap id 7\n")
    client.call("exec", path=str(folder / "more.vpp"), node="b")
    assert "tap7" in [row["name"] for row in client.data("show interface", "b")["interfaces"]]
    assert "tap7" in [row["interface_name"] for row in client.call("sw_interface_dump", node="b")]
    assert "tap7" not in [row["interface_name"] for row in client.call("sw_interface_dump", node="a")]
    assert "tap7" in dict(client.complete("set interface state tap", "b"))
    assert "tap7" not in dict(client.complete("set interface state tap"))


@pytest.mark.parametrize("node", ["c", 3, [], {}])
def test_a_node_that_is_none(client, node):
    with pytest.raises(RemoteError, match="there is no node") as error:
        client.call("cli", cmd="show version", node=node)
    assert error.value.kind == "LabError"


def test_an_engine_alone_has_no_nodes():
    with Engine() as vpp:
        assert call(vpp, Request(1, "nodes", []), print) == (None, [])
        error, _ = call(vpp, Request(1, "cli", {"cmd": "show version", "node": "a"}), print)
        assert error["type"] == "LabError"


def test_replays_of_the_lab_and_of_one_node(client, tmp_path):
    with PcapWriter(tmp_path / "in.pcap") as capture:
        capture.append(udp(1, "10.2.0.2"), 0)
    path = str(tmp_path / "in.pcap")
    run = client.call("replay", inputs={"a:tap1": path}, outputs={"b:tap2": str(tmp_path / "out.pcap")}, trace=5)
    assert (run["transmitted"], run["nodes"]["b"]["received"], run["wires"][0]["received"]) == (1, 1, 1)
    assert (tmp_path / "out.pcap").stat().st_size > 24
    alone = client.call("replay", inputs={"tap1": path}, node="a")
    assert alone["transmitted"] == 1 and "wires" not in alone
    with pytest.raises(RemoteError, match="expected NODE:INTERFACE"):
        client.call("replay", inputs={"tap1": path})
