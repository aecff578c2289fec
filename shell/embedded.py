"""An engine of the shell's own, in a process of its own, on a private socket; it ends with the shell."""

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from .client import Client, UnreachableError

COMMAND = (sys.executable, "-m", "engine.server.main")
PATIENCE = 5  # seconds to end in


class StartError(UnreachableError):
    """The engine did not start; status is its exit status: 1 where a configuration was refused."""

    def __init__(self, said: str, status: int) -> None:
        super().__init__(said)
        self.status = status


@contextlib.contextmanager
def embedded(options: Sequence[str] = ()) -> Iterator[Client]:
    """A client of a new engine, started with the options of vppengine.

    Raises:
        StartError: it did not; the text is what it said about it.
    """
    with tempfile.TemporaryFile() as complaints:
        with tempfile.TemporaryDirectory(prefix="vppsh-") as directory:
            path = str(Path(directory) / "engine.sock")
            process = subprocess.Popen(
                [*COMMAND, "--attached", "--socket", path, *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                start_new_session=True,  # Ctrl-C is for the console
            )
            try:
                client = _connect(process, path, complaints)
            except BaseException:
                _end(process)
                raise
        # the directory has served its purpose: nothing is left behind, however the shell ends
        try:
            with client:
                yield client
        finally:
            _end(process)


def _connect(process: subprocess.Popen[bytes], path: str, complaints: IO[bytes]) -> Client:
    """A client, once the engine says that it listens."""
    assert process.stdout is not None
    if process.stdout.readline():
        return Client(path)
    status = process.wait()
    complaints.seek(0)
    said = complaints.read().decode(errors="replace").strip()
    raise StartError(said.removeprefix("vppengine: ") or "the engine did not start", status)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close its standard input, which ends an attached engine; kill it if that does not help."""
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(OSError):
        process.stdin.close()
    process.stdout.close()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
