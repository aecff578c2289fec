"""The `nat` section of the startup file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import BadValue
from .profile import ENDPOINT_DEPENDENT_MODE, PROFILES, Profile

MEGABYTE = 1 << 20

# Words of the startup file, and the fields they set
_NUMBERS = {
    "translation hash buckets": "translation_buckets",
    "translation hash memory": "translation_memory",
    "user hash buckets": "user_buckets",
    "user hash memory": "user_memory",
    "max translations per user": "max_per_user",
    "outside VRF id": "outside_vrf",
    "inside VRF id": "inside_vrf",
}
_FLAGS = {"endpoint-dependent": "endpoint_dependent", "connection tracking": "connection_tracking"}
_OTHER_MODES = ("deterministic", "static mapping only", "out2in dpo", "nat64 bib hash buckets")


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

    @classmethod
    def read(cls, section: Mapping[str, Any]) -> "Options":
        """Raises BadValue for an unknown option, or a number that cannot be."""
        fields: dict[str, Any] = {}
        for words, value in section.items():
            if words in _OTHER_MODES:
                raise BadValue(f"nat: {words} is not offered")
            if words in _FLAGS and value is True:
                fields[_FLAGS[words]] = True
            elif words in _NUMBERS and isinstance(value, int) and value is not True:
                fields[_NUMBERS[words]] = value
            else:
                raise BadValue(f"nat: unknown option `{words}'")
        found = cls(**fields)
        for name in ("translation_buckets", "translation_memory", "user_buckets", "user_memory", "max_per_user"):
            if not 0 < getattr(found, name) < 1 << 40:
                raise BadValue(f"nat: {name.replace('_', ' ')} cannot be {getattr(found, name)}")
        return found

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
