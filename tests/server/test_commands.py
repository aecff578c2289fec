"""Commands that belong to no feature."""

import pytest

from engine import CliError


def test_show_version(vpp):
    assert vpp.cli("show version").startswith("vpp v18.10")
    assert vpp.cli("show version verbose").splitlines()[0].startswith("Version:                  v18.10")
    assert vpp.cli_data("show version")["version"].startswith("18.10")
    assert vpp.cli("show version cmdline").startswith("Command line arguments:\n")


def test_comments(vpp):
    assert vpp.cli("comment foo") == ""
    assert vpp.cli("comment { foo bar }") == ""
    assert vpp.cli("comment foo show version").startswith("vpp v")


def test_uncomment_runs(vpp):
    assert vpp.cli("uncomment { show version }").startswith("vpp v")
    with pytest.raises(CliError) as caught:
        vpp.cli("uncomment { show trace max foo }")
    assert str(caught.value) == "show trace: expected 'max COUNT', got `max foo'"
    assert caught.value.path == "show trace"


def test_history_is_the_consoles(vpp):
    assert vpp.cli("history", check=False) == "history: invalid for non-interactive sessions\n"


class TestExec:
    def test_runs_the_lines(self, vpp, tmp_path):
        path = tmp_path / "node.vpp"
        path.write_text("create packet-generator interface pg0 # the first\nshow version\n")
        assert vpp.cli(f"exec {path}").startswith("vpp v")
        assert "pg0" in vpp.cli("show interface")

    def test_an_error_names_file_and_line(self, vpp, tmp_path):
        inner, outer = tmp_path / "inner", tmp_path / "outer"
        inner.write_text("\n\nfoo\n")
        outer.write_text(f"show version\nexec {inner}\n")
        with pytest.raises(CliError) as caught:
            vpp.exec(outer)
        assert (caught.value.file, caught.value.line) == (str(inner), 3)
        assert str(caught.value) == f"{inner}:3: unknown input `foo'"
        assert caught.value.output.startswith("vpp v")

    def test_a_file_that_runs_itself(self, vpp, tmp_path):
        path = tmp_path / "loop"
        path.write_text(f"exec {path}\n")
        with pytest.raises(CliError, match="nested too deeply"):
            vpp.exec(path)
        assert vpp.cli("show version").startswith("vpp v")

    @pytest.mark.parametrize(
        ("line", "error"),
        [
            ("exec", "exec: expecting file name, got `'"),
            ("exec /none", "exec: failed to open `/none': No such file or directory"),
            ("exec /tmp", "exec: not a regular file `/tmp'"),
        ],
    )
    def test_files_that_cannot_be_read(self, vpp, line, error):
        assert vpp.cli(line, check=False) == error + "\n"
