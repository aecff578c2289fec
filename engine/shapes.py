"""What the general show commands give as data."""

from typing import Never, NotRequired, TypedDict


class Version(TypedDict):
    """The release; its compiler and process when verbose."""

    version: str
    user: str
    host: str
    date: str
    compiler: NotRequired[str]
    pid: NotRequired[int]


class Arguments(TypedDict):
    """How the engine was started."""

    arguments: list[str]


class Clock(TypedDict):
    """Seconds of the engine's clock."""

    now: float


# show terminal: only a terminal's session has one
SHAPES = {"show version": Version | Arguments, "show clock": Clock, "show terminal": Never}
