"""`?` for the commands that the shell itself has: they stand among the engine's, in VPP's layout."""

from collections.abc import Iterable, Iterator

HELP = {
    "show graph": "draw the nodes and how many packets went where: show graph [file PATH]",
    "trace browse": "look through the traced packets on the whole screen",
    "show trace diagram": "draw the way of traced packets: show trace diagram [packet N] [file PATH]",
}
WIDTH = 40  # of a command's path, as VPP prints it


def asks(line: str) -> bool:
    """Whether a line asks what may follow."""
    return line.rstrip().endswith("?")


def below(line: str) -> dict[str, str]:
    """The commands of ours that the words before `?` begin, the last one cut perhaps."""
    text = line.rstrip()[:-1]
    words = text.split()
    return {
        path: about
        for path, about in HELP.items()
        if len(words) <= len(path.split())
        and all(whole.startswith(word) for word, whole in zip(words, path.split(), strict=False))
    }


def listed(line: str, pieces: Iterable[str]) -> Iterator[str]:
    """What the engine prints for a line that asks, with ours in their places; unchanged where none of ours follow."""
    ours = [f"  {path:<{WIDTH}} {about}\n" for path, about in below(line).items()]
    text = "".join(pieces) if ours else None
    if text is None:
        yield from pieces
        return
    entries = text.splitlines(keepends=True)
    if all(entry.startswith("  ") or not entry.strip() for entry in entries):
        end = next((number for number, entry in enumerate(entries) if not entry.strip()), len(entries))
        text = "".join([*sorted([*entries[:end], *ours], key=str.lower), *entries[end:]])
    yield text
