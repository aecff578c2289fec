"""The table of binary API messages: names and fields as vpp_papi has them, handlers in Python.

Each feature declares its messages in its `api.py`, in a `MessageTable` of its own; the engine gathers them into
`vpp.api`, which the control socket serves too.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from engine.errors import ControlError, VppshError

UNSPECIFIED = -1  # VPP's "Unspecified Error"

# What a handler runs into when a field is of another kind than it says: a number for a list, a map that lacks a key.
WRONG_FIELDS = (TypeError, ValueError, KeyError, AttributeError, OverflowError)

Handler = Callable[..., Any]


class MessageError(VppshError):
    """No such message, or fields that the message does not have."""


class Reply(dict[str, Any]):
    """The fields of a reply or of one detail, also as attributes, maps in it too: `details.route.prefix`."""

    def __getattr__(self, name: str) -> Any:
        try:
            return _reachable(self[name])
        except KeyError:
            raise AttributeError(name) from None


def _reachable(value: Any) -> Any:
    """Maps, and those in lists, with their fields as attributes."""
    if isinstance(value, dict):
        return Reply(value)
    return [_reachable(each) for each in value] if isinstance(value, list) else value


class MessageTable:
    """The messages of one feature."""

    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {}

    def message(self, name: str, *, also: Sequence[str] = ()) -> Callable[[Handler], Handler]:
        """Declare the decorated function as the handler of the message `name` (and of its older names, `also`).

        It is called as `handler(vpp, **fields)`; its parameters are the message's fields, those that may be left out
        have defaults. For a request it returns a dict of the reply's fields or None (`retval` 0 is added); for a dump,
        an iterable of dicts; for a dump that goes on from a cursor, a tuple of the reply and the details. A
        `ControlError` becomes the reply's `retval`: its attribute `retval`, or -1.
        """

        def declare(handler: Handler) -> Handler:
            for each in (name, *also):
                if each in self.handlers:
                    raise ValueError(f"message {each!r} is declared twice")
                self.handlers[each] = handler
            return handler

        return declare


class Api:
    """The messages of an engine: `vpp.api.acl_dump(acl_index=0)`.

    Args:
        vpp: the engine, first argument of every handler.
        tables: the features' message tables.
        parked: what a handler runs inside; a live engine's packets stand still there.
    """

    def __init__(
        self,
        vpp: Any,
        tables: Iterable[MessageTable],
        parked: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._vpp = vpp
        self._parked = parked
        self._handlers: dict[str, Handler] = {}
        for table in tables:
            for name, handler in table.handlers.items():
                if self._handlers.setdefault(name, handler) is not handler:
                    raise ValueError(f"message {name!r} is declared twice")

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in self._handlers:
            raise AttributeError(f"there is no message {name!r}")
        return lambda *args, **fields: self.call(name, *args, **fields)

    def handlers(self) -> dict[str, Handler]:
        """All messages, by name."""
        return dict(self._handlers)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._handlers]

    def call(self, name: str, /, *args: Any, **fields: Any) -> Any:
        """Send a message: a `Reply`, or for a dump a list of them, or with a cursor both, as in vpp_papi.

        Raises:
            MessageError: unknown message, missing or unknown field, or one of the wrong kind.
        """
        try:
            handler = self._handlers[name]
        except KeyError:
            raise MessageError(f"there is no message {name!r}") from None
        try:
            inspect.signature(handler).bind(self._vpp, *args, **fields)
        except TypeError as error:
            raise MessageError(f"{name}: {error}") from error
        try:
            with self._parked():
                return _answer(handler(self._vpp, *args, **fields))
        except ControlError as error:
            if name.endswith("_dump"):
                return []  # as VPP: who asks for the details of what is not there hears of nothing
            return Reply(retval=getattr(error, "retval", UNSPECIFIED), error=str(error))
        except WRONG_FIELDS as error:
            raise MessageError(f"{name}: a field is of the wrong kind or lacks something: {error!r}") from error


def _answer(result: Any) -> Any:
    """What a handler returned as a reply, a list of details, or both."""
    if isinstance(result, tuple):
        reply, details = result
        return Reply({"retval": 0} | reply), [Reply(each) for each in details]
    if result is None or isinstance(result, Mapping):
        return Reply({"retval": 0} | dict(result or {}))
    return [Reply(details) for details in result]
