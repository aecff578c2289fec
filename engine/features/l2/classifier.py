"""Numbers of classifier tables, as traces print them. The ACL plugin hooks four into each direction of an interface."""

from collections.abc import Iterable

NO_TABLES = (0xFFFFFFFF,) * 3
IP4, IP6, DOT1AD, DOT1Q = range(4)  # the order in which they are made


class Classifier:
    """A pool of table numbers, the one freed last given out first, and who has which."""

    def __init__(self) -> None:
        self.free: list[int] = []
        self.following = 0
        self.hooked: dict[tuple[int, bool], list[int]] = {}

    def hook(self, sw_if_index: int, is_input: bool, on: bool, again: bool) -> tuple[int, ...]:
        """Tables for IPv4, IPv6 and the rest of an interface and direction. again: a change makes them anew."""
        known = self.hooked.get((sw_if_index, is_input))
        if known is not None and (again or not on):
            self.unhook(sw_if_index, is_input)
        if not on:
            return NO_TABLES
        tables = self.hooked.setdefault((sw_if_index, is_input), [])
        tables += [self.take() for _ in range(4 - len(tables))]
        return tables[IP4], tables[IP6], tables[DOT1Q]

    def unhook(self, sw_if_index: int, is_input: bool) -> None:
        """Give the tables back; silent when there are none."""
        self.free += self.hooked.pop((sw_if_index, is_input), [])

    def give_back(self, tables: Iterable[int]) -> None:
        """Free tables; the last of them is the next to be taken."""
        self.free += tables

    def take(self) -> int:
        """The number of a new table."""
        if self.free:
            return self.free.pop()
        self.following += 1
        return self.following - 1
