import os
import subprocess
import sys
from pathlib import Path

import pytest

from shell import embedded as embedded_module

ROOT = Path(__file__).parents[2]
ENGINE = [sys.executable, "-m", "engine.server.main"]


@pytest.fixture
def vppsh(monkeypatch, tmp_path, capfd):
    """Run vppsh in this process: (exit status, standard output, standard error)."""
    from shell import main

    monkeypatch.setattr(embedded_module, "COMMAND", ENGINE)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)

    def run(*argv):
        capfd.readouterr()
        try:
            status = main.main(argv)
        except SystemExit as end:  # argparse
            status = end.code
        out, err = capfd.readouterr()
        return status, out, err

    return run


@pytest.fixture
def engine(tmp_path):
    """A vppengine in the background: the path of its socket."""
    path = str(tmp_path / "engine.sock")
    process = subprocess.Popen(
        [*ENGINE, "--socket", path], stdout=subprocess.PIPE, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert process.stdout.readline() == f"listening on {path}\n".encode()
    yield path
    process.terminate()
    assert process.wait(10) == 0
    process.stdout.close()
