"""How releases differ in ABF."""

from dataclasses import dataclass

from engine.net.fib.fib import DEFAULT_FLOW_HASH


@dataclass(frozen=True)
class AbfProfile:
    """flow_hash: by which fields a policy with several paths chooses; without any, all flows take the first."""

    flow_hash: int


# 18.01 has no ABF: there it is ours, and spreads the flows
PROFILES = {"18.01": AbfProfile(DEFAULT_FLOW_HASH), "18.10": AbfProfile(0)}
