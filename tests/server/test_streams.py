"""Requests in steps: output in pieces, others served meanwhile, cancelled at any time."""

import pytest
from dpkt.pcap import Writer

from engine.cli import CommandTable, Registry
from shell.client import Client, RemoteError

FRAME = bytes.fromhex("ffffffffffff0200000000010800") + bytes(46)


def write(path, n, apart=0.0):
    with open(path, "wb") as file:
        writer = Writer(file)
        for i in range(n):
            writer.writepkt(FRAME, 1.0 + i * apart)
    return str(path)


@pytest.fixture
def endless(vpp):
    """A command that prints for ever."""
    commands = CommandTable()

    @commands.command("show for ever", help="")
    def show_for_ever(vpp, args):
        while True:
            yield "again\n" * 100

    vpp.registry = Registry([commands])
    return vpp


def collect(stream):
    told = []
    while True:
        try:
            told.append(next(stream))
        except StopIteration as end:
            return told, end.value


def interrupt(stream):
    """As Ctrl-C does, while the output is being printed."""
    stream.throw(KeyboardInterrupt())
    return collect(stream)


def test_output_and_result(client):
    told, result = collect(client.stream("cli_stream", cmd="show version"))
    assert "".join(text for _, text in told) == client.cli("show version")
    assert result == {"notices": []}


def test_strict(client):
    line = "create packet-generator interface pg1 oops"
    assert collect(client.stream("cli_stream", cmd=line))[1] == {"notices": []}
    (notice,) = collect(client.stream("cli_stream", cmd=line, strict=True))[1]["notices"]
    assert notice["message"] == "create packet-generator: ignored `oops'"


def test_an_error_behind_output(client):
    stream = client.stream("cli_stream", cmd="show version foo")
    assert next(stream)[1].startswith("vpp v")
    with pytest.raises(RemoteError, match="unknown input `foo'") as error:
        next(stream)
    assert (error.value.output, error.value.unread.strip()) == ("", "foo")


def test_a_file(client, tmp_path):
    path = tmp_path / "lines"
    path.write_text("show version\ncreate packet-generator interface pg1 oops\n\nfoo\n")
    with pytest.raises(RemoteError) as error:
        collect(client.stream("exec_stream", path=str(path), strict=True))
    assert (error.value.file, error.value.line) == (str(path), 4)
    assert [(notice["file"], notice["line"]) for notice in error.value.notices] == [(str(path), 2)]


def test_giving_up_ends_it_and_the_connection_goes_on(endless, client):
    stream = client.stream("cli_stream", cmd="show for ever")
    assert next(stream)[1].startswith("again")
    stream.close()
    assert client.call("nodes") == []


def test_interrupted(endless, client):
    stream = client.stream("cli_stream", cmd="show for ever")
    next(stream)
    with pytest.raises(KeyboardInterrupt):
        interrupt(stream)
    assert client.call("nodes") == []


def test_others_are_served_meanwhile(endless, server, client):
    stream = client.stream("cli_stream", cmd="show for ever")
    next(stream)
    with Client(server.path) as other:
        assert other.call("status")["received"] == 0
    stream.close()


def test_a_client_that_does_not_read_holds_nobody_up(endless, server, client):
    lazy = Client(server.path)
    lazy.ask("cli_stream", cmd="show for ever")
    assert client.call("nodes") == []
    lazy.close()
    assert client.call("nodes") == []


def test_requests_behind_one_another_keep_their_order(client):
    first = client.ask("cli_stream", cmd="show version")
    second = client.ask("nodes")
    while client.answered(second) is None:
        pass
    assert client.answered(first) == {"notices": []}


def test_nothing_is_waited_for(client):
    asked = client.ask("status")
    answer = None
    while answer is None:
        answer = client.answered(asked)
    assert answer["sessions"] == {"acl": 0, "nat44": 0}


class TestReplay:
    @pytest.fixture
    def pg0(self, client):
        client.cli("create packet-generator interface pg0")
        client.cli("set interface state pg0 up")

    def test_progress_and_summary(self, client, pg0, tmp_path):
        path = write(tmp_path / "in.pcap", 10_000)
        told, run = collect(client.stream("replay_stream", inputs={"pg0": path}, trace=3))
        last = {"packets": 10_000, "bytes": 600_000, "total_packets": 10_000, "total_bytes": 600_000}
        assert told[-1] == ("progress", last)
        assert (run["received"], run["dropped"], run["interrupted"]) == (10_000, 10_000, False)
        assert run["sessions"]["nat44"] == {"now": 0, "made": 0}
        assert len(client.data("show trace")["packets"]) == 3

    def test_the_pace_of_the_capture(self, client, pg0, tmp_path):
        path = write(tmp_path / "in.pcap", 5, 0.1)
        _, run = collect(client.stream("replay_stream", inputs={"pg0": path}, speed=2.0))
        assert 0.15 < run["seconds"] < 2
        assert run["received"] == 5

    def test_interrupted_while_it_waits(self, client, pg0, tmp_path):
        path = write(tmp_path / "in.pcap", 2, 3600.0)
        stream = client.stream("replay_stream", inputs={"pg0": path}, speed=1.0)
        assert next(stream)[1]["packets"] == 1
        with pytest.raises(StopIteration) as end:
            stream.throw(KeyboardInterrupt())
        assert end.value.value["interrupted"]
        assert end.value.value["received"] == 1

    def test_one_at_a_time_and_others_are_served(self, client, server, pg0, tmp_path):
        path = write(tmp_path / "in.pcap", 2, 3600.0)
        stream = client.stream("replay_stream", inputs={"pg0": path}, speed=1.0)
        next(stream)
        with Client(server.path) as other:
            assert "pg0" in other.cli("show interface")
            with pytest.raises(RemoteError, match="another replay is under way"):
                collect(other.stream("replay_stream", inputs={"pg0": path}))
        stream.close()
        assert collect(client.stream("replay_stream", inputs={"pg0": path}))[1]["received"] == 2

    def test_its_interface_goes_away(self, client, server, tmp_path):
        client.cli("create tap id 9")
        client.cli("set interface state tap9 up")
        path = write(tmp_path / "in.pcap", 3, 0.3)
        stream = client.stream("replay_stream", inputs={"tap9": path}, speed=1.0)
        next(stream)
        with Client(server.path) as other:
            other.cli("delete tap tap9")
        with pytest.raises(RemoteError, match="tap9 was deleted"):
            collect(stream)
        assert "tap9" not in client.cli("show interface")

    @pytest.mark.parametrize("inputs", [{"pg9": "x"}, {"pg0": "none.pcap"}])
    def test_what_cannot_be_replayed(self, client, pg0, inputs):
        with pytest.raises(RemoteError):
            collect(client.stream("replay_stream", inputs=inputs))
        assert client.call("nodes") == []
