"""Paths of a route, and how several share the buckets of a load-balance."""

from dataclasses import dataclass
from math import floor

NO_INTERFACE = 0xFFFFFFFF
TOLERANCE = 0.1  # buckets given wrongly, as a part of all, that is good enough
MAX_BUCKETS = 1 << 13

# In the order in which paths of one route are sorted
KINDS = ("attached-nexthop", "attached", "recursive", "special", "exclusive", "deag", "receive")

# Best first; of an entry's sources the first one here forwards
SOURCES = (
    "special", "classify", "proxy", "interface", "SR", "plugin-hi", "BIER", "6RD", "API", "CLI", "plugin-low", "LISP",
    "MAP", "DHCP", "IPv6-proxy-nd", "IPv6-nd", "adjacency", "mpls", "attached_export", "recursive-resolution",
    "urpf-exempt", "default-route", "interpose",
)  # fmt: skip
PRIORITY = {source: rank for rank, source in enumerate(SOURCES)}


@dataclass(frozen=True, slots=True)
class Path:
    """One way a route can go.

    kind: one of KINDS. next_hop: address, host order. fib_index: of the table a recursive or deag path looks in.
    target: what a special or exclusive path does, "drop" or "punt".
    """

    kind: str
    next_hop: int = 0
    sw_if_index: int = NO_INTERFACE
    fib_index: int = 0
    weight: int = 1
    preference: int = 0
    target: str = "drop"

    def sort_key(self) -> tuple:
        return (self.preference, KINDS.index(self.kind), self.next_hop, self.sw_if_index, self.fib_index)

    def same_way(self, other: "Path") -> bool:
        """Equal but for weight and preference: what deleting a path looks for."""
        return self.sort_key()[1:] == other.sort_key()[1:] and self.target == other.target


def share_buckets(weights: list[int]) -> list[tuple[int, int]]:
    """Share a power of two of buckets among weighted paths: (position in weights, buckets) in the order they stand.

    VPP's rule: as few buckets as give every path its part with an error of at most a tenth of them all.
    """
    if len(weights) == 1:
        return [(0, 1)]
    order = sorted(range(len(weights)), key=lambda i: -weights[i] if len(weights) == 2 else weights[i])
    n_buckets = 1 << (len(weights) - 1).bit_length()
    while True:
        given, left, error = _round_shares([weights[i] for i in order], n_buckets)
        if error <= TOLERANCE * n_buckets or n_buckets >= MAX_BUCKETS:
            given[0] += left
            return [(i, n) for i, n in zip(order, given, strict=True) if n]
        n_buckets *= 2


def _round_shares(weights: list[int], n_buckets: int) -> tuple[list[int], int, float]:
    """Buckets of each path, what is left over, and how far that is from the exact parts."""
    norm = n_buckets / sum(weights)
    left, error, given = n_buckets, 0.0, []
    for weight in weights:
        n = min(floor(weight * norm + 0.5), left)
        left -= n
        error += abs(weight * norm - n) if n else n_buckets
        given.append(n)
    return given, left, error
