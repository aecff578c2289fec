"""Work that leaves no state: it is done by a child process, whose memory is a copy of ours."""

import contextlib
import gc
import json
import os
import signal
from collections.abc import Callable
from typing import Any

from engine.errors import VppshError

PATIENCE = 10  # seconds, after which a child that hangs is ended
CHUNK = 1 << 16


class DryRunError(VppshError, RuntimeError):
    """The dry run could not be made, or did not come to its end; nothing was changed."""


def dry_run(work: Callable[[], Any]) -> Any:
    """What `work` returns (plain data), done in a copy of this process: here nothing changes.

    The copy shares pages with us until it writes, and writes few. It has none of our files and sockets, so nothing
    that it sends or flushes reaches anybody, and ends without running what this process would run at its end.

    Raises:
        DryRunError: there is no memory for a child, or it was ended.
        VppshError: of `work`, as its text.
    """
    reading, writing = os.pipe()
    try:
        child = os.fork()
    except OSError as error:
        os.close(reading)
        os.close(writing)
        raise DryRunError(f"no process for a dry run: {error.strerror}") from error
    if child == 0:
        _work(work, writing)
    os.close(writing)
    try:
        said = _read(reading)
    finally:
        status = _end(child)
    if not said:
        raise DryRunError(f"the dry run ended early ({_ending(status)})")
    answer = json.loads(said)
    if "refused" in answer:
        raise VppshError(answer["refused"])
    if "failed" in answer:
        raise DryRunError(f"the dry run failed: {answer['failed']}")
    return answer["result"]


def _work(work: Callable[[], Any], writing: int) -> None:
    """The child: it never returns."""
    try:
        gc.disable()  # a collection would write to every page
        signal.alarm(PATIENCE)
        os.closerange(0, writing)
        os.closerange(writing + 1, os.sysconf("SC_OPEN_MAX"))
        try:
            answer = {"result": work()}
        except VppshError as error:
            answer = {"refused": str(error)}
        except Exception as error:
            answer = {"failed": f"{type(error).__name__}: {error}"}
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(json.dumps(answer).encode())
    finally:
        os._exit(0)


def _read(reading: int) -> bytes:
    with os.fdopen(reading, "rb", CHUNK) as pipe:
        return pipe.read()


def _end(child: int) -> int:
    """Wait for a child that has said its word, or is not to say it any more."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    try:
        return os.waitpid(child, 0)[1]
    except ChildProcessError:  # whoever embeds the engine has somebody else who waits for children
        return 0


def _ending(status: int) -> str:
    return f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"status {os.waitstatus_to_exitcode(status)}"
