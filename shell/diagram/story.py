"""A traced packet as a story: its steps, what each node changed, and how it ended.

Reads what `show trace | json` gives, and what shell.trace_text makes of the text of a real VPP.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .headers import Fields, end, flow, seen

DROPS = ("error-drop", "error-punt", "ip4-drop", "ip6-drop", "null-node", "drop")
ANSWERS = ("ip4-icmp-error", "ip4-icmp-echo-request")
TUNNELS = ("vxlan", "geneve", "gre", "ipip")
CHANGERS = ("nat", *TUNNELS)
SHOWS_RESULT = ("rewrite", "-vtr", "-output", "-tx", "midchain")  # these print the packet as they leave it
ACL_ACTIONS = ("deny", "permit", "permit+reflect", "permit")
FOUND = 0x80000000
NONE = (-1, 0xFFFFFFFF, None)
FIELD_NAMES = {"src": "source", "dst": "destination", "ttl": "ttl", "mac_src": "source MAC", "mac_dst": "MAC"}


@dataclass
class Change:
    """A field that a node changed; before is None where it was not known."""

    name: str
    before: str | None
    after: str


@dataclass
class Step:
    """A node on the way. notes: what it decided, `bad` when that ended the packet."""

    node: str
    time: float
    text: str
    data: Fields
    seen: Fields
    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    bad: bool = False

    @property
    def family(self) -> str:
        """What the node is about, for its colour."""
        return family(self.node)


@dataclass
class Path:
    """A packet's way through one vswitch. verdict: sent, dropped, answered or consumed; reason: of a drop."""

    number: int
    steps: list[Step]
    enters: str
    leaves: str
    before: Fields
    after: Fields
    verdict: str
    reason: str = ""
    where: str = ""  # the vswitch, in a lab

    @property
    def time(self) -> float:
        """Seconds, when it entered."""
        return self.steps[0].time if self.steps else 0.0


@dataclass
class Facts:
    """What a trace does not say: names of interfaces by sw_if_index, and texts of rules by (acl, rule)."""

    interfaces: dict[int, str] = field(default_factory=dict)
    rules: dict[tuple[int, int], str] = field(default_factory=dict)

    def name(self, sw_if_index: Any) -> str:
        """An interface's name, or its number."""
        return self.interfaces.get(sw_if_index, f"interface {sw_if_index}")


def family(node: str) -> str:
    """input, l2, acl, nat, tunnel, ip, output or drop."""
    if node in DROPS or node.endswith("-drop"):
        return "drop"
    if node.startswith("acl-plugin"):
        return "acl"
    if node.startswith(("nat44", "nat64", "nat-", "snat")):
        return "nat"
    if node.startswith(TUNNELS):
        return "tunnel"
    if node.startswith(("l2-", "arp-term", "feature-bitmap", "ethernet", "llc", "arp-")):
        return "l2"
    if node.endswith(("-output", "-tx")):
        return "output"
    if node.endswith("-input") and not node.startswith(("ip4", "ip6", "mpls", "icmp")):
        return "input"
    return "ip"


def read(trace: Fields, facts: Facts | None = None, where: str = "") -> list[Path]:
    """The stories of all packets of a trace."""
    known = facts or Facts()
    packets = [packet for packet in trace["packets"] if packet["entries"]]
    return [_path(packet, known, where) for packet in packets]


def _path(packet: Fields, facts: Facts, where: str) -> Path:
    steps = [
        Step(entry["node"], entry["time"], entry["text"], entry.get("data") or {}, seen(entry))
        for entry in packet["entries"]
    ]
    before, after = _attribute(steps)
    for step in steps:
        _annotate(step, facts)
    verdict, reason = _end(steps)
    leaves = next((_leaves(step) for step in reversed(steps) if step.family == "output"), "")
    return Path(packet["packet"], steps, _enters(steps, facts), leaves, before, after, verdict, reason, where)


def _leaves(step: Step) -> str:
    return str(step.data.get("interface") or step.node.rpartition("-")[0])


def _enters(steps: list[Step], facts: Facts) -> str:
    """The interface that it came by: its input node says it, or a later node."""
    for step in steps:
        for name in ("interface", "hw_if_index", "sw_if_index"):
            value = step.data.get(name)
            if isinstance(value, str):
                return value
            if value is not None:
                return facts.name(value)
        if step.family == "ip" and step.node != "ip4-input":
            break
    return steps[0].node


def _end(steps: list[Step]) -> tuple[str, str]:
    for step in steps:
        if step.family == "drop":
            step.bad = True
            return "dropped", step.text.strip().splitlines()[-1] if step.text.strip() else step.node
    if any(step.node in ANSWERS for step in steps):
        return "answered", ""
    return ("sent", "") if any(step.family == "output" for step in steps) else ("consumed", "")


# ---- which node changed what


def _attribute(steps: list[Step]) -> tuple[Fields, Fields]:
    """Give each change of the packet to the node that made it; returns the packet as it came, and as it left."""
    known: Fields = {}
    first: Fields = {}
    last = 0
    for place, step in enumerate(steps):
        new = step.seen
        if not new or ("arp" in new and "src" in known):
            continue
        tunnel = _tunnel(steps[last:place])
        if tunnel is not None:  # other headers: not changed ones
            if "src" in new:
                _crossed(tunnel, known, new)
                known = {}
            known |= new
        else:
            for change in _changes(known, new):
                owner(steps, last, place, change.name).changes.append(change)
            known |= new
        if "src" not in first:
            first = dict(known)
        if "src" in new:
            last = place
    return first, known


def _changes(known: Fields, new: Fields) -> Iterator[Change]:
    for side in ("src", "dst"):
        if side in known and side in new and end(known, side) != end({**known, **new}, side):
            yield Change(FIELD_NAMES[side], end(known, side), end({**known, **new}, side))
    if "ttl" in known and new.get("ttl", known["ttl"]) != known["ttl"]:
        yield Change("ttl", str(known["ttl"]), str(new["ttl"]))
    macs = [name for name in ("mac_src", "mac_dst") if name in new and name in known and new[name] != known[name]]
    if macs:
        yield Change("MAC", _macs(known), _macs({**known, **new}))


def _macs(fields: Fields) -> str:
    return f"{fields['mac_src']} \N{RIGHTWARDS ARROW} {fields['mac_dst']}"


def owner(steps: list[Step], last: int, place: int, name: str) -> Step:
    """The node between two that showed the packet which made a change."""
    if name in ("source", "destination"):
        for step in reversed(steps[last : place + 1]):
            if step.family == "nat" and step.data.get("session") not in NONE:
                return step
    if any(word in steps[place].node for word in SHOWS_RESULT[:2]):
        return steps[place]
    between = [step for step in steps[last:place] if step.node.startswith(CHANGERS) or "rewrite" in step.node]
    return between[-1] if between else steps[max(place - 1, last)]


def _tunnel(steps: Iterable[Step]) -> Step | None:
    return next((step for step in steps if step.family == "tunnel"), None)


def _crossed(step: Step, outside: Fields, inside: Fields) -> None:
    """A tunnel's node took a header off, or put one on."""
    verb = "wrapped in" if "encap" in step.node else "unwrapped:"
    step.changes.append(Change(verb, None, flow(inside)))
    if "ttl" in inside and "encap" not in step.node:
        step.changes.append(Change("ttl", str(outside.get("ttl", "?")), f"{inside['ttl']} (inner)"))


# ---- what a node decided


def _annotate(step: Step, facts: Facts) -> None:
    data = step.data
    if step.family == "acl" and "action" in data:
        step.notes += _acl_notes(data, facts)
        step.bad = data["action"] == 0
    elif step.family == "nat" and data.get("session") not in NONE:
        step.notes.append(f"session {data['session']}" + (", slow path" if data.get("path") == "slow" else ""))
    elif step.family == "tunnel" and "vni" in data:
        tunnel = "no tunnel" if data.get("tunnel") is None else f"tunnel {data['tunnel']}"
        step.notes.append(f"{tunnel}, vni {data['vni']}")
    elif "adjacency" in data and data["adjacency"].get("next_hop"):
        step.notes.append(f"to {data['adjacency']['next_hop']} on {data['adjacency'].get('interface', '?')}")
    elif "bd_index" in step.text:
        step.notes.append(f"bridge domain {data.get('bd_index', '?')}")
    elif step.family == "drop":
        step.notes += step.text.strip().splitlines()[-1:]
    elif "arp" in step.seen and step.family == "output":
        step.notes.append(step.seen["arp"])


def _acl_notes(data: Fields, facts: Facts) -> list[str]:
    action = ACL_ACTIONS[data["action"]] if data["action"] < len(ACL_ACTIONS) else f"action {data['action']}"
    if data.get("trace_bits", 0) & FOUND:
        return [f"{action}: known session"]
    if data.get("acl") in NONE:
        return [f"{action}: no rule matches"]
    notes = [f"{action}: acl {data['acl']} rule {data['rule']}"]
    rule = facts.rules.get((data["acl"], data["rule"]))
    return notes + ([rule] if rule else [])
