"""Path lists: the paths of a route, resolved to the buckets of its load-balance; routes with equal paths share one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from engine.net.fib.adjacency import LOOKUP_SLOTS, Adjacency
from engine.net.fib.fib import ADJACENCY, DROP, LOAD_BALANCE, LOOKUP, PUNT, RECEIVE
from engine.net.fib.path import Path, share_buckets

if TYPE_CHECKING:
    from engine.net.fib.tables import Tables

DROP_BUCKETS = ((DROP, 0, 0),)
SLOT_PUNT = 1  # next indices declared by ip4-lookup
SLOT_LOCAL = 2
NO_URPF = "no-uRPF"

class Forwards(Protocol):
    """Who forwards by a path list."""

    def install(self) -> None:
        """Its buckets have changed."""


Bucket = tuple[int, int, int]  # type, next index in ip4-lookup, number of the object


class PathList:
    """Sorted paths with what they resolve to.

    buckets: what a load-balance of an entry with these paths holds. resolved: whether any path leads somewhere.
    users: entries that forward by it now, told by install() when that changes; locks: sources of entries that hold it,
    forwarding or not. With the flag "no-uRPF" no list of its interfaces is kept.
    """

    __slots__ = ("buckets", "fib", "flags", "index", "locks", "objects", "path_indices", "paths", "resolved",
                 "shared", "urpf", "users")  # fmt: skip

    def __init__(self, fib: Tables, paths: tuple[Path, ...], flags: tuple[str, ...], shared: bool):
        self.fib, self.paths, self.flags, self.shared = fib, paths, flags, shared
        self.index = fib.numbers["path-list"].take()
        self.path_indices = [fib.numbers["path"].take() for _ in paths]
        self.urpf: int | None = fib.numbers["urpf"].take() if NO_URPF not in flags else None
        self.locks = 0
        self.users: set[Forwards] = set()
        self.buckets: tuple[Bucket, ...] = DROP_BUCKETS
        self.resolved = False
        self.objects = [self._acquire(path) for path in paths]
        for path in paths:
            if path.sw_if_index in fib.on_interface:
                fib.on_interface[path.sw_if_index].add(self)
        self.buckets, self.resolved = self._resolve()

    def _acquire(self, path: Path) -> Any:
        """The object a path needs: an adjacency, the entry of its next hop, or a receive object's number."""
        if path.kind == "recursive":
            return self.fib.resolve_via(path.fib_index, path.next_hop, self)
        if path.kind == "receive":
            return self.fib.new_receive(path.sw_if_index, path.next_hop)
        if path.kind == "deag":
            self.fib.lock_table(self.fib.table_id(path.fib_index), "recursive-resolution")
        if path.kind not in ("attached", "attached-nexthop"):
            return None
        adjacencies = self.fib.adjacencies
        if path.kind == "attached":
            adjacency = adjacencies.glean(path.sw_if_index)
        else:
            adjacency = adjacencies.neighbour(path.sw_if_index, path.next_hop)
        adjacency.users.add(self)
        return adjacency

    def free(self) -> None:
        """Give back all it holds; no entry may use it any more."""
        for path, held in zip(self.paths, self.objects, strict=True):
            if path.kind == "recursive":
                self.fib.unresolve_via(held, self)
            elif path.kind == "receive":
                self.fib.free_receive(held)
            elif path.kind == "deag":
                self.fib.unlock_table(self.fib.table_id(path.fib_index), "recursive-resolution")
            elif isinstance(held, Adjacency):
                self.fib.adjacencies.release(held, self)
            self.fib.on_interface.get(path.sw_if_index, set()).discard(self)
        for index in self.path_indices:
            self.fib.numbers["path"].give(index)
        self.fib.numbers["path-list"].give(self.index)
        if self.urpf is not None:
            self.fib.numbers["urpf"].give(self.urpf)

    # ---- resolving

    def update(self) -> None:
        """Something it depends on changed: resolve again and tell the entries that forward by it."""
        buckets, resolved = self._resolve()
        if buckets == self.buckets and resolved == self.resolved:
            return
        self.buckets, self.resolved = buckets, resolved
        for entry in list(self.users):
            entry.install()

    def _resolve(self) -> tuple[tuple[Bucket, ...], bool]:
        """Buckets of the resolved paths of the best preference, and whether any path is resolved."""
        ways = [(path, self._bucket(path, held)) for path, held in zip(self.paths, self.objects, strict=True)]
        good = [(path, bucket) for path, bucket in ways if bucket is not None]
        if not good:
            return DROP_BUCKETS, False
        best = min(path.preference for path, _ in good)
        good = [(path, bucket) for path, bucket in good if path.preference == best]
        shares = share_buckets([path.weight for path, _ in good])
        resolved = any(path.kind not in ("special", "exclusive") for path, _ in good)
        return tuple(good[i][1] for i, n in shares for _ in range(n)), resolved

    def _bucket(self, path: Path, held: Any) -> Bucket | None:
        """What a path puts into its buckets, None while it leads nowhere."""
        if isinstance(held, Adjacency):
            return (ADJACENCY, LOOKUP_SLOTS[held.kind], held.index) if self.fib.is_up(held, path) else None
        if path.kind == "recursive":
            if not held.is_resolved or held.active is self or (held.active and held.active.leads_to(self)):
                return None
            return (LOAD_BALANCE, self.fib.slot("ip4-load-balance"), held.load_balance)
        if path.kind == "receive":
            return (RECEIVE, SLOT_LOCAL, held)
        if path.kind == "deag":
            return (LOOKUP, self.fib.slot("lookup-ip4-dst"), path.fib_index)
        return (PUNT, SLOT_PUNT, 0) if path.target == "punt" else None

    def leads_on(self, place: int) -> bool:
        """Whether a path, by its place, leads anywhere now. Drops do not, punts and the like are no paths."""
        path = self.paths[place]
        return path.kind not in ("special", "exclusive") and self._bucket(path, self.objects[place]) is not None

    def leads_to(self, other: PathList, seen: set[PathList] | None = None) -> bool:
        """Whether recursion through its next hops comes to another path list: a loop, if that one comes here."""
        seen = seen if seen is not None else set()
        seen.add(self)
        for path, held in zip(self.paths, self.objects, strict=True):
            following = held.active if path.kind == "recursive" else None
            if following is other or (following and following not in seen and following.leads_to(other, seen)):
                return True
        return False

    def interfaces(self) -> list[int]:
        """sw_if_index of all by which packets leave, those of next hops' routes included."""
        found = {
            self.fib.adjacencies.by_index[index].sw_if_index for kind, _, index in self.buckets if kind == ADJACENCY
        }
        if self.resolved:
            for path, held in zip(self.paths, self.objects, strict=True):
                if path.kind == "recursive" and held.active is not None:
                    found.update(held.active.interfaces())
        return sorted(found)
