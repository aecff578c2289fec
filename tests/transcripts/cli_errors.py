"""Bad and odd commands, each given to a fresh engine in the state of setup.cli."""

import re

from . import binary_api, data, masks
from .player import PROFILE

# What belongs to features that are not there yet, shows a tunnel or bridge domain that setup.cli makes, or is
# an abbreviation that only VPP's larger set of commands makes ambiguous.
LATER = re.compile(
    r"binary-api|.*(geneve|abf|packet-generator(?! interface)|pcap|\bping\b)"
    r"|sh ha$|show acl-plugin sessions foo|cl \?|sh in \?"
)


def fresh_engine():
    """An engine in the state of setup.cli; lines it does not know yet change nothing."""
    from engine import Engine

    vpp = Engine(profile=PROFILE)
    for line in data.cli_errors()[0]:
        for command in binary_api.commands(vpp, line) if binary_api.is_binary_api(line) else [line]:
            vpp.cli(command, check=False)
    return vpp


def full(command: str) -> str:
    """The abbreviations that occur, in full, as the masks know them."""
    return re.sub(r"^show ip fi\b", "show ip fib", re.sub(r"^sho? ", "show ", command))


def help_entries(text: str) -> list[tuple[str, str]]:
    """(command, its lines) of what `?` lists: the name in 40 columns, then the syntax, which may go on below."""
    entries: list[tuple[str, str]] = []
    for line in text.split("\n"):
        if re.match(r"  [a-z].{39} \S", line):
            entries.append((line[:42].strip(), line))
        elif line.strip() and entries:
            name, before = entries.pop()
            entries.append((name, f"{before}\n{line}"))
    return entries


def equal(command: str, expected: str, actual: str) -> bool:
    """Whether an answer is VPP's. A `?` need only list what there is, in VPP's order and form."""
    if not command.endswith("?") or not expected.startswith("  "):
        return masks.mask(full(command), expected) == masks.mask(full(command), actual)
    theirs = dict(help_entries(expected))
    ours = [(name, text) for name, text in help_entries(actual) if name in theirs]
    return (
        bool(ours)
        and all(theirs[name] == text for name, text in ours)
        and [name for name, _ in ours] == [name for name in theirs if name in dict(ours)]
    )


def answer(command: str) -> str:
    with fresh_engine() as vpp:
        return vpp.cli(command, check=False)


def ours() -> list[tuple[str, str]]:
    """The commands with their answers that concern what there is."""
    return [(command, text) for command, text in data.cli_errors()[1] if not LATER.match(command)]
