"""The `acl-plugin` section of the startup file."""

from dataclasses import dataclass
from typing import Any

from ...cli.grammar import Clause
from ...cli.sections import Between, Ignored, MemorySize, Section
from ...cli.types import U32

COUNT = Between(1, (1 << 32) - 1)
MEMORY = MemorySize(1, 1 << 40)


@dataclass(frozen=True)
class Options:
    """max_sessions: entries of the session table, at most; None: as many as the release has."""

    max_sessions: int | None = None


def _build(said: Any) -> Options:
    return Options(**{name: said[name] for name in said.given})


SECTION = Section(
    "acl-plugin",
    [
        Clause("connection count max <max_sessions>", max_sessions=COUNT),
        # our tables grow by themselves, and look rules up by another algorithm
        Ignored("connection hash buckets <n>", n=COUNT),
        Ignored("connection hash memory <n>", n=MEMORY),
        Ignored("main heap size <n>", n=MEMORY),
        Ignored("hash lookup heap size <n>", n=MEMORY),
        Ignored("hash lookup hash buckets <n>", n=COUNT),
        Ignored("hash lookup hash memory <n>", n=MEMORY),
        Ignored("use tuple merge <n>", n=U32),
        Ignored("tuple merge split threshold <n>", n=U32),
        Ignored("reclassify sessions <n>", n=U32),
    ],
    _build,
)
