"""The control socket, from the client's side."""

import socket
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from engine.server.protocol import REQUEST, Decoder, ProtocolError, Request, Response, pack

CHUNK = 1 << 16


class UnreachableError(Exception):
    """There is no engine at the socket, or it has gone; str says which and why."""


class RemoteError(Exception):
    """The engine refused a call; str is its message.

    Attributes:
        kind: the engine's exception, such as `CliError`, `CaptureError`, `InternalError`.
        output: for CLI errors, what was printed before.
        file, line: for CLI errors in a file, where.
    """

    def __init__(self, described: Any) -> None:
        details: dict[str, Any] = described if isinstance(described, dict) else {"message": str(described)}
        super().__init__(str(details.get("message", "")))
        self.kind = str(details.get("type", ""))
        self.output = str(details.get("output") or "")
        self.file: str | None = details.get("file")
        self.line: int | None = details.get("line")


class Client:
    """A synchronous connection to an engine.

        with Client("/run/user/1000/vppengine.sock") as client:
            client.cli("show interface")                       # text, errors included
            client.call("sw_interface_dump")                   # any message, its fields by name
            client.call("acl_del", acl_index=3)

    Raises:
        UnreachableError: nobody listens at the path, or it may not be used.
    """

    prompt = "vpp# "

    def __init__(self, path: str) -> None:
        self.path = path
        self._next_id = 0
        self._decoder = Decoder()
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

    def close(self) -> None:
        """Hang up; the engine goes on."""
        self._socket.close()

    def call(self, method: str, *args: Any, told: Callable[..., None] | None = None, **fields: Any) -> Any:
        """Call a method with arguments, or with named fields, and return its result.

        `told`, if given, is called with what the engine tells meanwhile: ``told("progress", packets)``.

        Raises:
            RemoteError: the engine refused.
            UnreachableError: the connection broke.
        """
        self._next_id += 1
        msgid = self._next_id
        try:
            self._socket.sendall(pack([REQUEST, msgid, method, [fields] if fields else list(args)]))
            return self._answer(msgid, told)
        except OSError as error:
            raise UnreachableError(f"the connection to {self.path} broke: {error.strerror or error}") from error
        except ProtocolError as error:
            raise UnreachableError(f"{self.path} does not speak the protocol: {error}") from error

    def _answer(self, msgid: int, told: Callable[..., None] | None) -> Any:
        """The response to a request; those to calls that were given up are passed over."""
        answer: Response | None = None
        while answer is None:
            data = self._socket.recv(CHUNK)
            if not data:
                raise UnreachableError("the engine has closed the connection")
            for message in self._decoder.feed(data):
                if isinstance(message, Response) and message.msgid == msgid:
                    answer = message
                elif isinstance(message, Request) and told is not None:
                    told(message.method, *message.params)
        if answer.error is not None:
            raise RemoteError(answer.error)
        return answer.result

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


def of(node: str | None) -> dict[str, Any]:
    """The field that names a node of a lab."""
    return {} if node is None else {"node": node}
