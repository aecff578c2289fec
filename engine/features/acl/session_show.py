"""`show acl-plugin sessions`, as VPP 18.10 prints it.

Times are nanoseconds of the engine's clock, so there are 1000000000 `clocks per second`. Counters of what VPP's
worker threads tell each other are 0: sessions are deleted by the thread that owns them.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from engine.cli.format import vformat

from .layout import ARENA_EMPTY

CLOCKS_PER_SECOND = 1_000_000_000
SESSION_BUCKET = 0x80  # bytes of VPP's arena for each entry that is alone in its bucket
TABLE_MEMORY = 1 << 30
LEAST_PER_INTERVAL, MOST_PER_INTERVAL, INCREMENT_MS = 1, 100, 100


def hash_table(name: str, entries: int, most: int, bucket: int, memory: int) -> dict[str, Any]:
    """A bihash of VPP: every entry in a bucket of its own, freed ones used again first."""
    used = ARENA_EMPTY + bucket * most
    return {"name": name, "entries": entries, "free": most - entries, "used": used, "memory": memory}


def hash_table_text(table: dict[str, Any]) -> Iterator[str]:
    ever_used = table["entries"] or table["free"]
    yield f"Hash table {table['name']}"
    yield f"    {table['entries']} active elements {table['entries']} active buckets"
    yield f"    {1 if ever_used else 0} free lists"
    if table["free"]:
        yield f"       [len 1] {table['free']} free elts"
    yield "    0 linear search buckets"
    yield f"    arena: base 0, next {table['used']:x}"
    megabytes = f"({table['used'] >> 20} Mbytes)", f"({table['memory'] >> 20} Mbytes)"
    yield f"           used {table['used']} b {megabytes[0]} of {table['memory']} b {megabytes[1]}"
    yield ""


def sessions_data(vpp: Any, one: int | None, every: bool) -> dict[str, Any]:
    """one: number of a session to show; every: list them all."""
    acl = vpp.acl
    state = acl.state
    counters = state.counters()
    numbers = state.sessions() if every else [one] if one is not None else []
    return {
        "now": vpp.clock.now_ns,
        "counters": counters,
        "interfaces": [
            {"sw_if_index": interface.sw_if_index} | state.interface_counters(interface.sw_if_index)
            for interface in vpp.interfaces
        ],
        "lists": [None if head is None else state.session(head) for head in state.lists()],
        "sessions": listed(state, numbers),
        "reclassify": state.reclassify,
        "tables": [
            hash_table("ACL plugin FA IPv6 session bihash", 0, 0, SESSION_BUCKET, TABLE_MEMORY),
            hash_table(
                "ACL plugin FA IPv4 session bihash",
                counters["entries"],
                counters["most_entries"],
                SESSION_BUCKET,
                TABLE_MEMORY,
            ),
        ]
        if acl.ever_applied
        else None,
    }


def listed(state: Any, numbers: list[int]) -> Iterator[dict[str, Any]]:
    """The sessions, looked up one by one as the listing goes on."""
    for number in numbers:
        with suppress(KeyError):  # there is none, or none any more
            session = state.session(number)
            yield session | {"words": words(session)}


def words(session: dict[str, Any]) -> list[int]:
    """The first packet's key, as its trace had it."""
    tcp_flags_valid, l4_valid = session["bits"] >> 1 & 1, session["bits"] & 1
    bits = tcp_flags_valid | l4_valid << 1 | (session["bits"] >> 2 & 1) << 2
    return [0, 0, 0, *session["key"], 0xFFFF << 32 | session["tcp_flags"] << 48 | bits << 56]


def sessions_text(data: dict[str, Any]) -> Iterator[str]:
    return (line + "\n" for line in all_lines(data))


def all_lines(data: dict[str, Any]) -> Iterator[str]:
    yield from totals(data["counters"])
    yield f"now: {data['now']} clocks per second: {CLOCKS_PER_SECOND}"
    yield from ("", "", "Per-thread data:", "Thread #0:")
    for session in data["sessions"]:
        yield from session_text(session)
    yield "  connection add/del stats:"
    for row in data["interfaces"]:
        balance = row["added"] - row["deleted"]
        yield (
            f"    sw_if_index {row['sw_if_index']}: add {row['added']} - del {row['deleted']} = {balance}; "
            f"epoch chg: {row['epoch_changes']}"
        )
    yield from lists_text(data["lists"])
    yield from worker_text(data)
    yield from cleaner_text(data)
    if data["tables"] is None:
        yield "Session lookup hash table is not allocated."
        return
    for family, table in zip(("IPv6", "IPv4"), data["tables"], strict=True):
        yield f"{family} Session lookup hash table:"
        yield from hash_table_text(table)
        yield ""
        if family == "IPv6":
            yield ""


def totals(counters: dict[str, int]) -> Iterator[str]:
    added, gone, deleted = counters["added"], counters["deactivated"], counters["deleted"]
    yield f"Sessions total: add {added} - del {deleted} = {added - deleted}"
    yield f"Sessions active: add {added} - deact {gone} = {added - gone}"
    yield f"Sessions being purged: deact {gone} - del {deleted} = {gone - deleted}"


def session_text(session: dict[str, Any]) -> Iterator[str]:
    yield f"  session index {session['index']}:"
    yield "    info:" + "".join(f" {word:016x}" for word in session["words"])
    yield f"    sw_if_index: {session['sw_if_index']}"
    yield f"    tcp_flags_seen: {session['tcp_flags_seen']:x}"
    yield f"    last active time: {session['last_active_ns']}"
    yield f"    thread index: {session['thread_index']}"
    yield f"    link enqueue time: {session['link_enqueue_ns']}"
    yield f"    link next index: {session['link_next']}"
    yield f"    link prev index: {session['link_prev']}"
    yield f"    link list id: {session['link_list_id']}"


def lists_text(heads: list[dict[str, Any] | None]) -> Iterator[str]:
    yield "  connection timeout type lists:"
    for number, head in enumerate(heads):
        yield f"  fa_conn_list_head[{number}]: {-1 if head is None else head['index']}"
        if head is not None:
            yield f"    last active time: {head['last_active_ns']}"
            yield f"    link enqueue time: {head['link_enqueue_ns']}"


def worker_text(data: dict[str, Any]) -> Iterator[str]:
    counters = data["counters"]
    serviced = sum(1 << row["sw_if_index"] for row in data["interfaces"] if row["added"])
    yield from ("  Next expiry time: 0", "  Requeue until time: 0", "  Current time wait interval: 0")
    yield f"  Count of deleted sessions: {counters['cleaned']}"
    yield "  Delete already deleted: 0"
    yield f"  Session timers restarted: {counters['requeued']}"
    yield "  Swipe until this time: 0"
    yield f"  sw_if_index serviced bitmap: {serviced:x}"
    yield from ("  pending clear intfc bitmap : ", "  clear in progress: 0", "  interrupt is pending: 0")
    yield from ("  interrupt is needed: 0", "  interrupt is unwanted: 0", "  interrupt generation: 0")
    yield from ("  received session change requests: 0", "  sent session change requests: 0", "", "")


def cleaner_text(data: dict[str, Any]) -> Iterator[str]:
    events = {
        "delete_by_sw_index events": 0,
        "delete_by_sw_index handled ok": 0,
        "unknown events received": 0,
        "session idle timers restarted": data["counters"]["requeued"],
        "event wait with timeout called": 0,
        "event wait w/o timeout called": 0,
        "total event cycles": 0,
    }
    yield "Conn cleaner thread counters:"
    for name, count in events.items():
        yield vformat("%33d: %s", count, name)
    current = data["counters"]["interval_ns"] // 1_000_000
    yield "Interrupt generation: 0"
    yield (
        f"Sessions per interval: min {LEAST_PER_INTERVAL} max {MOST_PER_INTERVAL} increment: {INCREMENT_MS} ms "
        f"current: {current} ms"
    )
    yield f"Reclassify sessions: {int(data['reclassify'])}"
    yield ""
