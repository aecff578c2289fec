"""What the numbers of a snapshot are called."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .snapshot import N_INTERFACE_COUNTERS, N_NODE_COUNTERS, Snapshot

Row = tuple[tuple[str, ...], float]  # values of the labels, and the number


@dataclass(frozen=True)
class Family:
    """A metric: its name (with `vpp_` before it, and `_total` behind a counter), and how to read it off a snapshot."""

    name: str
    help: str
    labels: tuple[str, ...]
    rows: Callable[[Snapshot], Iterable[Row]]
    counter: bool = True


def _interface(number: int) -> Callable[[Snapshot], Iterable[Row]]:
    """A counter of every interface, by its place in interface_counters_t."""

    def rows(shot: Snapshot) -> Iterable[Row]:
        values = shot.interface_counters[number::N_INTERFACE_COUNTERS]
        return (((interface.name,), value) for interface, value in zip(shot.interfaces, values, strict=True))

    return rows


def _node(number: int) -> Callable[[Snapshot], Iterable[Row]]:
    """A counter of every node that was ever called: an idle interface has two nodes of its own."""

    def rows(shot: Snapshot) -> Iterable[Row]:
        calls = shot.node_counters[::N_NODE_COUNTERS]
        values = shot.node_counters[number::N_NODE_COUNTERS]
        return (((node.name,), value) for node, n, value in zip(shot.nodes, calls, values, strict=True) if n)

    return rows


def _one(read: Callable[[Snapshot], float]) -> Callable[[Snapshot], Iterable[Row]]:
    return lambda shot: [((), read(shot))]


def _flag(attribute: str) -> Callable[[Snapshot], Iterable[Row]]:
    return lambda shot: (((interface.name,), int(getattr(interface, attribute))) for interface in shot.interfaces)


_INTERFACE_COUNTERS = (  # in the order of interface_counters_t, with the names of `show interface`
    ("rx_packets", "rx packets"),
    ("rx_bytes", "rx bytes"),
    ("tx_packets", "tx packets"),
    ("tx_bytes", "tx bytes"),
    ("drops", "drops"),
    ("punts", "punt"),
    ("ip4_packets", "ip4"),
    ("ip6_packets", "ip6"),
    ("rx_no_buffer", "rx-no-buf"),
    ("rx_misses", "rx-miss"),
    ("rx_errors", "rx-error"),
    ("tx_errors", "tx-error"),
)
_INTERFACE = ("interface",)

FAMILIES = (
    Family(
        "build_info",
        "Release whose behaviour this is (show version)",
        ("version", "profile"),
        lambda shot: [((shot.vpp.version.number, shot.vpp.profile), 1)],
        counter=False,
    ),
    *(
        Family(f"interface_{name}", f"`{shown}' of show interface", _INTERFACE, _interface(number))
        for number, (name, shown) in enumerate(_INTERFACE_COUNTERS)
    ),
    Family("interface_up", "1 when the interface is up (show interface)", _INTERFACE, _flag("admin_up"), counter=False),
    Family("interface_link_up", "1 when its link is up (show hardware-interfaces)", _INTERFACE, _flag("link_up"),
           counter=False),
    Family("node_calls", "`Calls' of show runtime", ("node",), _node(0)),
    Family("node_vectors", "`Vectors' of show runtime", ("node",), _node(1)),
    Family("node_clocks", "Ticks of the time stamp counter; `Clocks' of show runtime is this per vector", ("node",),
           _node(2)),
    Family("errors", "`Count' of show errors", ("node", "reason"), lambda shot: shot.errors.items()),
    Family("packets", "Packets by what became of them: received + generated = transmitted + consumed + dropped",
           ("fate",), lambda shot: (((fate,), n) for fate, n in shot.packets.items())),
    Family("buffers", "Packet buffers (show buffers)", ("state",),
           lambda shot: (((state,), shot.buffers[state]) for state in ("in_use", "cached", "free")), counter=False),
    Family("acl_sessions", "Sessions of the ACL plugin (show acl-plugin sessions)", (),
           _one(lambda shot: shot.acl["added"] - shot.acl["deleted"]), counter=False),
    Family("acl_sessions_added", "Sessions the ACL plugin made", (), _one(lambda shot: shot.acl["added"])),
    Family("acl_sessions_deleted", "Sessions the ACL plugin ended", (), _one(lambda shot: shot.acl["deleted"])),
    Family("nat44_sessions", "Sessions of NAT44 (show nat44 sessions)", (),
           _one(lambda shot: shot.nat44["sessions"]), counter=False),
    Family("nat44_users", "Inside addresses with NAT44 sessions", (), _one(lambda shot: shot.nat44["users"]),
           counter=False),
    Family("clock_seconds", "The engine's clock", (), _one(lambda shot: shot.clock), counter=False),
    Family("scrape_held_seconds", "How long packets stood still for this scrape", (),
           _one(lambda shot: shot.held), counter=False),
)  # fmt: skip

assert len(_INTERFACE_COUNTERS) == N_INTERFACE_COUNTERS
