"""The sockets: many connections, one engine.

Everything happens in one thread: requests are served one after the other in the order of their arrival, while no
packet moves. An engine that replays moves them in this thread too; of a live one the packet threads stand still.
"""

import contextlib
import heapq
import logging
import os
import selectors
import socket
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

from .cli_listen import CliConnection
from .logs import event
from .protocol import ProtocolError
from .rpc import RpcConnection
from .sockets import Connection, listen, listen_tcp

log = logging.getLogger("vppengine")

DRAIN_STEP = 0.05  # seconds
Timer = tuple[float, int, Callable[[], None]]


class Server:
    """Serves an engine, or the engines of a lab, on a unix socket, and on others if asked to.

    Args:
        vpp: the engine, or the lab.
        path: of the control socket; made with mode 0600. A socket nobody listens on any more is replaced.
        listener: the control socket, where it is there already; it is not taken away at the end.
        group: who else may use the socket, by number of the group.

    Attributes:
        cli_addresses: where vppctl may connect to.

    Raises:
        OSError: the path cannot be used, or another server listens there.
    """

    def __init__(
        self, vpp: Any, path: str, listener: socket.socket | None = None, group: int | None = None
    ) -> None:
        self.vpp = vpp
        self.path = path
        self.running = True
        self._selector = selectors.DefaultSelector()
        self._paths: list[str] = []
        self._timers: list[Timer] = []
        self._timer_numbers = count()
        self.cli_addresses: list[Any] = []
        self._listeners: list[socket.socket] = []
        self._connections: set[Connection] = set()
        self._listen(listener or self._make(path, group), lambda sock: RpcConnection(sock, vpp))

    def listen_cli(self, path: str, listener: socket.socket | None = None, group: int | None = None) -> None:
        """Serve vppctl, too, on a socket of that path, or on `host:port`.

        Raises:
            OSError: as for the control socket.
        """
        listener = listener or (self._make(path, group) if "/" in path or ":" not in path else listen_tcp(path))
        self.cli_addresses.append(listener.getsockname())
        self._listen(listener, lambda sock: CliConnection(sock, self.vpp, self.call_later))

    def watch(self, fd: int, ready: Callable[[], None]) -> None:
        """Have `ready` called when the file descriptor can be read."""
        self._selector.register(fd, selectors.EVENT_READ, lambda mask: ready())

    def call_later(self, seconds: float, due: Callable[[], None]) -> None:
        """Have `due` called once, that much later."""
        heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._timer_numbers), due))

    def stop(self) -> None:
        """Make `run` return."""
        self.running = False

    def run(self) -> None:
        """Serve until `stop`."""
        while self.running:
            self.step(None)

    def step(self, timeout: float | None = 0) -> None:
        """Serve what is ready, waiting up to `timeout` seconds for something (None: for ever)."""
        if self._timers:
            left = max(self._timers[0][0] - time.monotonic(), 0)
            timeout = left if timeout is None else min(timeout, left)
        ready = self._selector.select(timeout)
        with self.vpp.parked():
            for key, mask in ready:
                key.data(mask)
            now = time.monotonic()  # what is put off meanwhile waits for another turn, behind what the sockets bring
            while self._timers and self._timers[0][0] <= now:
                heapq.heappop(self._timers)[2]()

    def drain(self, seconds: float) -> None:
        """Take no new connections, and let those that wait for an answer have it, for so long at most."""
        for listener in self._listeners:
            self._selector.unregister(listener)
            listener.close()
        self._listeners.clear()
        until = time.monotonic() + seconds
        while any(connection.owed for connection in self._connections) and time.monotonic() < until:
            self.step(DRAIN_STEP)

    def close(self) -> None:
        """End all connections and take the sockets away."""
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._selector.close()
        for path in self._paths:
            with contextlib.suppress(OSError):
                os.unlink(path)

    def _make(self, path: str, group: int | None) -> socket.socket:
        listener = listen(path, group)
        self._paths.append(path)
        return listener

    def _listen(self, listener: socket.socket, connect: Callable[[socket.socket], Connection]) -> None:
        self._listeners.append(listener)
        self._selector.register(listener, selectors.EVENT_READ, lambda mask: self._accept(listener, connect))

    def _accept(self, listener: socket.socket, connect: Callable[[socket.socket], Connection]) -> None:
        try:
            sock, _ = listener.accept()
        except OSError as error:  # it hung up meanwhile, or there is no descriptor left
            event(log, logging.WARNING, "cannot accept a connection", reason=str(error))
            time.sleep(0.01)  # the listener stays ready: do not spin
            return
        connection = connect(sock)
        connection.later = lambda seconds, work: self.call_later(seconds, partial(self._work, connection, work))
        self._connections.add(connection)
        self._selector.register(sock, connection.events, partial(self._serve, connection))

    def _serve(self, connection: Connection, mask: int) -> None:
        """Answer what a client sent; whatever is wrong with it ends this connection alone."""

        def exchange() -> None:
            if mask & selectors.EVENT_WRITE:
                connection.flush()
            if mask & selectors.EVENT_READ:
                connection.read()

        self._work(connection, exchange)

    def _work(self, connection: Connection, work: Callable[[], None]) -> None:
        """Do something for a client, unless it has gone; then wait for what it is to do next."""
        if connection.sock.fileno() < 0:
            return
        try:
            work()
            if not connection.events:
                self._drop(connection, None)
            elif self._selector.get_key(connection.sock).events != connection.events:
                self._selector.modify(connection.sock, connection.events, partial(self._serve, connection))
        except BlockingIOError:
            pass
        except (ProtocolError, OSError) as error:
            self._drop(connection, error)

    def _drop(self, connection: Connection, error: Exception | None) -> None:
        if error is not None:
            event(log, logging.WARNING, "connection closed", reason=str(error))
        self._connections.discard(connection)
        self._selector.unregister(connection.sock)
        connection.close()
