"""explain: one packet through the real graph in a dry run, and what its trace says about it."""

from typing import Any

from engine.core.trace_commands import trace_entry
from engine.errors import ControlError

from .decisions import Story
from .dry_run import dry_run
from .headers import flow_text, header_of

Fields = dict[str, Any]

ANSWERS = {"ip4-icmp-error", "ip4-icmp-echo-request"}  # nodes that turn a packet round


def explain(vpp: Any, interface: Any, frame: bytes) -> Fields:
    """What would happen to a frame that entered by an interface now, as plain data.

    verdict: sent, answered (by the vswitch itself), dropped, kept (such as a fragment that waits), or not received.
    reason: node and text of the first drop; None without one. acl, translation, route, neighbour, output: the
    decisions on the way, in order, each with its text. frames: what would leave, in hex, by interface. trace: the
    entries, as `show trace | json` has them. Nothing of the engine changes.

    Raises:
        ControlError: captures cannot enter by the interface.
        DryRunError: the dry run could not be made.
    """
    if interface.device is None:
        raise ControlError(f"{interface.name} is no interface that packets can enter by")
    found: Fields = dry_run(lambda: _send(vpp, interface, frame))
    return found


def _send(vpp: Any, interface: Any, frame: bytes) -> Fields:
    """In the copy: really send it, and describe what came of it."""
    vpp.tracer.clear()
    run = vpp.replay({interface.name: [frame]}, trace=1)
    packets = vpp.tracer.packets()
    trace = [trace_entry(vpp, *entry) for entry in (packets[0] if packets else ())]
    story = Story(vpp, trace)
    return {
        "interface": interface.name,
        "packet": next((flow_text(header) for header in map(header_of, trace) if header), f"{len(frame)} bytes"),
        "verdict": _verdict(run, trace),
        "reason": _reason(run, trace, interface),
        "acl": story.acl(),
        "translation": story.translation(),
        "route": story.route(),
        "neighbour": story.neighbour(),
        "output": story.output(),
        "frames": {name: [sent.hex() for sent in frames] for name, frames in run.frames.items()},
        "trace": trace,
    }


def _verdict(run: Any, trace: list[Fields]) -> str:
    if run.missed:
        return "not received"
    if run.dropped:
        return "dropped"
    if run.transmitted == 0 and run.consumed:
        return "kept"
    return "answered" if any(entry["node"] in ANSWERS for entry in trace) else "sent"


def _reason(run: Any, trace: list[Fields], interface: Any) -> Fields | None:
    """Where it ended first, and why."""
    if run.missed:
        return {"node": interface.name, "text": "interface is down"}
    for entry in trace:
        if entry["node"] in ("error-drop", "error-punt"):
            return {"node": entry["data"]["node"], "text": entry["data"]["reason"]}
    return next(({"node": node, "text": text} for node, text in run.drops), None)


# ---- text

SECTIONS = ("acl", "translation", "route", "neighbour", "output")


def explain_text(data: Fields) -> str:
    """A line of each kind of decision, further ones of a kind below it; the reason of a drop at the end."""
    out = [f"{data['packet']} from {data['interface']}: {data['verdict']}"]
    for name in SECTIONS:
        lines = [row["text"] for row in data[name]] or ["none" if name in ("acl", "translation") else "not reached"]
        out += [f"  {name if place == 0 else '':<12}{line}" for place, line in enumerate(lines)]
    if data["reason"] is not None:
        out.append(f"  {'dropped by':<12}{data['reason']['node']}: {data['reason']['text']}")
    return "\n".join(out) + "\n"
