"""Tables and entries as data and as `show ip fib` prints them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

from engine.cli.format import centre, right
from engine.net.fib.entry import Entry, NeighbourSource, Source, Table
from engine.net.fib.fib import FLOW_HASH_NAMES
from engine.net.fib.path import PRIORITY, Path
from engine.net.fib.pathlist import PathList
from engine.net.fib.text import (
    Fields,
    adjacency_fields,
    adjacency_text,
    interface_name,
    load_balance_fields,
    load_balance_text,
    object_fields,
    object_text,
)

if TYPE_CHECKING:
    from engine.net.fib.config import Routing

CHAIN = "unicast-ip4-chain"
BUCKET_COLUMN = 4


# ---- a whole table


def table_header(table: Table) -> Fields:
    """Name, number, flow hash fields and who holds the table."""
    locks = ((name, n & 0xFFFF) for name, n in table.locks.items())  # 16 bits: one unlock too many shows as 65535
    held = sorted(((name, n) for name, n in locks if n), key=lambda item: PRIORITY[item[0]])
    return {
        "name": table.name,
        "table_id": table.table_id,
        "fib_index": table.fib_index,
        "flow_hash": [name for name, bit in FLOW_HASH_NAMES.items() if table.flow_hash & bit],
        "locks": dict(held),
    }


def header_text(fields: Fields) -> str:
    """The line in front of a table's entries."""
    names = "".join(f"{name} " for name in fields["flow_hash"])
    locks = "".join(f"src:{name}:{n}, " for name, n in fields["locks"].items())
    return f"{fields['name']}, fib_index:{fields['fib_index']}, flow hash:[{names}] locks:[{locks}]"


def table_fields(fib: Routing, table: Table) -> Fields:
    """A table with all its entries' forwarding, as listings order them."""
    rows = [
        {"prefix": prefix_text(entry), "load_balance": load_balance_fields(fib, entry.load_balance)}
        for entry in table.ordered()
    ]
    return {**table_header(table), "entries": rows}


def tables_text(tables: Iterable[Fields]) -> Iterator[str]:
    """`show ip fib`."""
    for table in tables:
        yield header_text(table) + "\n"
        for row in table["entries"]:
            yield f"{row['prefix']}\n  {CHAIN}\n{_chain_text(row['load_balance'])}\n"


def summary_fields(table: Table) -> Fields:
    """How many entries of each prefix length a table has."""
    return {**table_header(table), "counts": {length: n for length, n in enumerate(table.counts) if n}}


def summary_text(tables: Iterable[Fields]) -> Iterator[str]:
    """`show ip fib summary`."""
    for table in tables:
        yield f"{header_text(table)}\n{centre('Prefix length', 20)}{centre('Count', 16)}\n"
        for length, count in table["counts"].items():
            yield f"{right(length, 20)}{right(count, 16)}\n"


def _chain_text(load_balance: Fields) -> str:
    return f"  [@0]: {load_balance_text(load_balance, BUCKET_COLUMN)}"


def prefix_text(entry: Entry) -> str:
    """`address/length`."""
    return f"{IPv4Address(entry.address)}/{entry.length}"


# ---- one entry, with its sources and paths


def entry_fields(fib: Routing, entry: Entry) -> Fields:
    """All there is to say of a prefix."""
    return {
        "prefix": prefix_text(entry),
        "fib": entry.table.fib_index,
        "index": entry.index,
        "locks": 2 + len(entry.children),
        "sources": [_source_fields(fib, entry, source, place) for place, source in enumerate(entry.sources)],
        "load_balance": load_balance_fields(fib, entry.load_balance),
    }


def _source_fields(fib: Routing, entry: Entry, source: Source, place: int) -> Fields:
    used = place == 0
    path_list = entry.active if used and source.path_list is None else source.path_list
    cover = None
    if "attached" in source.flags or "local" in source.flags or source.name in ("adjacency", "recursive-resolution"):
        found = entry.table.cover(entry.address, entry.length) if "attached" not in source.flags or (
            isinstance(source, NeighbourSource)) else None  # fmt: skip
        cover = found.index if found is not None and source.name != "plugin-low" else -1
    return {
        "source": source.name,
        "refs": source.refs,
        "entry_flags": list(source.flags),
        "flags": ["added", *(["contributing", "active"] if used else [])],
        "cover": cover,
        "path_list": path_list_fields(fib, path_list, 2 * path_list.locks) if path_list is not None else None,
        "extensions": _extensions(entry, source),
    }


def _extensions(entry: Entry, source: Source) -> list[str]:
    if not isinstance(source, NeighbourSource) or not source.refines_cover(entry):
        return []
    return [f"path:{source.path_list.path_indices[0]} adj-flags:[refines-cover]"] if source.path_list else []


def path_list_fields(fib: Routing, path_list: PathList, locks: int) -> Fields:
    """A path list with its paths, and how many hold it."""
    interfaces = path_list.interfaces()
    return {
        "index": path_list.index,
        "locks": locks,
        "flags": [*(["shared"] if path_list.shared else []), *path_list.flags],
        "urpf": path_list.urpf,
        "interfaces": interfaces,
        "paths": [
            _path_fields(fib, path_list, place, path) for place, path in enumerate(path_list.paths)
        ],
    }  # fmt: skip


def _path_fields(fib: Routing, path_list: PathList, place: int, path: Path) -> Fields:
    held, fields = path_list.objects[place], {
        "index": path_list.path_indices[place],
        "path_list": path_list.index,
        "weight": path.weight,
        "preference": path.preference,
        "kind": path.kind,
        "resolved": path_list.leads_on(place),
    }  # fmt: skip
    if path.kind in ("attached", "attached-nexthop"):
        fields["interface"] = interface_name(fib, path.sw_if_index)
        fields["adjacency"] = adjacency_fields(fib, held.index)
    if path.kind in ("recursive", "attached-nexthop"):
        fields["next_hop"] = str(IPv4Address(path.next_hop))
    if path.kind == "recursive":
        fields |= {"fib": path.fib_index, "via_entry": held.index, "via_load_balance": held.load_balance}
    if path.kind in ("special", "exclusive", "receive", "deag"):
        bucket = path_list.buckets[0]
        fields["object"] = object_fields(fib, bucket[0], bucket[2])
    return fields


def entry_text(fields: Fields) -> Iterator[str]:
    """What `show ip fib <prefix>` prints behind the table's line."""
    yield f"{fields['prefix']} fib:{fields['fib']} index:{fields['index']} locks:{fields['locks']}\n"
    extended = False
    for source in fields["sources"]:
        yield _source_text(source)
        if source["path_list"] is not None:
            yield from path_list_text(source["path_list"])
        extended = bool(source["extensions"])
        if extended:
            yield "    Extensions:\n" + "".join(f"     {text}\n" for text in source["extensions"])
    yield "" if extended else "\n"
    yield f" forwarding:   {CHAIN}\n{_chain_text(fields['load_balance'])}\n"


def _source_text(source: Fields) -> str:
    text = f"  src:{source['source']} refs:{source['refs']} "
    if source["entry_flags"]:
        text += f"entry-flags:{_flags(source['entry_flags'])} "
    text += f"src-flags:{_flags(source['flags'])}"
    return text + (f" cover:{source['cover']}" if source["cover"] is not None else "") + "\n"


def _flags(flags: list[str]) -> str:
    return "".join(f"{flag}," for flag in flags)


def path_list_text(fields: Fields) -> Iterator[str]:
    """Its line and those of its paths."""
    flags = f"flags:{_flags(fields['flags'])} " if fields["flags"] else ""
    interfaces = "".join(f"{index}, " for index in fields["interfaces"])
    yield f"    path-list:[{fields['index']}] locks:{fields['locks']} {flags}"
    if fields["urpf"] is None:
        yield "uRPF-list: None\n"
    else:
        yield f"uPRF-list:{fields['urpf']} len:{len(fields['interfaces'])} itfs:[{interfaces}]\n"
    for path in fields["paths"]:
        yield _path_text(path)


def _path_text(path: Fields) -> str:
    kind = path["kind"]
    text = f"      path:[{path['index']}] pl-index:{path['path_list']} ip4 weight={path['weight']} "
    text += f"pref={path['preference']} {kind}: "
    configured = {"special": "drop", "exclusive": "exclusive", "receive": "local"}.get(kind)
    if path["resolved"]:
        text += " oper-flags:resolved,"
    if configured:
        text += f" cfg-flags:{configured},"
    return text + "\n" + _path_body(path)


def _path_body(path: Fields) -> str:
    kind = path["kind"]
    if kind == "attached-nexthop":
        return f"        {path['next_hop']} {path['interface']}\n      [@0]: {adjacency_text(path['adjacency'])}\n"
    if kind == "attached":
        return f"         {path['interface']}\n"
    if kind == "recursive":
        return (
            f"        via {path['next_hop']} in fib:{path['fib']} via-fib:{path['via_entry']} "
            f"via-dpo:[dpo-load-balance:{path['via_load_balance']}]\n"
        )
    return f"        [@0]: {object_text(path['object'], BUCKET_COLUMN)}\n"


# ---- adjacencies


def adjacency_detail(fib: Routing, index: int) -> Fields:
    """An adjacency with what points to it."""
    adjacency = fib.adjacencies.by_index.get(index)
    fields = adjacency_fields(fib, index)
    if adjacency is None:
        return fields
    children = [path for user in adjacency.users for path in user.path_indices]
    return {**fields, "locks": 1 + len(adjacency.users), "children": sorted(children, reverse=True)}


def adjacency_detail_text(fields: Fields) -> str:
    """What `show adj <index>` prints."""
    if fields["kind"] == "invalid":
        return adjacency_text(fields) + "\n"
    children = "".join(f"{{path:{index}}}" for index in fields["children"])
    return (
        f"[@{fields['index']}] {adjacency_text(fields)}\n   counts:[0:0]\n   locks:{fields['locks']}\n"
        f" delegates:\n  \n children:\n  {children}\n"
    )


def any_text(data: Any) -> Any:
    """Text of `show ip fib` in any of its forms."""
    if "summary" in data:
        return summary_text(data["summary"])
    if "tables" in data:
        return tables_text(data["tables"])
    return _entries_text(data["entries"])


def _entries_text(entries: Iterable[Fields]) -> Iterator[str]:
    for row in entries:
        yield header_text(row["table"]) + "\n"
        yield from entry_text(row["entry"])
