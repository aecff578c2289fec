from typing import Any

from .acl import AclState

def register(graph: Any, features: Any, state: AclState, l2: Any) -> None: ...
