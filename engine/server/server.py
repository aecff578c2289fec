"""The control socket: many connections, one engine.

Everything happens in the thread that runs the engine: `Server.step` is called between frames, as VPP's main loop polls
its own sockets, so that requests need no lock and are served one after the other in the order of their arrival.
"""

import contextlib
import errno
import inspect
import logging
import os
import selectors
import socket
import stat
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from engine.cli import CliError
from engine.errors import LabError, VppshError
from engine.lab import Lab
from engine.messages import MessageError

from .methods import KINDS, METHODS, OF_THE_LAB, Notify
from .protocol import NOTIFICATION, RESPONSE, Decoder, ProtocolError, Request, arguments, pack

log = logging.getLogger("vppengine")

CHUNK = 1 << 16
BACKLOG = 32
PAUSE_UNSENT = 1 << 20  # bytes of answers not taken, from which on nothing more is read
MAX_UNSENT = 512 << 20  # and from which on the client is cut off


class Connection:
    """A client: what it sent and is not complete yet, and what it has not taken yet."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.decoder = Decoder()
        self.unsent = bytearray()
        self.ended = False  # nothing more will come; what is unsent still goes out

    @property
    def events(self) -> int:
        """What to wait for; 0 when it is finished."""
        reading = 0 if self.ended or len(self.unsent) > PAUSE_UNSENT else selectors.EVENT_READ
        return reading | (selectors.EVENT_WRITE if self.unsent else 0)

    def send(self, data: bytes) -> None:
        """Queue an answer and send what the client takes now.

        Raises:
            OSError: it is gone, or does not read its answers.
        """
        self.unsent += data
        self.flush()
        if len(self.unsent) > MAX_UNSENT:
            raise OSError(errno.ENOBUFS, "answers are not read")

    def flush(self) -> None:
        """Send what is queued, as far as the client takes it."""
        while self.unsent:
            try:
                count = self.sock.send(self.unsent[: 1 << 20])
            except BlockingIOError:
                return
            del self.unsent[:count]


class Server:
    """Serves an engine, or the engines of a lab, on a unix socket.

    Args:
        vpp: the engine, or the lab.
        path: of the socket; made with mode 0600. A socket nobody listens on any more is replaced.

    Raises:
        OSError: the path cannot be used, or another server listens there.
    """

    def __init__(self, vpp: Any, path: str) -> None:
        self.vpp = vpp
        self.path = path
        self.running = True
        self._selector = selectors.DefaultSelector()
        self._listener = _listen(path)
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)

    def watch(self, fd: int, ready: Callable[[], None]) -> None:
        """Have `ready` called when the file descriptor can be read."""
        self._selector.register(fd, selectors.EVENT_READ, lambda mask: ready())

    def stop(self) -> None:
        """Make `run` return."""
        self.running = False

    def run(self) -> None:
        """Serve until `stop`."""
        while self.running:
            self.step(None)

    def step(self, timeout: float | None = 0) -> None:
        """Serve what is ready, waiting up to `timeout` seconds for something (None: for ever)."""
        for key, mask in self._selector.select(timeout):
            key.data(mask)

    def close(self) -> None:
        """End all connections and take the socket away."""
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._selector.close()
        with contextlib.suppress(OSError):
            os.unlink(self.path)

    def _accept(self, mask: int) -> None:
        try:
            sock, _ = self._listener.accept()
        except OSError as error:  # it hung up meanwhile, or there is no descriptor left
            log.warning("cannot accept a connection: %s", error)
            time.sleep(0.01)  # the listener stays ready: do not spin
            return
        connection = Connection(sock)
        self._selector.register(sock, selectors.EVENT_READ, partial(self._serve, connection))

    def _serve(self, connection: Connection, mask: int) -> None:
        """Answer what a client sent; whatever is wrong with it ends this connection alone."""
        try:
            if mask & selectors.EVENT_WRITE:
                connection.flush()
            if mask & selectors.EVENT_READ:
                self._read(connection)
            if not connection.events:
                self._drop(connection, None)
            elif self._selector.get_key(connection.sock).events != connection.events:
                self._selector.modify(connection.sock, connection.events, partial(self._serve, connection))
        except BlockingIOError:
            pass
        except (ProtocolError, OSError) as error:
            self._drop(connection, error)

    def _read(self, connection: Connection) -> None:
        data = connection.sock.recv(CHUNK)
        connection.ended = not data
        for message in connection.decoder.feed(data):
            if isinstance(message, Request):
                self._answer(connection, message)

    def _drop(self, connection: Connection, error: Exception | None) -> None:
        if error is not None:
            log.warning("connection closed: %s", error)
        self._selector.unregister(connection.sock)
        connection.sock.close()

    def _answer(self, connection: Connection, request: Request) -> None:
        def notify(method: str, *params: Any) -> None:
            with contextlib.suppress(OSError):  # who has gone need not be told; the work is finished all the same
                connection.send(pack([NOTIFICATION, method, list(params)]))

        error, result = call(self.vpp, request, notify)
        if request.msgid is None:
            return
        try:
            data = pack([RESPONSE, request.msgid, error, result])
        except (ValueError, OverflowError, TypeError, RecursionError) as problem:
            log.exception("%s: the result cannot be sent", request.method)
            data = pack([RESPONSE, request.msgid, describe(problem), None])
        connection.send(data)


def call(vpp: Any, request: Request, notify: Notify) -> tuple[dict[str, Any] | None, Any]:
    """Run a request against the engine or lab: (error, result), one of them None."""
    try:
        positional, named = arguments(request.params)
        vpp, named = _addressed(vpp, request.method, named)
        if request.method in METHODS:
            return None, METHODS[request.method](**_fields(request.method, vpp, notify, *positional, **named))
        return None, vpp.api.call(request.method, *positional, **named)
    except (VppshError, ProtocolError, OSError) as error:
        return describe(error), None
    except Exception as error:
        log.exception("%s failed", request.method)
        return describe(error), None


def _addressed(vpp: Any, method: str, named: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Whom the field `node` means, and the other fields. A lab's first node, when it names none.

    Raises:
        LabError: no such node, or no lab.
    """
    fields = {name: value for name, value in named.items() if name != "node"}
    node = named.get("node")
    if not isinstance(vpp, Lab):
        if node is not None:
            raise LabError(f"there is no node {node}: this engine is no lab's")
        return vpp, fields
    if node is not None:
        return vpp[str(node)], fields
    return vpp if method in OF_THE_LAB else next(iter(vpp.nodes.values())), fields


def _fields(method: str, *args: Any, **named: Any) -> dict[str, Any]:
    """The arguments of a method by name.

    Raises:
        MessageError: it has other fields, or they are of another kind.
    """
    try:
        fields = inspect.signature(METHODS[method]).bind(*args, **named).arguments
    except TypeError as error:
        raise MessageError(f"{method}: {error}") from error
    for name, value in fields.items():
        if not isinstance(value, KINDS.get(name, object)):
            raise MessageError(f"{method}: {name} cannot be {value!r:.40}")
    return fields


def describe(error: Exception) -> dict[str, Any]:
    """An exception as the error of a response."""
    if isinstance(error, CliError):
        details = {"output": error.output, "file": error.file, "line": error.line}
        return {"type": "CliError", "message": error.message, **details}
    if isinstance(error, OSError):
        return {"type": "OSError", "message": f"{error.filename}: {error.strerror}" if error.filename else str(error)}
    if isinstance(error, (VppshError, ProtocolError)):
        return {"type": type(error).__name__, "message": str(error)}
    return {"type": "InternalError", "message": f"{type(error).__name__}: {error}"}


def _listen(path: str) -> socket.socket:
    """A listening socket at the path, readable and writable by its owner only."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    previous = os.umask(0o177)
    try:
        _remove_stale(path)
        listener.bind(path)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    finally:
        os.umask(previous)
    return listener


def _remove_stale(path: str) -> None:
    """Take away a socket whose server is gone.

    Raises:
        OSError: there is something else, or somebody answers.
    """
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            raise FileExistsError(errno.EEXIST, "is there and no socket", path)
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
            return
    raise OSError(errno.EADDRINUSE, "another engine listens there", path)
