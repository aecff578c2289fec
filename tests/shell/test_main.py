"""vppsh and vppengine, as they are typed."""

import io
import os
import signal
import subprocess
import sys
import time

import pytest

from .conftest import ENGINE, ROOT


def test_one_command_in_an_engine_of_its_own(vppsh):
    status, out, err = vppsh("show", "interface")
    assert (status, err) == (0, "")
    assert "local0" in out


def test_an_error_is_printed_as_vppctl_does(vppsh):
    assert vppsh("set", "interface", "state", "foo", "up") == (
        0,
        "set interface state: unknown interface `foo up'\n",
        "",
    )


def test_words_that_look_like_options(vppsh):
    assert vppsh("foo", "-", "--json", "-f") == (0, "unknown input `foo - --json -f'\n", "")


def test_attaching_to_a_running_engine(vppsh, engine):
    assert vppsh("--socket", engine, "create packet-generator interface pg0") == (0, "", "")
    assert "pg0" in vppsh("-s", engine, "show", "interface")[1]


def test_piped_lines(vppsh, monkeypatch):
    monkeypatch.setattr(
        sys, "stdin", io.StringIO("create packet-generator interface pg3\n\nfoo\nshow interface\nquit\nbar\n")
    )
    status, out, err = vppsh()
    assert (status, err) == (0, "")
    first, _, rest = out.partition("\n")
    assert first == "unknown input `foo'"
    assert "pg3" in rest
    assert "bar" not in out
    assert "vpp#" not in out


def test_a_file_and_then_a_command(vppsh, tmp_path):
    (tmp_path / "node.vpp").write_text("create packet-generator interface pg7\nshow version\n")
    status, out, err = vppsh("-f", "node.vpp", "show", "interface")
    assert (status, err) == (0, "")
    assert out.startswith("vpp v")
    assert "pg7" in out


def test_a_file_that_is_refused(vppsh, tmp_path):
    (tmp_path / "node.vpp").write_text("show version\nset interface state pg9 up\nshow interface\n")
    status, out, err = vppsh("-f", "node.vpp", "show", "interface")
    assert status == 1
    assert out.startswith("vpp v")
    assert "local0" not in out
    assert err == "vppsh: node.vpp:2: set interface state: unknown interface `pg9 up'\n"


def test_a_file_that_is_not_there(vppsh):
    status, out, err = vppsh("-f", "none.vpp")
    assert (status, out) == (1, "")
    assert err == "vppsh: cannot read none.vpp: No such file or directory\n"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "No such file or directory"),
        (lambda path: path.write_text(""), "Connection refused"),
    ],
)
def test_no_engine_at_the_socket(vppsh, tmp_path, make, reason):
    path = tmp_path / "engine.sock"
    make(path)
    status, out, err = vppsh("--socket", str(path), "show version")
    assert (status, out) == (1, "")
    assert err == f"vppsh: cannot connect to {path}: {reason}\n"


def test_an_engine_that_does_not_start(vppsh):
    status, out, err = vppsh("--profile", "99.99", "show version")
    assert (status, out) == (1, "")
    assert "99.99" in err
    assert "Traceback" not in err


def test_options_before_replay(vppsh):
    status, _, err = vppsh("--profile", "18.10", "replay", "--trace", "x")
    assert status == 2
    assert "expected a number of packets" in err


def test_wrong_usage(vppsh):
    status, _, err = vppsh("--nonsense")
    assert status == 2
    assert "usage: vppsh" in err


def test_help(vppsh):
    assert "--socket" in vppsh("--help")[1]
    assert "--input" in vppsh("replay", "--help")[1]


def spawn(*argv, **options):
    code = f"import sys, shell.embedded as e; e.COMMAND = {ENGINE!r}; from shell.main import main; sys.exit(main())"
    return subprocess.Popen(
        [sys.executable, "-c", code, *argv], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
    )


def test_a_reader_that_leaves(tmp_path):
    process = spawn("help", env=os.environ | {"PYTHONUNBUFFERED": "1"})
    process.stdout.close()
    assert process.wait(20) == 141
    assert process.stderr.read() == b""
    process.stderr.close()


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_embedded_engine_ends_with_a_shell_that_is_killed():
    process = spawn(stdin=subprocess.PIPE)
    deadline = time.monotonic() + 20
    while not children(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    (engine,) = children(process.pid)
    time.sleep(0.2)
    process.kill()
    process.communicate()
    while alive(engine) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(engine)


class TestDaemon:
    def run(self, *argv):
        return subprocess.run([*ENGINE, *argv], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)

    def test_its_configuration(self, tmp_path):
        config = tmp_path / "node.vpp"
        config.write_text("show version\n\nset interface state pg9 up\n")
        ended = self.run("--config", str(config), "--socket", str(tmp_path / "s"))
        assert ended.returncode == 1
        assert ended.stderr == f"vppengine: {config}:3: set interface state: unknown interface `pg9 up'\n"

    def test_a_socket_it_cannot_make(self, tmp_path):
        ended = self.run("--socket", str(tmp_path / "none" / "s"))
        assert ended.returncode == 2
        assert "cannot listen" in ended.stderr
        assert "Traceback" not in ended.stderr

    def test_a_signal_ends_it_and_takes_the_socket_away(self, tmp_path):
        path = tmp_path / "s"
        process = subprocess.Popen([*ENGINE, "--socket", str(path)], cwd=ROOT, stdout=subprocess.PIPE)
        process.stdout.readline()
        assert path.exists()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert not path.exists()
        process.stdout.close()
