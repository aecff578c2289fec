"""Tables and routes: which source says what of which prefix, and the path lists that come of it."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any

from engine.errors import ControlError
from engine.net.fib.adjacency import Adjacencies, Adjacency
from engine.net.fib.entry import MASKS, SOURCE_CLASSES, Entry, Follower, Numbers, Source, Table
from engine.net.fib.fib import DEFAULT_FLOW_HASH, FLOW_HASH_NAMES, Fib
from engine.net.fib.path import MAX_BUCKETS, NO_INTERFACE, Path
from engine.net.fib.pathlist import PathList
from engine.net.fib.profile import PROFILES

# What every table holds, in the order in which VPP makes them
SPECIAL_PREFIXES = ((0, 0), (0, 32), (0xF0000000, 4), (0xE0000000, 4), (0xFFFFFFFF, 32))

Prefix = tuple[int, int] | str | IPv4Interface | IPv4Network


class RouteError(ControlError):
    """A route, address or table that cannot be."""


def parse_prefix(prefix: Prefix) -> tuple[int, int]:
    """(address with its host bits, length) of a prefix as text, ipaddress object or pair.

    Raises RouteError for anything else.
    """
    if isinstance(prefix, tuple):
        address, length = prefix
        if not (0 <= address <= 0xFFFFFFFF and 0 <= length <= 32):
            raise RouteError(f"not an IPv4 prefix: {address}/{length}")
        return address, length
    try:
        parsed = IPv4Interface(prefix)
    except ValueError as error:
        raise RouteError(f"not an IPv4 prefix: {prefix}") from error
    return int(parsed.ip), parsed.network.prefixlen


class Tables(Fib):
    """The IPv4 tables of a vswitch with their routes.

    Every method checks its arguments first and raises RouteError (a ControlError) with nothing changed. Prefixes
    are text, ipaddress objects or (address, length); interfaces are given by sw_if_index.
    """

    default_flow_hash = DEFAULT_FLOW_HASH

    def __init__(self, graph: Any, interfaces: Any, profile: str = "18.01"):
        self.profile = PROFILES[profile]
        self.numbers = {kind: Numbers() for kind in ("entry", "path-list", "path", "urpf")}
        self.adjacencies = Adjacencies(self)
        self.on_interface: dict[int, set[PathList]] = {}  # path lists by the interfaces they name
        self.shared: dict[tuple, PathList] = {}
        self.tables: dict[int, Table] = {}  # by table id
        self.by_index: list[Any] = []  # Table or None, by fib index
        self.slots: dict[str, int] = {}
        self._make_default_table()

    def _make_default_table(self) -> None:
        self._new_table(0)
        self.tables[0].locks.update(dict(self.profile.table_locks))
        for _ in range(self.profile.foreign_entries):
            self.numbers["entry"].take()
        for _ in range(self.profile.foreign_load_balances):
            self.new_load_balance()
        for _ in range(self.profile.foreign_receives):
            self.new_receive(NO_INTERFACE, 0)

    # ---- tables

    def _new_table(self, table_id: int) -> Table:
        table = Table(self, table_id, self.new_mtrie())
        self.tables[table_id] = table
        self.by_index[table.fib_index : table.fib_index + 1] = [table]
        for address, length in SPECIAL_PREFIXES:
            source = "special" if length else "default-route"
            self._set_source(table, address, length, source, self._special("drop"), ("drop",))
        return table

    def add_table(self, table_id: int, source: str = "CLI") -> None:
        """Make a table; a source that has it already changes nothing."""
        if not 0 <= table_id <= 0xFFFFFFFF:
            raise RouteError(f"no such table {table_id}")
        table = self.tables.get(table_id) or self._new_table(table_id)
        if source not in table.makers:
            table.makers.add(source)
            table.locks[source] += 1

    def delete_table(self, table_id: int, source: str = "CLI") -> None:
        """Give a table up; it goes when nothing else needs it."""
        table = self.table(table_id)
        if table_id == 0:
            raise RouteError("Can't change the default table")
        if source in table.makers:
            table.makers.remove(source)
            self.unlock_table(table_id, source)

    def lock_table(self, table_id: int, source: str) -> int:
        """Keep a table, made if need be, as long as something uses it; returns its fib index."""
        table = self.tables.get(table_id) or self._new_table(table_id)
        table.locks[source] += 1
        return table.fib_index

    def unlock_table(self, table_id: int, source: str) -> None:
        """Undo one lock_table."""
        table = self.table(table_id)
        table.locks[source] -= 1
        self._drop_unused(table)

    def _drop_unused(self, table: Table) -> None:
        if table.table_id == 0 or +table.locks:
            return
        for entry in list(table.entries.values()):
            for source in list(entry.sources):
                self._unset_source(table, entry, source.name, all_refs=True)
        self.free_mtrie(table.fib_index)
        self.by_index[table.fib_index] = None
        del self.tables[table.table_id]

    def table(self, table_id: int) -> Table:
        """By table id. Raises RouteError."""
        if table_id not in self.tables:
            raise RouteError(f"no such table {table_id}")
        return self.tables[table_id]

    def table_id(self, fib_index: int) -> int:
        """Id of the table of a fib index. Raises RouteError."""
        if not self._has_index(fib_index):
            raise RouteError(f"no such table {fib_index}")
        return int(self.by_index[fib_index].table_id)

    def set_flow_hash(self, table_id: int, names: Iterable[str]) -> None:
        """Which fields a table's flow hash mixes: any of src, dst, sport, dport, proto, reverse."""
        table, config = self.table(table_id), 0
        for name in names:
            if name not in FLOW_HASH_NAMES:
                raise RouteError(f"no flow hash field {name}")
            config |= FLOW_HASH_NAMES[name]
        table.flow_hash = config
        for entry in table.entries.values():
            entry.install()

    # ---- routes

    def route_add(self, prefix: Prefix, paths: Iterable[Path], table_id: int = 0, source: str = "CLI",
                  replace: bool = False) -> None:  # fmt: skip
        """Add paths to a source's route of a prefix (or, with replace, let them be all it has)."""
        self.routes_add([prefix], paths, table_id, source, replace)

    def routes_add(self, prefixes: Iterable[Prefix], paths: Iterable[Path], table_id: int = 0, source: str = "CLI",
                   replace: bool = False) -> None:  # fmt: skip
        """As route_add for many prefixes with the same paths; 100,000 of them take about a second."""
        table = self.table(table_id)
        wanted = tuple(paths)
        parsed = [self._checked(prefix) for prefix in prefixes]
        if not wanted:
            raise RouteError("expected paths.")
        for path in wanted:
            self.check_path(path)
        for address, length in parsed:
            own = tuple(self._host_path(path, address, length) for path in wanted)
            entry = table.find(address & MASKS[length], length)
            known = entry.source(source) if entry is not None else None
            if known is not None and known.path_list is not None and not replace:
                own = self._merge(known.path_list.paths, own)
            self._set_paths(table, address, length, source, own)

    def route_delete(self, prefix: Prefix, paths: Iterable[Path] | None = None, table_id: int = 0,
                     source: str = "CLI") -> None:  # fmt: skip
        """Remove paths of a source's route, all without paths; what is not there stays so, silently."""
        table = self.table(table_id)
        address, length = self._checked(prefix)
        entry = table.find(address & MASKS[length], length)
        known = entry.source(source) if entry is not None else None
        if entry is None or known is None or known.path_list is None:
            return
        gone = [self._host_path(path, address, length) for path in paths] if paths is not None else None
        kept = () if gone is None else tuple(
            path for path in known.path_list.paths if not any(path.same_way(other) for other in gone)
        )  # fmt: skip
        if kept:
            self._set_paths(table, address, length, source, kept)
        else:
            self._unset_source(table, entry, source, all_refs=True)

    def check_path(self, path: Path) -> None:
        """Raises RouteError for a path by an interface or table that is not there, or a weight without meaning."""
        if path.kind in ("attached", "attached-nexthop"):
            self.interface(path.sw_if_index)
        if path.kind in ("recursive", "deag") and not self._has_index(path.fib_index):
            raise RouteError(f"no such table {path.fib_index}")
        if not 1 <= path.weight <= MAX_BUCKETS:
            raise RouteError(f"a weight is 1 to {MAX_BUCKETS}, not {path.weight}")

    def _has_index(self, fib_index: int) -> bool:
        return 0 <= fib_index < len(self.by_index) and self.by_index[fib_index] is not None

    @staticmethod
    def _checked(prefix: Prefix) -> tuple[int, int]:
        address, length = parse_prefix(prefix)
        return address & MASKS[length], length

    @staticmethod
    def _host_path(path: Path, address: int, length: int) -> Path:
        """A host on an interface is its own next hop; a next hop that is the host itself leads nowhere."""
        if path.kind == "attached" and length == 32:
            return Path("attached-nexthop", address, path.sw_if_index, 0, path.weight, path.preference)
        if path.kind == "recursive" and length == 32 and path.next_hop == address:
            return Path("special")
        return path

    @staticmethod
    def _merge(old: tuple[Path, ...], new: tuple[Path, ...]) -> tuple[Path, ...]:
        """Old paths with the new ones; one that goes the same way is replaced."""
        kept = tuple(path for path in old if not any(path.same_way(other) for other in new))
        return kept + new

    def _set_paths(self, table: Table, address: int, length: int, source: str, paths: tuple[Path, ...]) -> None:
        special = [path for path in paths if path.kind in ("special", "exclusive", "receive")]
        if special:
            path = special[-1]
            flags = {"exclusive": ("exclusive",), "receive": ("local",), "special": ("drop",)}[path.kind]
            held = PathList(self, (path,), flags, False)
            self._set_source(table, address, length, source, held, flags)
            return
        ordered = tuple(sorted(paths, key=Path.sort_key))
        attached = all(path.kind == "attached" or self._is_own(path, address, length) for path in ordered)
        entry = table.find_or_make(address, length)
        shared = self.shared.get(ordered)
        if shared is None:
            shared = self.shared[ordered] = PathList(self, ordered, (), True)
        self._set_source(table, address, length, source, shared, ("attached",) if attached else (), entry)

    @staticmethod
    def _is_own(path: Path, address: int, length: int) -> bool:
        return path.kind == "attached-nexthop" and length == 32 and path.next_hop == address

    def _special(self, target: str) -> PathList:
        return PathList(self, (Path("special", target=target),), (target,), False)

    # ---- sources of entries

    def _set_source(self, table: Table, address: int, length: int, name: str, path_list: PathList | None,
                    flags: tuple[str, ...], entry: Entry | None = None) -> Entry:  # fmt: skip
        """Let a source say that a prefix goes by a path list, in place of what it said before."""
        entry = entry or table.find_or_make(address, length)
        self.hold(path_list)
        known = entry.source(name)
        if known is None:
            entry.sources.append(SOURCE_CLASSES.get(name, Source)(name, path_list, flags))
            entry.sources.sort(key=lambda source: source.priority)
            if name in SOURCE_CLASSES:
                table.follow_cover(entry)
            replaced = None
        else:
            replaced, known.path_list, known.flags = known.path_list, path_list, flags
        entry.refresh()
        table.cover_changed(entry)
        self.let_go(replaced)
        return entry

    def _unset_source(self, table: Table, entry: Entry, name: str, all_refs: bool = False) -> None:
        """A source has nothing more to say of a prefix; without any the entry goes."""
        source = entry.source(name)
        if source is None:
            return
        source.refs -= 1
        if source.refs and not all_refs:
            return
        entry.sources.remove(source)
        if entry.sources:
            entry.refresh()
            table.cover_changed(entry)
        else:
            table.remove(entry)
        if name in SOURCE_CLASSES and not any(other.name in SOURCE_CLASSES for other in entry.sources):
            table.dependents.remove(entry.address)
        self.let_go(source.path_list)

    def hold(self, path_list: PathList | None) -> PathList | None:
        if path_list is not None:
            path_list.locks += 1
        return path_list

    def let_go(self, path_list: PathList | None) -> None:
        """The last to let go of a path list frees it."""
        if path_list is None:
            return
        path_list.locks -= 1
        if path_list.locks == 0:
            if path_list.shared:
                del self.shared[path_list.paths]
            path_list.free()

    # ---- what path lists ask

    def resolve_via(self, fib_index: int, next_hop: int, child: PathList) -> Entry:
        """The entry of a recursive path's next hop, made if need be."""
        self.by_index[fib_index].locks["recursive-resolution"] += 1
        return self.track(fib_index, next_hop, child)

    def unresolve_via(self, entry: Entry, child: PathList) -> None:
        entry.table.locks["recursive-resolution"] -= 1
        self.untrack(entry, child)

    def track(self, fib_index: int, address: int, child: Follower) -> Entry:
        """The entry of an address, made if need be: it goes where what covers it goes, and tells the child."""
        table: Table = self.by_index[fib_index]
        entry = table.find_or_make(address, 32)
        known = entry.source("recursive-resolution")
        if known is None:
            self._set_source(table, address, 32, "recursive-resolution", None, ())
        else:
            known.refs += 1
        entry.children.append(child)
        return entry

    def untrack(self, entry: Entry, child: Follower) -> None:
        """Undo one track."""
        entry.children.remove(child)
        self._unset_source(entry.table, entry, "recursive-resolution")

    def is_up(self, adjacency: Adjacency, path: Path) -> bool:
        """Whether packets can leave by an adjacency: its interface is there, still the same, and admin up."""
        key = (path.sw_if_index, None if path.kind == "attached" else path.next_hop)
        interface = self.interfaces.by_index[path.sw_if_index]
        return interface is not None and interface.admin_up and self.adjacencies.by_key.get(key) is adjacency

    def slot(self, node: str) -> int:
        """Next index of a node in ip4-lookup that it does not declare; given at first use."""
        if node not in self.slots:
            self.slots[node] = self.graph.add_next("ip4-lookup", node)
        return self.slots[node]

    def interface(self, sw_if_index: int) -> Any:
        """By sw_if_index. Raises RouteError."""
        by_index = self.interfaces.by_index
        if not 0 <= sw_if_index < len(by_index) or by_index[sw_if_index] is None:
            raise RouteError(f"no interface {sw_if_index}")
        return by_index[sw_if_index]

    @staticmethod
    def subnet_address(interface: Any, target: int) -> int:
        """Address of an interface in the subnet of a target; 0 without any."""
        addresses = ((int(IPv4Address(text)), length) for text, length in interface.used_addresses)
        return next((address for address, length in addresses if (address ^ target) & MASKS[length] == 0), 0)

    def source_address(self, interface: Any, target: int) -> int:
        """Address of an interface to speak to a target with: of the same subnet, else its first; 0 without any."""
        first = interface.used_addresses[0][0] if interface.used_addresses else 0
        return self.subnet_address(interface, target) or int(IPv4Address(first))
