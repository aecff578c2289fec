"""What differs between releases: numbers that other protocol families took first, and how an adjacency prints."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """Objects of tables that are not built here (IPv6, multicast), so that the numbers printed are VPP's."""

    foreign_entries: int  # taken after the default table's own
    foreign_load_balances: int
    foreign_receives: int
    adjacency_mtu: bool  # whether the text of an adjacency names its MTU
    table_locks: tuple[tuple[str, int], ...]  # held on the default table from the start


PROFILES = {
    "18.01": Profile(2, 3, 6, False, (("plugin-hi", 2), ("default-route", 1))),
    "18.10": Profile(2, 3, 5, True, (("plugin-hi", 2), ("default-route", 1))),
}
