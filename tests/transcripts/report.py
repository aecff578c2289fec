"""How much of the transcripts is equal.

    python -m tests.transcripts.report [SCENARIO...]      a table
    python -m tests.transcripts.report --diff 054 [...]   what differs, as unified diffs
    python -m tests.transcripts.report --update           write equal.json, from which nothing may fall back

A scenario is named by its folder or the beginning of it.
"""

import argparse
import difflib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from . import data, player

EQUAL = Path(__file__).with_name("equal.json")


def committed() -> dict[str, dict[str, int]]:
    """The number of equal items of each kind that every scenario had when it was last written down."""
    return json.loads(EQUAL.read_text())


def fallen_back(name: str, items: list[player.Item], before: dict[str, int]) -> str | None:
    """What a scenario has lost, in words; None when nothing."""
    now = player.count(items)
    lost = [f"{kind} {before[kind]} -> {now[kind][0]}" for kind in before if now[kind][0] < before[kind]]
    return f"{name}: {', '.join(lost)}" if lost else None


def chosen(wanted: list[str]) -> list[str]:
    names = [name for name in data.names() if not wanted or name.startswith(tuple(wanted))]
    if not names:
        sys.exit(f"no scenario begins with {' or '.join(wanted)}")
    return names


def diffs(items: list[player.Item]) -> Iterator[str]:
    for item in items:
        if not item.equal:
            yield f"=== {item.kind}, {item.name}"
            yield from difflib.unified_diff(item.expected, item.actual, "VPP", "vppsh", lineterm="", n=2)


def row(name: str, items: list[player.Item]) -> str:
    counts = player.count(items)
    cells = " ".join(f"{equal:>5}/{total:<5}" for equal, total in counts.values())
    different = [item.name for item in items if not item.equal]
    why = "" if not different else different[0] + (f" and {len(different) - 1} more" if len(different) > 1 else "")
    return f"{name:26} {cells} {why}".rstrip()


def table(results: dict[str, list[player.Item]]) -> Iterator[str]:
    yield f"{'scenario':26} " + " ".join(f"{kind:^11}" for kind in player.KINDS) + " differs"
    for name, items in results.items():
        yield row(name, items)
    everything = [item for items in results.values() for item in items]
    counts = " ".join(f"{equal:>5}/{total:<5}" for equal, total in player.count(everything).values())
    whole = sum(all(item.equal for item in items) for items in results.values())
    yield f"{'all':26} {counts} {whole} of {len(results)} scenarios wholly equal"


def main() -> None:
    parser = argparse.ArgumentParser(description="Replay the transcripts of VPP 18.10.")
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO")
    parser.add_argument("--diff", action="store_true", help="show what differs")
    parser.add_argument("--update", action="store_true", help="write equal.json; only with all scenarios")
    args = parser.parse_args()
    if args.update and args.scenarios:
        parser.error("--update wants all scenarios")
    results = {name: player.play_apart(name) for name in chosen(args.scenarios)}
    for name, items in results.items():
        if args.diff:
            print(f"##### {name}", *diffs(items), sep="\n")
    print(*table(results), sep="\n")
    if args.update:
        before = committed()
        lost = [fallen_back(name, items, before.get(name, {})) for name, items in results.items()]
        if any(lost):
            sys.exit("\n".join(["equal.json stays as it is; this fell back:", *filter(None, lost)]))
        counts = {name: {k: n for k, (n, _) in player.count(items).items()} for name, items in results.items()}
        EQUAL.write_text(json.dumps(counts, indent=1) + "\n")


if __name__ == "__main__":
    main()
