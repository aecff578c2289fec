"""The control socket, from the client's side."""

import contextlib
import select
import signal
import socket
from collections import deque
from collections.abc import Callable, Generator, Iterator
from functools import cached_property
from types import TracebackType
from typing import Any, NamedTuple, Self

from engine.server.protocol import NOTIFICATION, REQUEST, Decoder, ProtocolError, Request, Response, pack

from .messages import Messages
from .reply import Reply, reachable

CHUNK = 1 << 16
SyncMessages = Messages[Reply, list[Reply], tuple[Reply, list[Reply]]]


class UnreachableError(Exception):
    """There is no engine at the socket, or it has gone; str says which and why."""


class RemoteError(Exception):
    """The engine refused a call; str is its message.

    Attributes:
        kind: the engine's exception, such as `CliError`, `CaptureError`, `InternalError`.
        output: for CLI errors, what was printed before.
        unread: for CLI errors, the line from what is wrong on, as far as that is known.
        notices: for CLI errors in strict mode, what was swallowed before.
        file, line: for CLI errors in a file, where.
    """

    def __init__(self, described: Any) -> None:
        details: dict[str, Any] = described if isinstance(described, dict) else {"message": str(described)}
        super().__init__(str(details.get("message", "")))
        self.kind = str(details.get("type", ""))
        self.output = str(details.get("output") or "")
        self.unread: str | None = details.get("unread")
        self.notices: list[dict[str, Any]] = details.get("notices") or []
        self.file: str | None = details.get("file")
        self.line: int | None = details.get("line")


class Target(NamedTuple):
    """A line, and the node of a lab that it is for."""

    node: str | None
    line: str


class Client:
    """A synchronous connection to an engine.

        with Client("/run/user/1000/vppengine.sock") as client:
            client.cli("show interface")                       # text, errors included
            client.api.sw_interface_dump()[0].interface_name   # the binary API's messages
            client.call("complete", text="show i")             # any method, its fields by name

    Attributes:
        api: VPP's binary API: `client.api.acl_del(acl_index=3).retval`; docs/api.md lists the messages.

    Raises:
        UnreachableError: nobody listens at the path, or it may not be used.
    """

    prompt = "vpp# "

    def __init__(self, path: str) -> None:
        self.path = path
        self._next_id = 0
        self._decoder = Decoder()
        self._received: deque[Request | Response] = deque()
        self._asked: dict[int, Response | None] = {}
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.connect(path)
        except (OSError, ValueError) as error:
            self._socket.close()
            raise UnreachableError(f"cannot connect to {path}: {getattr(error, 'strerror', None) or error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @cached_property
    def api(self) -> SyncMessages:
        """The messages of the binary API; in a lab, its first node's."""
        return self.api_of(None)

    def api_of(self, node: str | None) -> SyncMessages:
        """The messages of the binary API, to a node of a lab."""

        def send(message: str, /, **fields: Any) -> Any:
            return reachable(self.call(message, **fields, **of(node)))

        return Messages(send)

    def close(self) -> None:
        """Hang up; the engine goes on."""
        self._socket.close()

    def call(self, method: str, /, *args: Any, told: Callable[..., None] | None = None, **fields: Any) -> Any:
        """Call a method with arguments, or with named fields, and return its result.

        `told`, if given, is called with what the engine tells meanwhile: ``told("progress", packets)``.

        Raises:
            RemoteError: the engine refused.
            UnreachableError: the connection broke.
        """
        msgid = self._send(method, [fields] if fields else list(args))
        for message in self._messages():
            if isinstance(message, Response) and message.msgid == msgid:
                return _result(message)
            if isinstance(message, Request) and told is not None:
                told(message.method, *message.params)

    def stream(self, method: str, **fields: Any) -> Generator[tuple[str, Any], None, Any]:
        """Call a method that tells piece by piece: yields (what it is, the piece) and returns the result.

        Ctrl-C, and closing the generator, tell the engine to stop; the answer to that is still waited for, a second
        Ctrl-C does not. Raises as `call`, and KeyboardInterrupt for what was stopped.
        """
        msgid = self._send(method, [fields])
        messages = self._messages()
        interrupted = answered = False
        try:
            while True:
                try:
                    message = next(messages)
                    if isinstance(message, Request) and message.params[-1:] == [msgid]:
                        yield message.method, message.params[0]
                except KeyboardInterrupt:
                    if interrupted:
                        raise
                    interrupted, messages = True, self._messages()  # the interrupted generator is at its end
                    self._cancel(msgid)
                    continue
                if isinstance(message, Response) and message.msgid == msgid:
                    answered = True
                    return _result(message)
        finally:
            if not answered and not interrupted:
                self._cancel(msgid)
                self._pass_over(msgid)

    def ask(self, method: str, **fields: Any) -> int:
        """Call a method without waiting; its number is for `answered`."""
        msgid = self._send(method, [fields])
        self._asked[msgid] = None
        return msgid

    def answered(self, msgid: int) -> Any:
        """The result of what was asked, None while it is not there. Raises as `call`."""
        while self._asked[msgid] is None and select.select([self._socket], [], [], 0)[0]:
            self._receive()
        response = self._asked[msgid]
        if response is None:
            return None
        del self._asked[msgid]
        return _result(response)

    def _send(self, method: str, params: list[Any]) -> int:
        self._next_id += 1
        with self._broken():
            self._socket.sendall(pack([REQUEST, self._next_id, method, params]))
        return self._next_id

    def _cancel(self, msgid: int) -> None:
        with contextlib.suppress(OSError):
            self._socket.sendall(pack([NOTIFICATION, "cancel", [msgid]]))

    def _pass_over(self, msgid: int) -> None:
        """Read up to the answer to a call that was given up."""
        with contextlib.suppress(UnreachableError, KeyboardInterrupt):
            for message in self._messages():
                if isinstance(message, Response) and message.msgid == msgid:
                    return

    def _messages(self) -> Iterator[Request | Response]:
        """What comes; the answers to calls that were given up are among it."""
        while True:
            while self._received:
                yield self._received.popleft()
            self._receive()

    def _receive(self) -> None:
        """Wait for bytes and keep the messages in them."""
        with self._broken():
            select.select([self._socket], [], [])  # here Ctrl-C may come; not between reading bytes and keeping them
            with uninterrupted():
                self._read()

    def _read(self) -> None:
        data = self._socket.recv(CHUNK)
        if not data:
            raise UnreachableError("the engine has closed the connection")
        for message in self._decoder.feed(data):
            if isinstance(message, Response) and message.msgid in self._asked:
                self._asked[message.msgid] = message
            else:
                self._received.append(message)

    @contextlib.contextmanager
    def _broken(self) -> Iterator[None]:
        """Errors of the connection as UnreachableError."""
        try:
            yield
        except (OSError, ValueError) as error:  # a closed socket has no number to wait for
            raise UnreachableError(
                f"the connection to {self.path} broke: {getattr(error, 'strerror', None) or error}"
            ) from error
        except ProtocolError as error:
            raise UnreachableError(f"{self.path} does not speak the protocol: {error}") from error

    # what a lab's session has too: where lines run

    @property
    def rpc(self) -> "Client":
        """The connection."""
        return self

    @property
    def node(self) -> str | None:
        """The current node of a lab; an engine alone is none."""
        return None

    def parts(self, line: str) -> Iterator["str | Target"]:
        """What a line means: text to print, and lines to run."""
        yield Target(None, line)

    def cli(self, line: str, node: str | None = None) -> str:
        """What a CLI line prints; an error is the text VPP prints for it. node: of a lab, else its first."""
        return str(self.call("cli_inband", cmd=line, **of(node))["reply"])

    def data(self, line: str, node: str | None = None) -> Any:
        """The data behind a CLI line's output.

        Raises:
            RemoteError: the line was refused.
        """
        return self.call("cli_data", cmd=line, **of(node))

    def complete(self, text: str, node: str | None = None) -> list[tuple[str, str]]:
        """What the last word of `text` could be: (word, one line about it)."""
        return [(word, about) for word, about in self.call("complete", text=text, **of(node))]

    def nodes(self) -> list[str]:
        """The nodes of the lab that listens there; none when it is an engine alone."""
        return [str(name) for name in self.call("nodes")]

    def wires(self) -> list[dict[str, str]]:
        """The lab's wires, each direction by itself: from, to (node:interface), and input_node, which receives."""
        return list(self.call("wires"))


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Signals wait meanwhile."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _result(response: Response) -> Any:
    """The result of a call.

    Raises:
        KeyboardInterrupt: it was stopped on request.
        RemoteError: the engine refused.
    """
    if response.error is None:
        return response.result
    error = RemoteError(response.error)
    if error.kind == "CancelledError":
        raise KeyboardInterrupt
    raise error


def of(node: str | None) -> dict[str, Any]:
    """The field that names a node of a lab."""
    return {} if node is None else {"node": node}
