"""vppengine as a service: signals, systemd, logs, and what a killed one leaves behind."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from configparser import ConfigParser
from pathlib import Path

import msgpack
import pytest

from engine.devices.pcap.capture import open_capture
from engine.server.main import parser
from engine.server.protocol import Decoder
from engine.server.systemd import inherited_sockets, notify, watchdog_interval
from shell.client import Client

ROOT = Path(__file__).parents[2]
ENGINE = [sys.executable, "-m", "engine.server.main"]
PATIENCE = 20


class Daemon:
    """A vppengine in the background."""

    def __init__(self, *options, **how):
        self.process = subprocess.Popen(
            [*ENGINE, *map(str, options)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how
        )
        self.path = self.process.stdout.readline().removeprefix("listening on ").rstrip()

    def end(self, number=signal.SIGTERM):
        """Its exit status after a signal, and what it said on standard error."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE), self.process.stderr.read()


@pytest.fixture
def start(tmp_path):
    daemons = []

    def run(*options, **how):
        daemons.append(Daemon("--socket", tmp_path / "s", *options, **how))
        return daemons[-1]

    yield run
    for daemon in daemons:
        with contextlib.suppress(OSError):
            daemon.process.kill()
        daemon.process.wait()
        daemon.process.stdout.close()
        daemon.process.stderr.close()


def run_to_its_end(*options, said=""):
    return subprocess.run([*ENGINE, *map(str, options)], cwd=ROOT, input=said, capture_output=True, text=True,
                          timeout=PATIENCE, check=False)  # fmt: skip


def logged(path, message):
    """The first event of that message in a log of JSON lines, once it is there."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for line in Path(path).read_text().splitlines() if Path(path).exists() else ():
            if (found := json.loads(line))["msg"] == message:
                return found
        time.sleep(0.02)
    raise AssertionError(f"{message} was not logged")


# ---- what it is told


def test_a_startup_file(start, tmp_path):
    setup, conf, log = tmp_path / "setup.vpp", tmp_path / "startup.conf", tmp_path / "log"
    setup.write_text("create packet-generator interface pg0\n")
    conf.write_text(
        f"unix {{\n nodaemon\n exec {setup}\n cli-listen {tmp_path}/cli.sock\n log {log}\n gid {os.getgid()}\n"
        f" pidfile {tmp_path}/pid\n full-coredump\n}}\nplugins {{ }}\nnat {{ endpoint-dependent }}\n"
    )
    daemon = start("-c", conf, "--log-format", "json")
    with Client(daemon.path) as client:
        assert "pg0" in client.cli("show interface")
        assert client.call("nat44_show_running_config")["flags"] & 1
    assert (tmp_path / "pid").read_text() == f"{daemon.process.pid}\n"
    assert os.stat(tmp_path / "cli.sock").st_mode & 0o777 == 0o660
    assert os.stat(daemon.path).st_mode & 0o777 == 0o600
    assert Path(f"/proc/{daemon.process.pid}/coredump_filter").read_text() == "0000006f\n"
    assert logged(log, f"{conf}:10: plugins: the section has no effect")["level"] == "warning"
    assert logged(log, "command")["line"] == "show interface"
    assert daemon.end() == (0, "")
    assert not any((tmp_path / name).exists() for name in ("s", "cli.sock", "pid"))


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        ("unix {\n  fancy\n}\n", 1, "{conf}:2: unix: unknown input `fancy'"),
        ("unix { exec {folder}/none.vpp }", 1, "none.vpp"),
        ("unix { log {folder}/none/log }", 2, "cannot write the log {folder}/none/log: No such file"),
        ("unix { cli-listen {folder}/none/cli }", 2, "cannot listen on {folder}/none/cli: No such file"),
        ("unix { pidfile {folder}/none/pid }", 2, "cannot write {folder}/none/pid: No such file"),
        ("cpu { main-core 1023 }", 2, "cpu: main-core 1023: Invalid argument"),
    ],
)
def test_a_startup_file_that_is_refused(tmp_path, text, status, said):
    conf = tmp_path / "startup.conf"
    conf.write_text(text.replace("{folder}", str(tmp_path)))
    ended = run_to_its_end("-c", conf, "--socket", tmp_path / "s")
    assert ended.returncode == status
    assert ended.stderr.startswith("vppengine: ")
    assert said.format(conf=conf, folder=tmp_path) in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "s").exists()


def test_interactive(tmp_path):
    ended = run_to_its_end("--startup", "unix { interactive }", "--socket", tmp_path / "s", said="show version\nquit\n")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "vpp# " in ended.stdout
    assert "vpp v18.01" in ended.stdout


# ---- signals


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_drains_before_it_goes(start, tmp_path, number):
    """A client that waits for an answer gets it; no new one is let in."""
    log = tmp_path / "log"
    daemon = start("--log", log, "--log-format", "json")
    with Client(daemon.path) as client:
        client.cli("create packet-generator interface pg0")
        assert daemon.end(number)[0] == 0
    assert logged(log, "ending")["reason"] == signal.Signals(number).name
    assert not Path(daemon.path).exists()


def test_a_long_answer_is_finished(start, tmp_path):
    daemon = start()
    with Client(daemon.path) as client:
        client.cli("show version")
    with socket.socket(socket.AF_UNIX) as slow:
        slow.connect(daemon.path)
        slow.sendall(b"".join(msgpack.packb([0, number, "cli", ["help"]]) for number in range(400)))
        received = slow.recv(1)  # more is under way than the socket holds
        daemon.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        while data := slow.recv(1 << 20):
            received += data
        answers = list(Decoder().feed(received))
    assert [answer.msgid for answer in answers] == list(range(len(answers)))
    assert len(answers) > 1
    assert daemon.process.wait(PATIENCE) == 0


def test_hangup_reopens_the_log(start, tmp_path):
    log, moved = tmp_path / "log", tmp_path / "log.1"
    daemon = start("--log", log, "--log-format", "json")
    logged(log, "ready")
    log.rename(moved)
    daemon.process.send_signal(signal.SIGHUP)
    assert logged(log, "log reopened")["path"] == str(log)
    with Client(daemon.path) as client:
        assert "local0" in client.cli("show interface")
    assert daemon.end()[0] == 0


# ---- what a killed one leaves


def test_after_kill_9_the_next_one_starts_and_captures_can_be_read(start, tmp_path):
    capture, frames = tmp_path / "rx.pcap", next((ROOT / "pcaps").rglob("*.pcap"))
    daemon = start("--cli-listen", tmp_path / "cli")
    with Client(daemon.path) as client:
        client.cli("create packet-generator interface pg0")
        client.cli("set interface state pg0 up")
        client.call("pcap_trace_on", filename=str(capture), capture_rx=True)
        run = client.call("replay", inputs={"pg0": str(frames)})
        assert run["received"] > 0
        time.sleep(1.2)
    daemon.process.kill()
    daemon.process.wait()
    assert Path(daemon.path).exists()
    source = open_capture(capture)
    assert len(list(source)) == run["received"]
    again = start("--cli-listen", tmp_path / "cli")
    with Client(again.path) as client:
        assert "pg0" not in client.cli("show interface")
    assert again.end() == (0, "")
    assert not (tmp_path / "cli").exists()


# ---- systemd


@pytest.mark.parametrize("abstract", [False, True])
def test_it_tells_systemd_when_it_is_ready_and_when_it_ends(start, tmp_path, abstract):
    address = f"\0vppsh-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(PATIENCE)
        environ = os.environ | {"NOTIFY_SOCKET": address.replace("\0", "@"), "WATCHDOG_USEC": "200000"}
        daemon = start(env=environ)
        said = [manager.recv(4096).decode() for _ in range(3)]
        assert "WATCHDOG=1" in said
        assert f"READY=1\nSTATUS=listening on {daemon.path}" in said
        assert daemon.end()[0] == 0
        manager.settimeout(0)
        with contextlib.suppress(BlockingIOError):
            while True:
                said.append(manager.recv(4096).decode())
    assert "STOPPING=1\nSTATUS=draining" in said
    assert said.count("WATCHDOG=1") >= 2


def test_sockets_that_systemd_opened(tmp_path):
    """The control socket by its name; it is systemd's, and stays when the engine goes."""
    path = tmp_path / "control.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        script = (
            "import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ['LISTEN_PID'] = str(os.getpid()); "
            "os.execv(sys.executable, [sys.executable, '-m', 'engine.server.main'])"
        )
        environ = os.environ | {"LISTEN_FDS": "1", "LISTEN_FDNAMES": "control"}
        process = subprocess.Popen([sys.executable, "-c", script, str(listener.fileno())], cwd=ROOT, env=environ,
                                   pass_fds=[listener.fileno()], stdout=subprocess.PIPE, text=True)  # fmt: skip
        with process.stdout, Client(str(path)) as client:  # before it listens itself: the socket waits for it
            assert "local0" in client.cli("show interface")
            assert process.stdout.readline() == f"listening on {path}\n"
            process.terminate()
            assert process.wait(PATIENCE) == 0
    assert path.exists()


def test_variables_that_are_for_another_process():
    environ = {"LISTEN_PID": "1", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "control"}
    assert inherited_sockets(environ) == {}
    assert environ == {}
    assert watchdog_interval({"WATCHDOG_PID": "1", "WATCHDOG_USEC": "5"}) is None
    assert watchdog_interval({"WATCHDOG_USEC": "3000000"}) == 1.5
    assert watchdog_interval({"WATCHDOG_USEC": "soon"}) is None
    assert not notify("READY=1", environ={})
    assert not notify("READY=1", environ={"NOTIFY_SOCKET": "/no/such/socket"})


def test_units_name_options_that_exist(tmp_path):
    unit = ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(ROOT / "engine/server/vppengine.service")
    assert unit["Service"]["Type"] == "notify"
    command = unit["Service"]["ExecStart"].split()
    assert command[:2] == ["/usr/bin/env", "vppengine"]
    parser().parse_args(command[2:])
    if shutil.which("systemd-analyze"):
        verify = ["systemd-analyze", "--man=no", "verify", ROOT / "engine/server/vppengine.service"]
        subprocess.run(verify, check=True, timeout=PATIENCE)
