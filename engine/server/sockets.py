"""Unix sockets of the server: listening, and connections that wait for slow readers."""

import errno
import os
import selectors
import socket
import stat
from collections.abc import Callable

CHUNK = 1 << 16
BACKLOG = 32
MAX_PORT = 65535
PAUSE_UNSENT = 1 << 20  # bytes of answers not taken, from which on nothing more is read
MAX_UNSENT = 512 << 20  # and from which on the client is cut off


def no_later(seconds: float, work: Callable[[], None]) -> None:
    """Where there is no server there is no later."""
    raise RuntimeError("the connection belongs to no server")


class Connection:
    """A client, and what it has not taken yet. What it says is the business of those who inherit.

    Attributes:
        later: has work for this client done that many seconds later, in the server's turn; errors end the connection.
    """

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.unsent = bytearray()
        self.ended = False  # nothing more will come; what is unsent still goes out
        self.later: Callable[[float, Callable[[], None]], None] = no_later

    @property
    def events(self) -> int:
        """What to wait for; 0 when it is finished."""
        reading = 0 if self.ended or len(self.unsent) > PAUSE_UNSENT else selectors.EVENT_READ
        return reading | (selectors.EVENT_WRITE if self.unsent else 0)

    @property
    def owed(self) -> bool:
        """Whether it still waits for an answer, or for the rest of one."""
        return bool(self.unsent)

    def read(self) -> None:
        """Read what has come and act on it.

        Raises:
            OSError: it is gone. Other errors end the connection, too.
        """
        data = self.sock.recv(CHUNK)
        self.ended = not data
        if data:
            self.received(data)

    def received(self, data: bytes) -> None:
        """Act on bytes that have come."""
        raise NotImplementedError

    def close(self) -> None:
        """Hang up; what is under way for it ends."""
        self.sock.close()

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


def listen(path: str, group: int | None = None) -> socket.socket:
    """A listening unix socket at the path, readable and writable by its owner, and by a group if one is named.

    Raises:
        OSError: it cannot be made, or somebody listens there.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    previous = os.umask(0o177)
    try:
        remove_stale(path)
        listener.bind(path)
        if group is not None:
            os.chown(path, -1, group)
            os.chmod(path, 0o660)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    finally:
        os.umask(previous)
    return listener


def listen_tcp(address: str) -> socket.socket:
    """A socket that listens on `host:port`, as VPP's `cli-listen localhost:5002`.

    Raises:
        OSError: it cannot.
    """
    host, _, port = address.rpartition(":")
    if not port.isdecimal() or int(port) > MAX_PORT:
        raise OSError(errno.EINVAL, "is neither a path nor host:port", address)
    listener = socket.create_server((host.strip("[]") or "localhost", int(port)), backlog=BACKLOG)
    listener.setblocking(False)
    return listener


def remove_stale(path: str) -> None:
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
