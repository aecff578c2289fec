"""Compares a trace with one that VPP printed in a Contiv cluster.

What is a matter of that one run is masked: times, numbers of forwarding objects, places in pools and in
memory. Everything else counts, blanks included.
"""

import difflib
import re
from pathlib import Path

HERE = Path(__file__).parent

TIMED = re.compile(r"^\d{2,}:\d\d:\d\d:\d{6}: (\S+)$")
HEADING = re.compile(r"^Packet (\d+)\s*$")
THREAD = re.compile(r"^-+ Start of thread ")

EVERYWHERE = [
    (re.compile(r"\bdpo-idx \d+"), "dpo-idx N"),
    (re.compile(r"\bflow hash: 0x[0-9a-f]{8}\b"), "flow hash: N"),
    # a session's place in its pool; -1, no session, is no place and has to be -1
    (re.compile(r"(?<=session index )\d+$"), "N"),
    (re.compile(r"(?<=, session )\d+$"), "N"),
    # likewise, where the ACL number says that the packet belongs to a session
    (re.compile(r"\bacl -1 rule \d+"), "acl -1 rule N"),
    (re.compile(r"^(  l2-classify: sw_if_index \d+, table )\d+"), r"\1N"),
]

# Lines of a DPDK device that say where a buffer lay: each is masked as a whole, but has to be there.
IN_MEMORY = [
    (re.compile(r"^  buffer 0x.*"), "  <buffer>"),
    (re.compile(r"^ {14,21}\S.*"), "  <its flags>"),
    (re.compile(r"^  PKT MBUF: .*"), "  <mbuf>"),
    (re.compile(r"^    buf_len .*"), "    <its buffer>"),
    (re.compile(r"^    packet_type .*"), "    <its type>"),
]


def packets(text: str) -> dict[int, list[str]]:
    """The lines of each packet in the output of `show trace`, by number; a bare trace is packet 1."""
    found: dict[int, list[str]] = {}
    lines = text.splitlines()
    current = None if any(map(HEADING.match, lines)) else 1
    for line in lines:
        if heading := HEADING.match(line):
            current = int(heading[1])
        elif current is not None and line.strip() and not THREAD.match(line):
            found.setdefault(current, []).append(line)
    return found


def masked(lines: list[str]) -> list[str]:
    out = []
    in_dpdk = False
    for line in lines:
        if timed := TIMED.match(line):
            in_dpdk = timed[1] == "dpdk-input" or timed[1].endswith("-tx")
            out.append(f"TIME: {timed[1]}")
            continue
        for pattern, to in (IN_MEMORY if in_dpdk else []) + EVERYWHERE:
            line = pattern.sub(to, line)
        out.append(line)
    return out


def differences(expected: list[str], actual: list[str]) -> list[str]:
    """A unified diff of two packets' traces; empty when they are equal."""
    return list(difflib.unified_diff(masked(expected), masked(actual), "VPP", "vppsh", lineterm=""))


def golden(flow: str, name: str) -> list[str]:
    """The lines that VPP printed for one packet of a flow."""
    return packets((HERE / flow / f"{name}.trace").read_text())[1]
