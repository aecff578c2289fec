"""What exists now of ACLs, for completion."""

from collections.abc import Iterator
from typing import Any

from engine.cli import U32, Live


def acls(vpp: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """Numbers of ACLs."""
    for acl in vpp.acl.acls:
        if acl is not None:
            yield str(acl.index), f"{acl.tag or 'without tag'}, {len(acl.rules)} rules"


def macip_acls(vpp: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """Numbers of MACIP ACLs."""
    for acl in vpp.macip.acls:
        if acl is not None:
            yield str(acl.index), f"{acl.tag or 'without tag'}, {len(acl.rules)} rules"


def contexts(vpp: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """Numbers of lookup contexts."""
    for context in vpp.acl.contexts:
        if context is not None:
            name = vpp.interfaces.by_index[context.sw_if_index].name
            yield str(context.index), f"{'input' if context.is_input else 'output'} of {name}"


ACL = Live(U32, acls)
MACIP_ACL = Live(U32, macip_acls)
CONTEXT = Live(U32, contexts)
