"""How releases differ in VXLAN."""

from dataclasses import dataclass


@dataclass(frozen=True)
class VxlanProfile:
    """skips_single: a load-balance of one bucket behind the encapsulation is left out, its bucket taken at once."""

    skips_single: bool


PROFILES = {"18.01": VxlanProfile(False), "18.10": VxlanProfile(True)}
