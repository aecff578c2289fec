"""The `nat` section of the startup file."""

from dataclasses import dataclass
from typing import Any

from ...cli.grammar import Clause
from ...cli.sections import Between, Ignored, MemorySize, Refused, Section
from ...cli.types import U32, WORD
from .profile import ENDPOINT_DEPENDENT_MODE, PROFILES, Profile

MEGABYTE = 1 << 20

COUNT = Between(1, (1 << 32) - 1)
MEMORY = MemorySize(1, 1 << 40)


@dataclass(frozen=True)
class Options:
    """Sizes of tables (memory in bytes), the limit per user, and the mode."""

    endpoint_dependent: bool = False
    connection_tracking: bool = False
    translation_buckets: int = 1024
    translation_memory: int = 128 * MEGABYTE
    user_buckets: int = 128
    user_memory: int = 64 * MEGABYTE
    max_per_user: int = 100
    inside_vrf: int = 0
    outside_vrf: int = 0

    def sizes(self) -> dict[str, int]:
        """What NatState takes."""
        return {
            "translation_buckets": self.translation_buckets,
            "translation_memory": self.translation_memory,
            "user_buckets": self.user_buckets,
            "user_memory": self.user_memory,
            "static_buckets": 1024,
            "static_memory": 64 * MEGABYTE,
            "max_per_user": self.max_per_user,
        }

    def profile(self, name: str) -> tuple[Profile, str]:
        """What the release does, and the beginning of its nodes' names."""
        if self.endpoint_dependent:
            return ENDPOINT_DEPENDENT_MODE, "nat44-ed"
        return PROFILES[name], "nat44"


def _build(said: Any) -> Options:
    return Options(**{name: said[name] for name in said.given})


SECTION = Section(
    "nat",
    [
        Clause("endpoint-dependent", endpoint_dependent=True),
        Clause("connection tracking", connection_tracking=True),
        Clause("translation hash buckets <translation_buckets>", translation_buckets=COUNT),
        Clause("translation hash memory <translation_memory>", translation_memory=MEMORY),
        Clause("user hash buckets <user_buckets>", user_buckets=COUNT),
        Clause("user hash memory <user_memory>", user_memory=MEMORY),
        Clause("max translations per user <max_per_user>", max_per_user=COUNT),
        Clause("inside VRF id <inside_vrf>", inside_vrf=U32),
        Clause("outside VRF id <outside_vrf>", outside_vrf=U32),
        Ignored("outside ip6 VRF id <id>", id=U32),
        Ignored("nat64 <table> hash <what> <size>", table=WORD, what=WORD, size=MEMORY),
        Refused("deterministic"),
        Refused("static mapping only"),
        Refused("out2in dpo"),
        Refused("dslite ce"),
    ],
    _build,
)
