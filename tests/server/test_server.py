"""The control socket, as clients see it."""

import os
import socket
import stat

import msgpack
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.server.protocol import Decoder
from engine.server.server import Server
from shell.client import Client, RemoteError, UnreachableError


def raw(server):
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(server.path)
    sock.settimeout(10)
    return sock


def receive(sock):
    """The next message, or None when the server hung up."""
    decoder = Decoder()
    while True:
        data = sock.recv(65536)
        if not data:
            return None
        for message in decoder.feed(data):
            return message


def test_only_the_owner_may_use_it(server):
    assert stat.S_IMODE(os.stat(server.path).st_mode) == 0o600


def test_cli_inband_is_what_vppctl_shows(client):
    assert "local0" in client.cli("show interface")
    assert client.cli("foo") == "unknown input `foo'\n"
    assert client.cli("show version foo").endswith("\nunknown input `foo'\n")
    assert client.call("cli_inband", cmd="show interface")["retval"] == 0
    assert client.call("cli_inband", cmd="foo")["retval"] < 0


def test_cli_data(client):
    assert isinstance(client.data("show version"), dict)
    with pytest.raises(RemoteError) as caught:
        client.data("show foo")
    assert (caught.value.kind, str(caught.value)) == ("CliError", "show: unknown input `foo'")


def test_messages_have_vpp_names(client):
    assert client.call("show_version")["program"] == "vpp"
    assert client.call("control_ping")["vpe_pid"] == os.getpid()
    assert client.call("show_threads")["thread_data"][0]["name"] == "vpp_main"
    index = client.call("get_node_index", node_name="ethernet-input")["node_index"]
    assert client.call("get_node_index", node_name="interface-output")["node_index"] != index
    assert client.call("get_next_index", node_name="ethernet-input", next_name="error-drop")["retval"] == 0
    assert client.call("get_node_index", node_name="none")["retval"] < 0
    assert client.call("get_next_index", node_name="ethernet-input", next_name="none")["retval"] < 0


@pytest.mark.parametrize("params", [["show version"], [{"cmd": "show version"}], {"cmd": "show version"}])
def test_params_by_position_and_by_name(server, params):
    with raw(server) as sock:
        sock.sendall(msgpack.packb([0, 7, "cli", params]))
        answer = receive(sock)
        assert (answer.msgid, answer.error) == (7, None)
        assert answer.result.startswith("vpp v")


@pytest.mark.parametrize(
    ("method", "params", "kind"),
    [
        ("no_such_message", [], "MessageError"),
        ("__class__", [], "MessageError"),
        ("cli", [], "MessageError"),
        ("cli", [5], "MessageError"),
        ("cli", [{"line": "show version"}], "MessageError"),
        ("cli", "show version", "ProtocolError"),
        ("cli", [{5: "show version"}], "ProtocolError"),
        ("replay", [5], "MessageError"),
        ("show_version", [{"extra": 1}], "MessageError"),
        ("exec", ["/no/such/file"], "CliError"),
    ],
)
def test_wrong_calls_are_refused_and_the_connection_lives(server, method, params, kind):
    with raw(server) as sock:
        sock.sendall(msgpack.packb([0, 1, method, params]))
        assert receive(sock).error["type"] == kind
        sock.sendall(msgpack.packb([0, 2, "cli", ["show version"]]))
        assert receive(sock).error is None


def test_errors_in_files_name_file_and_line(client, tmp_path):
    config = tmp_path / "node.vpp"
    config.write_text("# first\ncreate packet-generator interface pg0\nset interface state pg9 up\n")
    with pytest.raises(RemoteError) as caught:
        client.call("exec", path=str(config))
    assert (caught.value.file, caught.value.line) == (str(config), 3)
    assert str(caught.value) == "set interface state: unknown interface `pg9 up'"


def test_two_consoles_see_one_engine(server):
    with Client(server.path) as one, Client(server.path) as two:
        one.cli("create packet-generator interface pg0")
        assert "pg0" in two.cli("show interface")
        assert one.cli("show interface") == two.cli("show interface")


def test_requests_sent_at_once_are_answered_in_order(server):
    with raw(server) as sock:
        sock.sendall(b"".join(msgpack.packb([0, number, "control_ping", []]) for number in range(500)))
        decoder, seen = Decoder(), []
        while len(seen) < 500:
            seen += [message.msgid for message in decoder.feed(sock.recv(65536))]
        assert seen == list(range(500))


def test_a_request_in_pieces(server):
    with raw(server) as sock:
        for byte in msgpack.packb([0, 1, "cli", ["show version"]]):
            sock.sendall(bytes([byte]))
        assert receive(sock).error is None


def test_who_stops_sending_still_gets_the_answer(server):
    with raw(server) as sock:
        sock.sendall(msgpack.packb([0, 1, "cli", ["show interface"]]))
        sock.shutdown(socket.SHUT_WR)
        assert "local0" in receive(sock).result
        assert receive(sock) is None


def test_a_notification_has_no_answer(server):
    with raw(server) as sock:
        sock.sendall(msgpack.packb([2, "cli", ["create packet-generator interface pg5"]]))
        sock.sendall(msgpack.packb([0, 1, "cli", ["show interface"]]))
        answer = receive(sock)
        assert answer.msgid == 1
        assert "pg5" in answer.result


@pytest.mark.parametrize(
    "garbage",
    [
        b"\xc1",  # never used by MessagePack
        b"GET / HTTP/1.1\r\n\r\n",
        msgpack.packb({"method": "cli"}),
        msgpack.packb([0, "one", "cli", []]),
        msgpack.packb([0, 1, "cli"]),
        msgpack.packb([0, 1, b"\xff", []]),
        b"\x94\x00\x01\xa1\xff\x90",  # a method that is no UTF-8
        b"\xdd\xff\xff\xff\xff",  # an array of 4 billion
        b"\x91" * 2000,  # arrays in arrays
    ],
)
def test_a_malformed_frame_closes_that_connection_alone(server, client, garbage):
    with raw(server) as sock:
        sock.sendall(garbage)
        assert receive(sock) is None
    assert "local0" in client.cli("show interface")


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_end_the_server(server, data):
    with raw(server) as sock:
        sock.sendall(data)
    with Client(server.path) as client:
        assert "local0" in client.cli("show interface")


scalars = st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=8) | st.binary(max_size=8)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(scalars, inner, max_size=3))
methods = st.sampled_from(["cli", "cli_data", "cli_inband", "complete", "exec", "sw_interface_dump", "replay"])


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(methods, values)
def test_no_params_end_the_server(server, method, params):
    with raw(server) as sock:
        sock.sendall(msgpack.packb([0, 1, method, params]))
        sock.shutdown(socket.SHUT_WR)
        receive(sock)
    with Client(server.path) as client:
        assert "local0" in client.cli("show interface")


def test_who_reads_no_answers_stops_nobody_else(server, client):
    with raw(server) as deaf:
        deaf.setblocking(False)
        request = msgpack.packb([0, 1, "cli", ["help"]]) * 100
        for _ in range(200):
            try:
                deaf.send(request)
            except BlockingIOError:
                break
        assert "local0" in client.cli("show interface")


def test_a_dead_socket_is_replaced_and_a_living_one_is_not(vpp, tmp_path):
    path = str(tmp_path / "engine.sock")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(path)
    server = Server(vpp, path)
    with pytest.raises(OSError, match="another engine"):
        Server(vpp, path)
    server.close()
    assert not os.path.exists(path)


def test_a_file_in_the_way_is_left_alone(vpp, tmp_path):
    path = tmp_path / "precious"
    path.write_text("x")
    with pytest.raises(OSError, match="no socket"):
        Server(vpp, str(path))
    assert path.read_text() == "x"


def test_nobody_there(tmp_path):
    with pytest.raises(UnreachableError, match="No such file"):
        Client(str(tmp_path / "none.sock"))
    with pytest.raises(UnreachableError, match="too long"):
        Client("/" + "x" * 300)


def test_the_engine_goes_away(tmp_path):
    path = str(tmp_path / "engine.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        with Client(path) as client:
            listener.accept()[0].close()
            with pytest.raises(UnreachableError, match=r"closed|broke"):
                client.cli("show version")


def test_who_is_no_engine(tmp_path):
    path = str(tmp_path / "engine.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        with Client(path) as client:
            peer, _ = listener.accept()
            peer.sendall(b"SSH-2.0")
            with pytest.raises(UnreachableError, match="does not speak"):
                client.cli("show version")
            peer.close()
