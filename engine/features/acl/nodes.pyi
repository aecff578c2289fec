from typing import Any

from .acl import AclState

ERRORS: tuple[str, ...]

def register(graph: Any, features: Any, state: AclState, l2: Any) -> None: ...
