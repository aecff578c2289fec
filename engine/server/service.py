"""The life of the daemon: ready, serving, told by signals, drained, gone."""

import logging
import os
import signal
import sys
from functools import partial
from typing import Any

from engine.errors import ControlError
from engine.lab import Lab

from .logs import Log, event
from .server import Server
from .systemd import notify, watchdog_interval

log = logging.getLogger("vppengine")

FLUSH_INTERVAL = 1.0  # seconds that a killed engine's captures may lack
PATIENCE = 3.0  # seconds in which clients may take the answers they wait for


def serve(server: Server, logs: Log, attached: bool = False) -> None:
    """Run the server until SIGTERM or SIGINT, or until standard input ends when attached. SIGHUP reopens the log.

    Then no new connection is taken, and those that wait for an answer get it. A second signal ends that, too.
    """
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)  # a signal ends the wait of the selector
    server.watch(woken, partial(_drain_pipe, woken))
    ended: list[str] = []

    def end(number: int, frame: Any) -> None:
        if ended:
            raise KeyboardInterrupt
        ended.append(signal.Signals(number).name)
        server.stop()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGHUP, lambda *_: _reload(logs))
    if attached:
        server.watch(sys.stdin.fileno(), lambda: None if os.read(0, 4096) else server.stop())
    _keep_alive(server)
    _keep_captures(server)
    print(f"listening on {server.path}", flush=True)
    event(log, logging.INFO, "ready", socket=server.path, pid=os.getpid())
    notify("READY=1", f"STATUS=listening on {server.path}")
    server.run()
    notify("STOPPING=1", "STATUS=draining")
    event(log, logging.INFO, "ending", reason=ended[0] if ended else "told to")
    server.drain(PATIENCE)


def _drain_pipe(fd: int) -> None:
    os.read(fd, 64)


def _reload(logs: Log) -> None:
    """What SIGHUP asks for."""
    try:
        logs.reopen()
    except OSError as error:
        event(log, logging.ERROR, "cannot reopen the log", path=logs.path, reason=error.strerror)
    else:
        event(log, logging.INFO, "log reopened", path=logs.path)


def _keep_captures(server: Server) -> None:
    """Bring what was captured into the files now and then: a process that is killed does not come to it."""
    engines = list(server.vpp.nodes.values()) if isinstance(server.vpp, Lab) else [server.vpp]

    def flush() -> None:
        for engine in engines:
            try:
                engine.captures.flush()
            except ControlError as error:
                event(log, logging.ERROR, "cannot write a capture", reason=str(error))
        server.call_later(FLUSH_INTERVAL, flush)

    flush()


def _keep_alive(server: Server) -> None:
    """Tell systemd's watchdog, if there is one, that requests are still served."""
    interval = watchdog_interval()
    if interval is None:
        return
    wait: float = interval

    def beat() -> None:
        notify("WATCHDOG=1")
        server.call_later(wait, beat)

    beat()
