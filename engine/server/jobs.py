"""Requests whose work is done in steps, between which packets move and others are served."""

import time
from collections import deque
from collections.abc import Generator
from typing import Any

from engine.errors import VppshError

from .protocol import Request

Step = tuple[str, Any] | float | None  # (method, what): tell the client; seconds to wait; or just a breath
Steps = Generator[Step, None, Any]

SLICE = 0.005  # seconds that a step should last


class CancelledError(VppshError):
    """The client gave the request up."""

    def __init__(self) -> None:
        super().__init__("interrupted")


class Job:
    """A request under way.

    Attributes:
        due: the time (monotonic) before which it need not be called.
    """

    def __init__(self, request: Request, steps: Steps) -> None:
        self.request = request
        self.steps = steps
        self.due = 0.0
        self.cancelled = False

    def step(self) -> tuple[str, Any] | None:
        """Do some work; what to tell the client, if anything.

        Raises:
            StopIteration: it is done; its value is the result.
        """
        if self.cancelled:
            self.cancelled = False
            step = self.steps.throw(CancelledError())
        else:
            step = next(self.steps)
        if isinstance(step, float):
            self.due = time.monotonic() + step
            return None
        return step

    def cancel(self) -> None:
        """Let its next step be told that it is given up."""
        self.cancelled = True
        self.due = 0.0


class Queue:
    """The requests of a connection: one under way at most, the others behind it."""

    def __init__(self) -> None:
        self.job: Job | None = None
        self.waiting: deque[Request] = deque()

    def cancel(self, msgid: Any) -> Request | None:
        """Give a request up: the one under way, or one that waits, which is returned."""
        if self.job is not None and self.job.request.msgid == msgid:
            self.job.cancel()
        for request in self.waiting:
            if request.msgid == msgid:
                self.waiting.remove(request)
                return request
        return None

    def close(self) -> None:
        """The client has gone."""
        self.waiting.clear()
        if self.job is not None:
            self.job.steps.close()
            self.job = None
