"""What decided at a node: the rule, session or route that the engine answers with when it is asked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ..diagram.story import NONE, Step
from .fields import named
from .images import Sight

MOST_LINES = 500_000  # of an answer that are looked through

Ask = Callable[[str], Iterator[str]]  # a line: the lines of its answer


@dataclass
class Question:
    """What to ask, and which lines of the answer matter: those from the first wanted one, or all with it marked.

    title: what it is; command: None where the trace itself says it; says: that.
    """

    title: str
    command: str | None = None
    wanted: Callable[[str], bool] = lambda line: False
    block: str = ""  # what the first line of an entry of several lines begins with
    says: list[str] = field(default_factory=list)


@dataclass
class Decision:
    """The answer. marked: numbers of the lines that matter."""

    title: str
    lines: list[str]
    marked: set[int] = field(default_factory=set)


def kind_of(step: Step) -> str | None:
    """rule, session or route: what may have decided at this node."""
    data = step.data
    if step.family == "acl" and "action" in data:
        return "rule"
    if step.family == "nat" and data.get("session") not in NONE:
        return "session"
    is_route = "dpo" in data or "adjacency" in data
    return "route" if is_route or step.family == "tunnel" or step.node in ("l2-fwd", "l2-flood") else None


def question(step: Step, sight: Sight) -> Question | None:
    """What to ask about a step; None where nothing was decided there."""
    kind = kind_of(step)
    if kind == "rule":
        return _rule(step)
    if kind == "session":
        return _session(step, sight)
    return _route(step, sight) if kind == "route" else None


def _rule(step: Step) -> Question:
    data = step.data
    if data.get("acl") in NONE or any(note.endswith(("known session", "no rule matches")) for note in step.notes[:1]):
        return Question(f"{step.node}: {step.notes[0] if step.notes else 'no rule'}", "show acl-plugin sessions")
    rule = f"{data['rule']}:"
    return Question(
        f"{step.node}: acl {data['acl']} rule {data['rule']}",
        f"show acl-plugin acl index {data['acl']}",
        lambda line: line.strip().startswith(rule),
        says=step.notes,
    )


def _session(step: Step, sight: Sight) -> Question:
    old, new = (named(image.link, image.network) for image in (sight.before, sight.after))
    ends = [*_ends(old, new, "src"), *_ends(old, new, "dst")]
    far = _end(old, "dst" if _differs(old, new, "src") else "src")
    number = f"index {step.data['session']}"

    def wanted(entry: str) -> bool:
        lines = [line.strip() for line in entry.splitlines()]
        if not ends:
            return number in lines
        host = next((line for line in lines if line.startswith("external host ")), None)
        told = host is None or far is None or far[1] is None or f" {far[0]}:{far[1]}" in host
        return told and all(any(_says(line, *end) for line in lines) for end in ends)

    title = f"{step.node}: session {step.data['session']}"
    return Question(title, "show nat44 sessions detail", wanted, "i2o ", step.notes)


def _says(line: str, side: str, address: str, port: str | None) -> bool:
    """Whether a line of a session names this end of it."""
    words = line.split()
    there = words[:2] == [side, address]
    return there and (port is None or "port" not in words or words[words.index("port") + 1 :][:1] == [port])


def _end(fields: dict[str, str | None], side: str) -> tuple[str, str | None] | None:
    """Address and port of a side."""
    address = fields.get(f"ip {side}")
    port = "sport" if side == "src" else "dport"
    return (address, fields.get(f"tcp {port}") or fields.get(f"udp {port}")) if address else None


def _differs(old: dict[str, str | None], new: dict[str, str | None], side: str) -> bool:
    return _end(old, side) is not None and _end(old, side) != _end(new, side)


def _ends(old: dict[str, str | None], new: dict[str, str | None], side: str) -> list[tuple[str, str, str | None]]:
    """The end that was translated, inside and outside: how the session's line begins, the address, the port."""
    before, after = _end(old, side), _end(new, side)
    if before is None or after is None or before == after:
        return []
    inside, outside = (before, after) if side == "src" else (after, before)
    return [("i2o", *inside), ("o2i", *outside)]


def _route(step: Step, sight: Sight) -> Question:
    data = step.data
    if "adjacency" in data:
        return Question(f"{step.node}: adjacency {data['dpo']}", f"show adj {data['dpo']}", says=step.notes)
    if step.family == "tunnel":
        number = data.get("tunnel")
        kind = step.node.partition("-")[0].rstrip("46")
        title = f"{step.node}: tunnel {number}"
        return Question(title, f"show {kind} tunnel", lambda line: line.startswith(f"[{number}]"), says=step.notes)
    fields = named(sight.after.link, sight.after.network)
    if step.node.startswith("l2-"):
        mac = fields.get("ethernet dst") or data.get("dst") or ""
        title = f"{step.node}: {mac}"
        return Question(title, "show l2fib verbose", lambda line: bool(mac) and mac in line, says=step.notes)
    family = "ip6" if "ip6 dst" in fields else "ip"
    target = fields.get(f"{family} dst")
    if target is None:
        return Question(f"{step.node}: fib {data.get('fib')}", says=[step.text])
    table = f"index {data['fib']} " if data.get("fib") else ""
    return Question(
        f"{step.node}: route to {target}", f"show {family} fib {table}{target}", lambda line: "/" in line.split(" ")[0]
    )


def decide(asked: Question, ask: Ask | None) -> Decision:
    """The answer to a question; what the trace says where nobody can be asked."""
    if ask is None or asked.command is None:
        says = [line for text in asked.says for line in text.splitlines()] or ["nothing more"]
        told = [] if ask else ["", "There is no engine to ask: this trace comes from a file."]
        return Decision(asked.title, ["The trace says:", *(f"  {line}" for line in says), *told])
    lines = _entry(asked, ask(asked.command)) if asked.block else list(_bounded(ask(asked.command)))
    marked = {number for number, line in enumerate(lines) if not asked.block and asked.wanted(line)}
    return Decision(asked.title, [f"{asked.command}", "", *lines], {number + 2 for number in marked})


def _bounded(lines: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number >= 2000:
            yield "..."
            return
        yield line


def _entry(asked: Question, lines: Iterator[str]) -> list[str]:
    """The first entry that is wanted, from its first line to where the next one begins; the search ends with it."""
    entry: list[str] = []
    for number, line in enumerate(lines):
        if number > MOST_LINES:
            break
        begins = line.lstrip().startswith(asked.block)
        if entry and (begins or not line.strip()) and asked.wanted("\n".join(entry)):
            return entry
        entry = [line] if begins else [*entry, line] if entry else []
    if entry and asked.wanted("\n".join(entry)):
        return entry
    return ["it is no longer there"]
