"""How the engine stands: the console's bottom line, asked for at most once a second and never waited for."""

import time
from typing import TYPE_CHECKING, Any

from .client import Client, RemoteError, UnreachableError, of

if TYPE_CHECKING:
    from .lab import Session

PAUSE = 1.0  # seconds between two questions

Fragments = list[tuple[str, str]]


class Standing:
    """Asks, and lays out what it hears.

    Args:
        partner: the connection to an engine, or the session with a lab's nodes, of which the current one counts.
    """

    def __init__(self, partner: "Client | Session") -> None:
        self._partner = partner
        self._asked: int | None = None
        self._when = 0.0
        self._node = partner.node
        self._now: dict[str, Any] | None = None
        self._before: dict[str, Any] | None = None

    def line(self) -> Fragments:
        """The bottom line; empty until the engine has answered for the first time."""
        try:
            self._listen()
        except (UnreachableError, RemoteError):
            self._now = None  # the next line typed will tell why
        return fragments(self._before, self._now) if self._now is not None else []

    def _listen(self) -> None:
        client = self._partner.rpc
        if self._node != self._partner.node:
            self._node, self._before, self._now = self._partner.node, None, None
        if self._asked is not None:
            answer = client.answered(self._asked)
            if answer is not None:
                self._asked = None
                self._before, self._now = self._now, answer
        if self._asked is None and time.monotonic() - self._when >= PAUSE:
            self._when = time.monotonic()
            self._asked = client.ask("status", **of(self._node))


def fragments(before: dict[str, Any] | None, now: dict[str, Any]) -> Fragments:
    """Packets per second, sessions, drops (fresh ones marked), traced packets."""
    before = before or now
    seconds = now["monotonic"] - before["monotonic"]
    rate = (now["received"] - before["received"]) / seconds if seconds > 0 else 0.0
    fresh = now["dropped"] - before["dropped"]
    drops = f"drops {now['dropped']:,}" + (f" (+{fresh:,})" if fresh > 0 else "")
    sessions = now["sessions"]
    room = f"/{now['trace_room']:,}" if now["trace_room"] else ""
    return [
        ("", f" {short(rate)}pps | sessions ACL {sessions['acl']:,} NAT {sessions['nat44']:,} | "),
        ("class:bottom-toolbar.fresh" if fresh > 0 else "", drops),
        ("", f" | trace {now['traced']:,}{room} "),
    ]


def short(number: float) -> str:
    """A rate in few characters: `0 `, `950 `, `1.2 k`, `3.4 M`."""
    for unit, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= unit:
            return f"{number / unit:.1f} {name}"
    return f"{number:.0f} "
