"""What the show commands of routes and adjacencies give as data."""

from typing import NotRequired, TypedDict


class Adjacency(TypedDict):
    """A neighbour that packets are sent to. mtu: None where the release does not print it; rewrite: hex digits."""

    index: int
    kind: str
    next_hop: NotRequired[str]
    interface: NotRequired[str]
    mtu: NotRequired[int | None]
    rewrite: NotRequired[str]


class AdjacencyDetail(Adjacency):
    """An adjacency and who uses it."""

    locks: NotRequired[int]
    children: NotRequired[list[int]]


class Adjacencies(TypedDict):
    """All adjacencies, those of an interface, or one in detail."""

    summary: bool
    count: int
    detail: AdjacencyDetail | None
    adjacencies: list[Adjacency]


class Forwarding(TypedDict):
    """What a bucket leads to."""

    type: str
    adjacency: NotRequired[Adjacency]
    load_balance: NotRequired["LoadBalance"]
    table: NotRequired[str]
    address: NotRequired[str]
    interface: NotRequired[str]


class Bucket(TypedDict):
    """A bucket and its next index."""

    slot: int
    object: Forwarding


class LoadBalance(TypedDict):
    """How an entry forwards. to, via: packets and bytes."""

    index: int
    buckets: list[Bucket]
    urpf: int
    to: list[int]
    via: list[int]


class TableHeader(TypedDict):
    """A table. locks: by who holds it."""

    name: str
    table_id: int
    fib_index: int
    flow_hash: list[str]
    locks: dict[str, int]


class Row(TypedDict):
    """An entry as listings show it."""

    prefix: str
    load_balance: LoadBalance


class Table(TableHeader):
    """A table with its entries."""

    entries: list[Row]


class TableSummary(TableHeader):
    """A table with its numbers of entries by prefix length."""

    counts: dict[str, int]


class Path(TypedDict):
    """One way to a prefix."""

    index: int
    path_list: int
    weight: int
    preference: int
    kind: str
    resolved: bool
    interface: NotRequired[str]
    adjacency: NotRequired[Adjacency]
    next_hop: NotRequired[str]
    fib: NotRequired[int]
    via_entry: NotRequired[int]
    via_load_balance: NotRequired[int]
    object: NotRequired[Forwarding]


class PathList(TypedDict):
    """The ways that one source knows."""

    index: int
    locks: int
    flags: list[str]
    urpf: int | None
    interfaces: list[int]
    paths: list[Path]


class Source(TypedDict):
    """Who knows of a prefix, and what."""

    source: str
    refs: int
    entry_flags: list[str]
    flags: list[str]
    cover: int | None
    path_list: PathList | None
    extensions: list[str]


class Entry(TypedDict):
    """All there is to say of a prefix."""

    prefix: str
    fib: int
    index: int
    locks: int
    sources: list[Source]
    load_balance: LoadBalance


class Found(TypedDict):
    """An entry and the table it stands in."""

    table: TableHeader
    entry: Entry


class Tables(TypedDict):
    """`show ip fib`."""

    tables: list[Table]


class Summaries(TypedDict):
    """`show ip fib summary`."""

    summary: list[TableSummary]


class Entries(TypedDict):
    """`show ip fib PREFIX`."""

    entries: list[Found]


SHAPES = {
    "show ip fib": Tables | Summaries | Entries,
    "show adj": Adjacencies,
    "show load-balance": list[LoadBalance],
}
