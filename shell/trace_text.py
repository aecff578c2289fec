"""The text of VPP's `show trace`, read into what our `show trace | json` gives, and printed again.

    trace = parse(text)
    trace["packets"][0]["entries"][0]   # {"time": 3.25, "node": "pg-input", "text": "stream ...", "data": {...}}
    "".join(pieces(trace)) == text

Reads the output of one VPP, with all its threads, or the bare entries of one packet, as people paste them.
"""

import re
from collections.abc import Iterator
from typing import Any

from .trace_fields import entry_data, split_entries

Trace = dict[str, Any]

LIMITED = re.compile(r"Limiting display to (\d+) packets\. To display more specify max\.")
THREAD = re.compile(r"-+ Start of thread (\d+) (\S+) -+")
NOTHING = "No packets in trace buffer"
PACKET = re.compile(r"Packet (\d+)")
ENTRY = re.compile(r"(\d+):(\d\d):(\d\d):(\d{6}): (\S+)")
INDENT = "  "


class TraceTextError(ValueError):
    """Not the text of a trace; str says which line is none of it."""


class Reader:
    """Reads a trace line by line."""

    def __init__(self) -> None:
        self.trace: Trace = {"limited": None, "threads": [], "packets": []}
        self._node: str | None = None
        self._time = 0.0
        self._lines: list[str] = []

    def line(self, number: int, line: str) -> None:
        """Read the next line.

        Raises:
            TraceTextError: it belongs to no trace.
        """
        if line.startswith(INDENT) and self._node is not None:
            self._lines.append(line[len(INDENT) :])
            return
        if entry := ENTRY.fullmatch(line):
            self.end_entries()
            self._begin(*entry.groups())
            return
        self.end_entries()
        self._node = None
        if thread := THREAD.fullmatch(line):
            self.trace["threads"].append({"thread": int(thread[1]), "name": thread[2], "packets": 0})
        elif packet := PACKET.fullmatch(line.rstrip()):
            self._packet(int(packet[1]))
        elif limited := LIMITED.fullmatch(line):
            self.trace["limited"] = int(limited[1])
            if self.trace["threads"]:
                self.trace["limited_again"] = True  # later releases say it at the end, too
        elif line.strip() and line != NOTHING:
            raise TraceTextError(f"line {number}: not part of a trace: {line[:60]!r}")

    def _packet(self, number: int) -> None:
        if self.trace["threads"]:
            self.trace["threads"][-1]["packets"] += 1
        self.trace["packets"].append({"packet": number, "entries": []})

    def _begin(self, hours: str, minutes: str, seconds: str, micro: str, node: str) -> None:
        if not self.trace["packets"]:
            self._packet(1)
        self._node = node
        self._time = (int(hours) * 3600 + int(minutes) * 60 + int(seconds)) + int(micro) / 1e6

    def end_entries(self) -> None:
        """The lines so far are the entries of one node."""
        if self._node is None:
            return
        entries = self.trace["packets"][-1]["entries"]
        for lines in split_entries(self._node, self._lines) if self._lines else [[]]:
            data = entry_data(self._node, lines) if lines else {}
            entries.append({"time": self._time, "node": self._node, "data": data, "text": "\n".join(lines)})
        self._lines = []


def parse(text: str) -> Trace:
    """The packets of a trace.

    Returns `limited` (packets shown, where there are more), `threads` (number, name and how many of the packets are
    its; none for bare entries) and `packets`: number and entries, each with time in seconds, node, text and data.

    Raises:
        TraceTextError: a line that is no part of a trace.
    """
    reader = Reader()
    for number, line in enumerate(text.replace("\r", "").split("\n"), 1):
        reader.line(number, line)
    reader.end_entries()
    return reader.trace


def pieces(trace: Trace) -> Iterator[str]:
    """The text of a trace, in pieces, as VPP prints it."""
    limited = f"Limiting display to {trace['limited']} packets. To display more specify max.\n"
    packets = iter(trace["packets"])
    if not trace["threads"]:
        for packet in packets:
            yield from entry_pieces(packet)
        return
    if trace["limited"] is not None:
        yield limited
    for thread in trace["threads"]:
        yield f"------------------- Start of thread {thread['thread']} {thread['name']} -------------------\n"
        if not thread["packets"]:
            yield f"{NOTHING}\n"
        for _ in range(thread["packets"]):
            packet = next(packets)
            yield f"Packet {packet['packet']}\n\n"
            yield from entry_pieces(packet)
            yield "\n"
    if trace.get("limited_again"):
        yield limited


def entry_pieces(packet: dict[str, Any]) -> Iterator[str]:
    """The text of a packet's entries; those of one node in a row share the line that names it."""
    before = None
    for entry in packet["entries"]:
        if entry["node"] != before:
            yield f"{clock(entry['time'])}: {entry['node']}\n"
        before = entry["node"]
        if entry["text"]:
            yield INDENT + entry["text"].replace("\n", f"\n{INDENT}") + "\n"


def clock(seconds: float) -> str:
    """`hh:mm:ss:uuuuuu`."""
    whole, micro = divmod(round(seconds * 1e6), 1_000_000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}:{micro:06d}"
