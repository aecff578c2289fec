"""Replies and details of messages, with their fields as attributes."""

from typing import Any


class Reply(dict[str, Any]):
    """Fields by name and as attributes, those of maps in it too: `details.route.prefix`."""

    def __getattr__(self, name: str) -> Any:
        try:
            return reachable(self[name])
        except KeyError:
            raise AttributeError(name) from None


def reachable(value: Any) -> Any:
    """What came over the socket, with all maps in it as replies; a dump is a list of them."""
    if isinstance(value, dict):
        return Reply(value)
    return [reachable(each) for each in value] if isinstance(value, list) else value
