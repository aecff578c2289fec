"""Requests of the control socket, and their answers."""

import contextlib
import inspect
import logging
import selectors
import socket
import time
from collections.abc import Generator
from functools import partial
from typing import Any

from engine.cli import CliError
from engine.errors import LabError, VppshError
from engine.lab import Lab
from engine.messages import MessageError

from .jobs import CancelledError, Job, Queue
from .logs import event
from .methods import KINDS, METHODS, OF_THE_LAB, Notify
from .protocol import NOTIFICATION, RESPONSE, Decoder, ProtocolError, Request, arguments, pack
from .sockets import PAUSE_UNSENT, Connection

log = logging.getLogger("vppengine")

TYPED = ("cli", "cli_inband", "cli_data", "cli_stream", "exec", "exec_stream")
SLOW_READER = 0.01  # seconds until a client that does not take its output is looked at again


class RpcConnection(Connection):
    """A client of the control socket, and what it sent and is not complete yet."""

    def __init__(self, sock: socket.socket, vpp: Any) -> None:
        super().__init__(sock)
        self._vpp = vpp
        self._decoder = Decoder()
        self._queue = Queue()

    def received(self, data: bytes) -> None:
        """Answer the requests that are complete.

        Raises:
            ProtocolError: the bytes are none.
        """
        for message in self._decoder.feed(data):
            if isinstance(message, Request) and message.method == "cancel" and message.msgid is None:
                self._cancel(message.params)
            elif isinstance(message, Request):
                self._queue.waiting.append(message)
        self._next()

    @property
    def events(self) -> int:
        """As for any connection; one that has a request under way is not finished."""
        return super().events or (selectors.EVENT_WRITE if self._queue.job is not None else 0)

    @property
    def owed(self) -> bool:
        """As for any connection; also while a request is under way."""
        return super().owed or self._queue.job is not None

    def close(self) -> None:
        """Hang up; what is under way ends."""
        super().close()
        self._queue.close()

    def _next(self) -> None:
        """Answer the requests that wait, up to one that takes several steps."""
        while self._queue.waiting and self._queue.job is None:
            self._answer(self._queue.waiting.popleft())

    def _cancel(self, params: Any) -> None:
        waited = self._queue.cancel(params[0] if isinstance(params, list) and params else None)
        if waited is not None:
            self._respond(waited, describe(CancelledError()), None)
        job = self._queue.job
        if job is not None and job.cancelled:  # it may be waiting for its time
            self.later(0, partial(self._step, job))

    def _step(self, job: Job) -> None:
        """Go on with a request, if it still is under way."""
        if job is not self._queue.job:
            return
        if len(self.unsent) > PAUSE_UNSENT and not job.cancelled:
            self.later(SLOW_READER, partial(self._step, job))
            return
        try:
            told = job.step()
        except StopIteration as end:
            self._finish(job, None, end.value)
        except Exception as error:
            self._finish(job, failure(job.request, error), None)
        else:
            if told is not None:
                self.send(pack([NOTIFICATION, told[0], [told[1], job.request.msgid]]))
            self.later(max(job.due - time.monotonic(), 0), partial(self._step, job))

    def _finish(self, job: Job, error: dict[str, Any] | None, result: Any) -> None:
        self._queue.job = None
        self._respond(job.request, error, result)
        self._next()

    def _answer(self, request: Request) -> None:
        def notify(method: str, *params: Any) -> None:
            with contextlib.suppress(OSError):  # who has gone need not be told; the work is finished all the same
                self.send(pack([NOTIFICATION, method, list(params)]))

        error, result = call(self._vpp, request, notify)
        if isinstance(result, Generator):
            self._queue.job = Job(request, result)
            self.later(0, partial(self._step, self._queue.job))
        else:
            self._respond(request, error, result)

    def _respond(self, request: Request, error: dict[str, Any] | None, result: Any) -> None:
        if request.msgid is None:
            return
        try:
            data = pack([RESPONSE, request.msgid, error, result])
        except (ValueError, OverflowError, TypeError, RecursionError) as problem:
            log.exception("%s: the result cannot be sent", request.method)
            data = pack([RESPONSE, request.msgid, describe(problem), None])
        self.send(data)


def call(vpp: Any, request: Request, notify: Notify) -> tuple[dict[str, Any] | None, Any]:
    """Run a request against the engine or lab: (error, result), one of them None."""
    try:
        positional, named = arguments(request.params)
        _note(request.method, positional, named)
        vpp, named = _addressed(vpp, request.method, named)
        if request.method in METHODS:
            return None, METHODS[request.method](**_fields(request.method, vpp, notify, *positional, **named))
        return None, vpp.api.call(request.method, *positional, **named)
    except Exception as error:
        return failure(request, error), None


def _note(method: str, positional: list[Any], named: dict[str, Any]) -> None:
    """Log a request; what a person typed is worth more than what a console asks for itself."""
    line = named.get("cmd", named.get("path", positional[0] if positional else None))
    if method in TYPED:
        event(log, logging.INFO, "command", method=method, line=line)
    else:
        event(log, logging.DEBUG, "request", method=method)


def failure(request: Request, error: Exception) -> dict[str, Any]:
    """The error of the response to a request; a defect of the engine is logged."""
    if not isinstance(error, (VppshError, ProtocolError, OSError)):
        log.error("%s failed", request.method, exc_info=error)
    return describe(error)


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
        details = {"output": error.output, "unread": error.unread, "file": error.file, "line": error.line}
        notices = [notice.data() for notice in error.notices]
        return {"type": "CliError", "message": error.message, "notices": notices, **details}
    if isinstance(error, OSError):
        return {"type": "OSError", "message": f"{error.filename}: {error.strerror}" if error.filename else str(error)}
    if isinstance(error, (VppshError, ProtocolError)):
        return {"type": type(error).__name__, "message": str(error)}
    return {"type": "InternalError", "message": f"{type(error).__name__}: {error}"}
