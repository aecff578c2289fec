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


class Cpu(TypedDict):
    """The processor, as Linux lists its first core."""

    model_name: str
    family: int
    model: int
    flags: list[str]
    base_ghz: float | None


class Plugin(TypedDict):
    """A feature that is a plugin in VPP."""

    name: str
    version: str
    description: str


class Plugins(TypedDict):
    """path: the folder they are in."""

    path: str
    plugins: list[Plugin]


SHAPES = {
    "show version": Version | Arguments,
    "show clock": Clock,
    "show cpu": Cpu,
    "show plugins": Plugins,
    "show terminal": Never,  # only a terminal's session has one
}
