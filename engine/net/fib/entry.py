"""Entries of a table: one prefix each, given by one or more sources, of which the best forwards."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from typing import TYPE_CHECKING, Protocol

from engine.net.fib.path import PRIORITY, Path
from engine.net.fib.pathlist import DROP_BUCKETS, PathList

if TYPE_CHECKING:
    from engine.net.fib.tables import Tables

MASKS = [(0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF for length in range(33)]


class Numbers:
    """Numbers from 0, the one given back last first: those of objects that only `show` commands name."""

    def __init__(self) -> None:
        self.free: list[int] = []
        self.following = 0

    def take(self) -> int:
        if self.free:
            return self.free.pop()
        self.following += 1
        return self.following - 1

    def give(self, number: int) -> None:
        self.free.append(number)


class Source:
    """What one source says of a prefix. refs: how often it said so."""

    __slots__ = ("flags", "name", "path_list", "priority", "refs")

    def __init__(self, name: str, path_list: PathList | None, flags: tuple[str, ...]):
        self.name, self.path_list, self.flags, self.refs = name, path_list, flags, 1
        self.priority = PRIORITY[name]

    def chosen(self, entry: Entry) -> PathList | None:
        """The path list to forward by, None to drop."""
        return self.path_list


class NeighbourSource(Source):
    """A neighbour's own /32: forwards only where the interface's subnet says the neighbour belongs there."""

    def chosen(self, entry: Entry) -> PathList | None:
        return self.path_list if self.refines_cover(entry) else None

    def refines_cover(self, entry: Entry) -> bool:
        """Whether what covers the entry is the subnet of the neighbour's interface."""
        cover = entry.table.cover(entry.address, entry.length)
        if cover is None or self.path_list is None:
            return False
        return cover.attached_to() == self.path_list.paths[0].sw_if_index


class NextHopSource(Source):
    """The /32 of a recursive route's next hop: goes where the prefix that covers it goes.

    On a connected prefix that is a neighbour of its own.
    """

    def chosen(self, entry: Entry) -> PathList | None:
        cover = entry.table.cover(entry.address, entry.length)
        interface = cover.attached_to() if cover is not None else None
        old = self.path_list
        if interface is not None:
            paths = (Path("attached-nexthop", entry.address, interface),)
            if old is None or old.paths != paths:
                self.path_list = entry.table.fib.hold(PathList(entry.table.fib, paths, (), False))
                entry.table.fib.let_go(old)
            return self.path_list
        self.path_list = entry.table.fib.hold(cover.active) if cover is not None else None
        entry.table.fib.let_go(old)
        return self.path_list


class Follower(Protocol):
    """What is told when an entry forwards otherwise."""

    def update(self) -> None: ...


SOURCE_CLASSES = {"adjacency": NeighbourSource, "recursive-resolution": NextHopSource}


class Entry:
    """A prefix. address: host order, masked. children: path lists whose next hop it is, tunnels whose far end it is.

    sort_address: the address it was made with, host bits kept; listings sort by it.
    """

    __slots__ = ("active", "address", "children", "index", "is_resolved", "length", "load_balance", "sort_address",
                 "sources", "table")  # fmt: skip

    def __init__(self, table: Table, address: int, length: int, sort_address: int):
        self.table, self.address, self.length, self.sort_address = table, address, length, sort_address
        self.index = table.fib.numbers["entry"].take()
        self.sources: list[Source] = []
        self.active: PathList | None = None
        self.is_resolved = False
        self.load_balance = -1
        self.children: list[Follower] = []

    def source(self, name: str) -> Source | None:
        for source in self.sources:
            if source.name == name:
                return source
        return None

    def attached_to(self) -> int | None:
        """sw_if_index of the interface whose link the prefix is on, None if it is on none."""
        best = self.sources[0] if self.sources else None
        if best is None or "attached" not in best.flags or best.path_list is None:
            return None
        return best.path_list.paths[0].sw_if_index

    def refresh(self) -> None:
        """Forward by the best source."""
        chosen = self.sources[0].chosen(self)
        if chosen is not self.active:
            if self.active is not None:
                self.active.users.discard(self)
            self.active = chosen
            if chosen is not None:
                chosen.users.add(self)
                if self.children:
                    chosen.update()  # which may now lead to itself
        self.install()

    def install(self) -> None:
        """Give the load-balance what the path list resolves to, and tell the routes whose next hop this is."""
        fib, active = self.table.fib, self.active
        new = self.load_balance < 0
        if new:
            self.load_balance = fib.new_load_balance()
        fib.set_load_balance(self.load_balance, active.buckets if active else DROP_BUCKETS, self.table.flow_hash)
        if new:
            fib.set_prefix(self.table.fib_index, self.address, self.length, self.load_balance)
        fib.set_urpf(self.load_balance, active.urpf or 0 if active else 0)
        self.is_resolved = active is not None and active.resolved
        for child in list(self.children):
            child.update()

    def free(self) -> None:
        """Take it out of the packet path; its sources are gone."""
        fib = self.table.fib
        if self.active is not None:
            self.active.users.discard(self)
        if self.load_balance >= 0:
            cover = self.table.cover(self.address, self.length)
            fib.unset_prefix(self.table.fib_index, self.address, self.length,
                             cover.load_balance if cover else 0, cover.length if cover else 0)  # fmt: skip
            fib.free_load_balance(self.load_balance)
        fib.numbers["entry"].give(self.index)


class Table:
    """One IPv4 table. locks: by source, how many things need the table to be there; makers: who asked for it."""

    def __init__(self, fib: Tables, table_id: int, fib_index: int):
        self.fib, self.table_id, self.fib_index = fib, table_id, fib_index
        self.name = f"ipv4-VRF:{table_id}"
        self.flow_hash = fib.default_flow_hash
        self.entries: dict[int, Entry] = {}  # by address * 64 + length
        self.counts = [0] * 33  # entries by length
        self.locks: Counter[str] = Counter()
        self.makers: set[str] = set()
        self.dependents: list[int] = []  # sorted addresses of /32 entries that follow what covers them

    def find(self, address: int, length: int) -> Entry | None:
        return self.entries.get(address << 6 | length)

    def find_or_make(self, address: int, length: int) -> Entry:
        """address may have host bits; a new entry remembers them for sorting."""
        masked = address & MASKS[length]
        key = masked << 6 | length
        entry = self.entries.get(key)
        if entry is None:
            entry = self.entries[key] = Entry(self, masked, length, address)
            self.counts[length] += 1
        return entry

    def remove(self, entry: Entry) -> None:
        del self.entries[entry.address << 6 | entry.length]
        self.counts[entry.length] -= 1
        entry.free()
        self.cover_changed(entry)

    def cover(self, address: int, length: int) -> Entry | None:
        """The longest prefix shorter than length that holds the address."""
        return next(
            (
                found
                for shorter in range(length - 1, -1, -1)
                if self.counts[shorter] and (found := self.find(address & MASKS[shorter], shorter)) and found.sources
            ),
            None,
        )

    def match(self, address: int) -> Entry | None:
        """The longest prefix that holds the address."""
        found = self.find(address, 32)
        return found if found is not None else self.cover(address, 32)

    def ordered(self) -> list[Entry]:
        """All entries as listings show them."""
        return sorted(self.entries.values(), key=lambda entry: (entry.sort_address, entry.length))

    def follow_cover(self, entry: Entry) -> None:
        """The /32 entry has a source that depends on what covers it."""
        at = bisect_left(self.dependents, entry.address)
        if at == len(self.dependents) or self.dependents[at] != entry.address:
            insort(self.dependents, entry.address)

    def cover_changed(self, entry: Entry) -> None:
        """A prefix came, went or forwards otherwise: those below that depend on it choose again."""
        if not self.dependents or entry.length == 32:
            return
        at = bisect_left(self.dependents, entry.address)
        end = bisect_left(self.dependents, (entry.address | ~MASKS[entry.length] & 0xFFFFFFFF) + 1)
        for address in self.dependents[at:end]:
            dependent = self.find(address, 32)
            if dependent is not None and dependent.sources:
                dependent.refresh()
