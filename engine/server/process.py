"""What the startup file says about the process itself: cores, core dumps, the file with its number."""

import contextlib
import os
import resource
from collections.abc import Iterator
from pathlib import Path

from engine.errors import ControlError
from engine.startup import Startup

DUMP_ALL = "0x6f\n"  # of /proc/self/coredump_filter, core(5): also mapped memory that is shared


def prepare(startup: Startup) -> None:
    """Settle on the core and the core dumps that the startup file wants.

    Raises:
        ControlError: the machine does not have that core, or does not allow it.
    """
    unix = startup.unix
    try:
        if startup.cpu.main_core is not None:
            os.sched_setaffinity(0, {startup.cpu.main_core})
    except OSError as error:
        raise ControlError(f"cpu: main-core {startup.cpu.main_core}: {error.strerror}") from None
    try:
        if unix.full_coredump:
            Path("/proc/self/coredump_filter").write_text(DUMP_ALL)
        if unix.coredump_size is not None:
            size = resource.RLIM_INFINITY if unix.coredump_size < 0 else unix.coredump_size
            resource.setrlimit(resource.RLIMIT_CORE, (size, size))
    except (OSError, ValueError) as error:
        raise ControlError(f"unix: core dumps: {error}") from None


@contextlib.contextmanager
def pidfile(path: str) -> Iterator[None]:
    """The file with the process's number while it serves; what a dead one left there is overwritten.

    Raises:
        ControlError: it cannot be written.
    """
    try:
        Path(path).write_text(f"{os.getpid()}\n")
    except OSError as error:
        raise ControlError(f"cannot write {path}: {error.strerror}") from None
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.unlink(path)
