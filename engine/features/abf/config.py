"""The control plane of ABF (ACL-based forwarding): policies, and what interfaces they are attached to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.errors import ControlError
from engine.net.fib.path import Path
from engine.net.fib.pathlist import NO_URPF, PathList
from engine.net.fib.text import NO_URPF_LIST

from . import nodes
from .abf import AbfState
from .profile import PROFILES

OWNER = "abp plugin"  # VPP's own slip of the pen
NODE = "abf-input-ip4"
DROP = ("error-drop", 0)

INVALID_VALUE, NO_SUCH_ENTRY, ENTRY_ALREADY_EXISTS = -7, -6, -116


class AbfError(ControlError):
    """A policy or attachment that cannot be. retval: VPP's number for it."""

    def __init__(self, text: str, retval: int = INVALID_VALUE) -> None:
        super().__init__(text)
        self.retval = retval


@dataclass(eq=False)
class Policy:
    """An ACL and paths; path_list is None when the last path was taken away while it is attached.

    load_balance: of several buckets, else None. install() is what the path list calls when its ways change.
    """

    owner: "Abf"
    index: int
    policy_id: int
    acl_index: int
    path_list: PathList | None = None
    load_balance: int | None = None
    attachments: list["Attachment"] = field(default_factory=list)

    def install(self) -> None:
        """The ways of its paths have changed."""
        self.owner.restack(self)


@dataclass(eq=False)
class Attachment:
    """A policy on an interface; the lower priority number is tried first."""

    policy: Policy
    priority: int
    sw_if_index: int


class Abf(AbfState):
    """ACL-based forwarding of one vswitch. `policies`: by index; `by_interface`: by sw_if_index, the best first.

    Methods raise AbfError, RouteError or AclError with nothing changed.
    """

    def __init__(self, graph: Any, acl_state: Any, features: Any, interfaces: Any, fib: Any, acl: Any,
                 profile: str = "18.01") -> None:  # fmt: skip
        self.features, self.interfaces, self.fib, self.acl = features, interfaces, fib, acl
        self.profile = PROFILES[profile]
        self.policies: dict[int, Policy] = {}
        self.by_interface: dict[int, list[Attachment]] = {}
        self.contexts: dict[int, Any] = {}  # lookup contexts by sw_if_index
        nodes.register(self, features)
        interfaces.observe(self)

    # ---- policies

    def find(self, policy_id: int) -> Policy | None:
        """By the number its user gave it."""
        return next((policy for policy in self.policies.values() if policy.policy_id == policy_id), None)

    def policy(self, policy_id: int) -> Policy:
        """Raises AbfError."""
        policy = self.find(policy_id)
        if policy is None:
            raise AbfError(f"invalid policy ID:{policy_id}")
        return policy

    def add_paths(self, policy_id: int, acl_index: int, paths: Sequence[Path]) -> None:
        """Make a policy, or add paths to one, which keeps its ACL."""
        for path in paths:
            self.fib.check_path(path)
        if not paths:
            raise AbfError("expected paths.")
        policy = self.find(policy_id)
        if policy is None:
            index = next(index for index in range(len(self.policies) + 1) if index not in self.policies)
            policy = self.policies[index] = Policy(self, index, policy_id, acl_index)
        self._set_paths(policy, [*(path for path in self._paths(policy) if not _among(path, paths)), *paths])

    def delete_paths(self, policy_id: int, paths: Sequence[Path]) -> None:
        """Take paths from a policy, all without any named; the last one takes the policy along, unless attached."""
        policy = self.policy(policy_id)
        kept = [path for path in self._paths(policy) if paths and not _among(path, paths)]
        self._set_paths(policy, kept)
        if not kept:
            self._drop_unused(policy)

    @staticmethod
    def _paths(policy: Policy) -> tuple[Path, ...]:
        return policy.path_list.paths if policy.path_list is not None else ()

    def _set_paths(self, policy: Policy, paths: Sequence[Path]) -> None:
        ordered, old = tuple(sorted(paths, key=Path.sort_key)), policy.path_list
        policy.path_list = PathList(self.fib, ordered, ("shared", NO_URPF), False) if ordered else None
        if policy.path_list is not None:
            policy.path_list.users.add(policy)
        if old is not None:
            old.users.discard(policy)
        self.restack(policy)
        if old is not None:
            old.free()

    def _drop_unused(self, policy: Policy) -> None:
        """A policy without paths goes when it is attached nowhere."""
        if policy.path_list is None and not policy.attachments:
            del self.policies[policy.index]

    # ---- what policies lead to

    def way(self, policy: Policy) -> tuple[str, int]:
        """The node that takes what a policy matches, and the number of the object it uses."""
        if policy.path_list is None:
            return DROP
        if policy.load_balance is not None:
            return "ip4-load-balance", policy.load_balance
        _, slot, index = policy.path_list.buckets[0]
        return self.graph.by_name["ip4-lookup"].next_names[slot], index

    def restack(self, policy: Policy) -> None:
        """Follow the paths: a load-balance where there are several ways, else the way itself."""
        buckets = policy.path_list.buckets if policy.path_list is not None else ()
        old = policy.load_balance
        if len(buckets) < 2:
            policy.load_balance = None
        elif old is None:
            policy.load_balance = self.fib.new_load_balance()
            self.fib.set_urpf(policy.load_balance, NO_URPF_LIST)
        if policy.load_balance is not None:
            self.fib.set_load_balance(policy.load_balance, buckets, self.profile.flow_hash)
        for sw_if_index in {attachment.sw_if_index for attachment in policy.attachments}:
            self._install(sw_if_index)
        if old is not None and policy.load_balance is None:
            self.fib.free_load_balance(old)

    def slot(self, policy: Policy) -> int:
        """Next index of abf-input-ip4 for what a policy matches."""
        return int(self.graph.add_next(NODE, self.way(policy)[0]))

    def _install(self, sw_if_index: int) -> None:
        """Give the node an interface's attachments."""
        rows = [
            (attachment.policy.acl_index, self.slot(attachment.policy), self.way(attachment.policy)[1])
            for attachment in self.by_interface.get(sw_if_index, [])
        ]
        self.set_attachments(sw_if_index, self.contexts[sw_if_index].index, rows)

    # ---- attachments

    def attached(self, sw_if_index: int) -> list[Attachment]:
        """The policies of an interface, the best first."""
        return self.by_interface.get(sw_if_index, [])

    def attach(self, policy_id: int, priority: int, sw_if_index: int) -> None:
        """Let a policy have the packets that come in by an interface. Raises AbfError, also if it has them already."""
        policy, attached = self.policy(policy_id), self.attached(sw_if_index)
        self.fib.interface(sw_if_index)
        self.acl.get(policy.acl_index)
        if any(each.policy is policy for each in attached):
            raise AbfError(f"policy {policy_id} is attached already", ENTRY_ALREADY_EXISTS)
        attachment = Attachment(policy, priority, sw_if_index)
        self.slot(policy)
        self._change(sw_if_index, sorted([*attached, attachment], key=lambda each: each.priority))
        policy.attachments.append(attachment)

    def detach(self, policy_id: int, sw_if_index: int) -> None:
        """Undo attach. Raises AbfError if the policy is not there."""
        policy = self.policy(policy_id)
        kept = [each for each in self.attached(sw_if_index) if each.policy is not policy]
        gone = [each for each in self.attached(sw_if_index) if each.policy is policy]
        if not gone:
            raise AbfError(f"policy {policy_id} is not attached", NO_SUCH_ENTRY)
        self._change(sw_if_index, kept)
        policy.attachments.remove(gone[0])
        self._drop_unused(policy)

    def _change(self, sw_if_index: int, attachments: list[Attachment]) -> None:
        """Let these be an interface's; the node is off while there are none."""
        acls = list(dict.fromkeys(each.policy.acl_index for each in attachments))
        if not attachments:
            self.features.enable("ip4-unicast", NODE, sw_if_index, False)
            self.acl.close_context(self.contexts.pop(sw_if_index))
            self.by_interface.pop(sw_if_index)
            return
        is_first = sw_if_index not in self.contexts
        if is_first:
            self.contexts[sw_if_index] = self.acl.open_context(OWNER, sw_if_index)
        self.by_interface[sw_if_index] = attachments
        self.acl.fill_context(self.contexts[sw_if_index], acls)
        self._install(sw_if_index)
        if is_first:
            self.features.enable("ip4-unicast", NODE, sw_if_index, True)

    def interface_deleted(self, interface: Any) -> None:
        """Its attachments go with it."""
        for attachment in list(self.attached(interface.sw_if_index)):
            self.detach(attachment.policy.policy_id, interface.sw_if_index)


def _among(path: Path, others: Sequence[Path]) -> bool:
    return any(path.same_way(other) for other in others)
