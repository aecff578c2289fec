from typing import Any

from .abf import AbfState

def register(abf: AbfState, features: Any) -> None: ...
