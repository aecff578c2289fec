"""What the show commands of ABF give as data."""

from typing import TypedDict

from engine.net.fib.shapes import Forwarding, PathList


class Policy(TypedDict):
    """A policy; path_list is None when it has lost its paths."""

    index: int
    policy_id: int
    acl_index: int
    path_list: PathList | None


class Policies(TypedDict):
    """All policies or one; invalid: the number asked for, if there is none."""

    invalid: int | None
    policies: list[Policy]


class Attachment(TypedDict):
    """A policy on an interface and what its paths lead to now."""

    policy_id: int
    priority: int
    slot: int
    object: Forwarding


class Attachments(TypedDict):
    """The policies of an interface, the best first."""

    interface: str | None
    attachments: list[Attachment]


SHAPES = {"show abf policy": Policies, "show abf attach": Attachments}
