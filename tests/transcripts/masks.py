"""What is incidental in a text that VPP shows, masked; one function a command.

A run of VPP is full of values that say where something lay in memory or what time it was. The masks take
those out on both sides, each replaced by a word in angle brackets, so that a line that is missing still shows.
Everything that is not named here counts, blanks included.
"""

import re
from collections.abc import Callable

NODE = re.compile(r"^\d\d:\d\d:\d\d:\d{6}: (\S+)$")
PACKET = re.compile(r"^Packet (\d+)\s*$")


def substitute(*rules: tuple[str, str]) -> Callable[[str], str]:
    """A mask from patterns; each is tried on the whole text, ^ and $ being ends of lines."""
    compiled = [(re.compile(pattern, re.MULTILINE), to) for pattern, to in rules]

    def mask(text: str) -> str:
        for pattern, to in compiled:
            text = pattern.sub(to, text)
        return text

    return mask


# -- show trace ---------------------------------------------------------------------------------------------

ANYWHERE = substitute(
    (r"^\d\d:\d\d:\d\d:\d{6}: ", "<time>: "),
    (r"\bdpo-idx \d+", "dpo-idx <n>"),
    (r"\bflow hash: 0x[0-9a-f]{8}", "flow hash: <hash>"),  # a left-over where none was computed
    (r"\btrace_bits [0-9a-f]{8}", "trace_bits <bits>"),  # not cleared between the packets of a vector
    (r"^  stream \S+,", "  stream <name>,"),
)
TX = substitute(
    (r"^    buffer 0x[0-9a-f]+:", "    buffer <index>:"),
    (r"\bnext-buffer 0x[0-9a-f]+", "next-buffer <index>"),
    (r"^ {12,}(?=\S)", "    <as wide as the buffer index> "),
)
ABF = substitute((r"^   next \d+ index \d+$", "   next <n> index <n>"))
REASSEMBLY = substitute((r"\bbi(:?) \d+", r"bi\1 <index>"))
CLASSIFY = substitute((r"\btable \d+,", "table <n>,"))
NODE_MASKS = {
    "abf-input-ip4": ABF,
    "ip4-reassembly": REASSEMBLY,
    "l2-input-classify": CLASSIFY,
    "l2-output-classify": CLASSIFY,
}
REPLY_ID = substitute(
    (r"\bfragment id 0x[0-9a-f]{4}", "fragment id <random>"),
    (r"^(\s+tos .*), checksum 0x[0-9a-f]{4}", r"\1, checksum <of a random id>"),
    (r"^(  l2-output: .* data 08 00 45 ..(?: ..){2}) .. ..", r"\1 <id>"),
    # Ethernet header, 4 bytes of IP, id, 4 bytes, checksum
    (r"^(  00000000: [0-9a-f]{36})[0-9a-f]{4}([0-9a-f]{8})[0-9a-f]{4}", r"\1<id>\2<sum>"),
)

# nodes behind which an IPv4 header has a random id
MAKES_A_REPLY = ("ip4-icmp-echo-request",)


def _node_mask(node: str) -> Callable[[str], str] | None:
    if node.endswith("-tx"):
        return TX
    return NODE_MASKS.get(node)


def trace_packet(lines: list[str]) -> list[str]:
    """The trace of one packet."""
    out = []
    node_mask: Callable[[str], str] | None = None
    makes_a_reply = replied = False
    for line in lines:
        if node := NODE.match(line):
            replied = replied or makes_a_reply
            makes_a_reply = node[1] in MAKES_A_REPLY
            node_mask = _node_mask(node[1])
        elif node_mask is not None:
            line = node_mask(line)
        out.append(ANYWHERE(REPLY_ID(line) if replied else line))
    return out


def trace_packets(text: str) -> list[list[str]]:
    """The packets of `show trace`, masked, each beginning with its `Packet N` line.

    What stands in front of the first is the first element: the thread, or that there is no packet.
    """
    parts: list[list[str]] = [[]]
    for line in text.strip("\n").split("\n"):
        if PACKET.match(line):
            parts.append([])
        parts[-1].append(line)
    return [trace_packet(_trimmed(part)) for part in parts]


def _trimmed(lines: list[str]) -> list[str]:
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return lines


def trace(text: str) -> str:
    return "\n".join("\n".join(packet) for packet in trace_packets(text))


# -- the others ---------------------------------------------------------------------------------------------

ip_arp = substitute((r"^\s*[\d.]+\s+(?=\d+\.\d+\.\d+\.\d+ )", "<time> "))

nat44_sessions_detail = substitute((r"\blast heard [\d.]+", "last heard <time>"))

adj = substitute((r"\[@\d+\]", "[@<n>]"))

ip_fib = substitute(
    (r"\[@\d+\]", "[@<n>]"),
    (r"\b(dpo-load-balance: \[proto:ip4 index:)\d+", r"\1<n>"),
    (r"\buRPF:\d+", "uRPF:<n>"),
    (r"\buPRF-list:\d+", "uPRF-list:<n>"),
    (r"\bpath-list:\[\d+\]", "path-list:[<n>]"),
    (r"\bpath:\[\d+\] pl-index:\d+", "path:[<n>] pl-index:<n>"),
    (r"^(\s+path:)\d+ ", r"\1<n> "),
)

bihash = substitute((r"\barena: base [0-9a-f]+", "arena: base <address>"))

l2fib = substitute((r"\bLast scan time: \S+", "Last scan time: <time>"))

# An ACL made on the command line has the tag `cli`, one made through the binary API has what it was given.
acl = substitute((r"\btag \{cli\}", "tag {}"))

_session_clocks = substitute(
    (r"^now: \d+ clocks per second: \d+", "now: <clocks> clocks per second: <n>"),
    (r"^(    (?:last active|link enqueue) time: )\d+", r"\1<clocks>"),
    (r"^(  (?:Next expiry time|Requeue until time|Swipe until this time): )\d+", r"\1<clocks>"),
    (r"^(  Current time wait interval: )\d+", r"\1<clocks>"),
    (r"^Sessions being purged: .*", "Sessions being purged: <background>"),
    # the cleaner is a process of its own, these count its turns
    (r"^ +\d+: (?=\w)", "<turns>: "),
    (r"^(Interrupt generation: )\d+", r"\1<turns>"),
    (r"^(  interrupt generation: )\d+", r"\1<turns>"),
    (r"^(Sessions per interval: .*current: )\d+", r"\1<n>"),
)


def acl_sessions(text: str) -> str:
    return bihash(_session_clocks(text))


def nothing(text: str) -> str:
    return text


MASKS: list[tuple[str, Callable[[str], str]]] = [
    ("show trace", trace),
    ("show ip arp", ip_arp),
    ("show nat44 sessions detail", nat44_sessions_detail),
    ("show nat44 hash tables", bihash),
    ("show adj", adj),
    ("show ip fib", ip_fib),
    ("show abf", ip_fib),
    ("show l2fib", l2fib),
    ("show acl-plugin acl", acl),
    ("show acl-plugin sessions", acl_sessions),
    ("show acl-plugin tables", bihash),
]


def mask(command: str, text: str) -> list[str]:
    """The lines of what `command` showed, masked; empty lines at both ends do not count."""
    function = next((function for prefix, function in MASKS if command.startswith(prefix)), nothing)
    return function(text).strip("\n").split("\n")
