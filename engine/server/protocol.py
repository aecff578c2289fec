"""MessagePack-RPC: the frames of the control socket, shared by server and clients. Knows nothing of the engine.

A request is `[0, msgid, method, params]`, its response `[1, msgid, error, result]`, a notification
`[2, method, params]`. `params` is an array of arguments, or a map of named fields, or an array that holds just such a
map. An error is a map with `type`, `message` and, for CLI errors, `output`, `file` and `line`.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgpack  # type: ignore[import-untyped]

REQUEST, RESPONSE, NOTIFICATION = 0, 1, 2
MAX_MESSAGE = 256 << 20  # bytes; a client that sends more is cut off


class ProtocolError(Exception):
    """What was received is no message; the connection cannot go on."""


class Request(NamedTuple):
    """A request; `msgid` is None for a notification, which gets no response."""

    msgid: int | None
    method: str
    params: Any


class Response(NamedTuple):
    """A response; `error` is None when the call succeeded."""

    msgid: int
    error: Any
    result: Any


def default_socket() -> str:
    """Where an engine listens when it is told nothing: in the user's own runtime directory."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return str(Path(runtime) / "vppengine.sock") if runtime else f"/tmp/vppengine-{os.getuid()}.sock"


def pack(message: Any) -> bytes:
    """A message as bytes; addresses, paths and other objects go as their text, iterators as arrays.

    Raises:
        ValueError, OverflowError, RecursionError: it holds what MessagePack cannot carry.
    """
    data: bytes = msgpack.packb(message, default=_plain, unicode_errors="replace")
    return data


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset, Iterator)):
        return list(value)
    return str(value)


class Decoder:
    """Bytes in, messages out."""

    def __init__(self) -> None:
        self._unpacker = msgpack.Unpacker(max_buffer_size=MAX_MESSAGE, strict_map_key=False)

    def feed(self, data: bytes) -> Iterator[Request | Response]:
        """The messages that are complete now.

        Raises:
            ProtocolError: the bytes are not MessagePack, or no message of the protocol.
        """
        try:
            self._unpacker.feed(data)
            for message in self._unpacker:
                yield _message(message)
        except (ValueError, msgpack.exceptions.UnpackException, RecursionError, TypeError) as error:
            raise ProtocolError(str(error) or type(error).__name__) from error


def _message(message: Any) -> Request | Response:
    match message:
        case [int(kind), int(msgid), str(method), params] if kind == REQUEST:
            return Request(msgid, method, params)
        case [int(kind), str(method), params] if kind == NOTIFICATION:
            return Request(None, method, params)
        case [int(kind), int(msgid), error, result] if kind == RESPONSE:
            return Response(msgid, error, result)
    raise ProtocolError("not a request, response or notification")


def arguments(params: Any) -> tuple[list[Any], dict[str, Any]]:
    """The arguments and named fields that `params` stands for.

    Raises:
        ProtocolError: it is neither an array nor a map with text keys.
    """
    if isinstance(params, list) and len(params) == 1 and isinstance(params[0], dict):
        params = params[0]
    if isinstance(params, dict) and all(isinstance(name, str) for name in params):
        return [], params
    if isinstance(params, list):
        return params, {}
    raise ProtocolError("params must be an array or a map of fields")
