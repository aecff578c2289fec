"""The bytes of a packet at every node, as far as its trace tells.

A trace shows a packet now and then: the fields of its headers, or some bytes in hex. Between two sights nodes changed
it; which one did is what the story says. A captured frame, where there is one, gives the bytes that no trace shows.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..diagram.story import Path, Step, owner
from .fields import Octets, named, places
from .shown import Image, shown_by

TUNNEL_HEADERS = 20 + 8 + 8  # IPv4, UDP, and VXLAN or Geneve without options, before the inner frame
ADDRESSES = ("src", "dst", "sport", "dport", "id")  # last words of what a translation changes


@dataclass
class Sight:
    """A packet before and after a node. crossed: the node put an outer header on, or took it off."""

    before: Image
    after: Image
    crossed: bool = False

    def changes(self) -> Iterator[tuple[str, str, str]]:
        """(field, before, after) of the fields that are known before and after, and are not the same."""
        old, new = named(self.before.link, self.before.network), named(self.after.link, self.after.network)
        for name, value in new.items():
            was = old.get(name)
            if was is not None and value is not None and was != value:
                yield name, was, value


@dataclass
class _Events:
    """What happens at a step: bytes become known before it, it changes some, or the packet is another one behind it."""

    learned: list[Image] = field(default_factory=list)
    changed: list[tuple[bool, int, int]] = field(default_factory=list)  # of the link header?, where, the byte
    becomes: Image | None = None


def images(path: Path, first: Image | None = None) -> list[Sight]:
    """What the packet was before and after every step of its way. first: what is known of it as it came."""
    now = first or Image()
    events = _events(path.steps, now)
    sights = []
    for number in range(len(path.steps)):
        event = events[number]
        for image in event.learned:
            now = now.with_unknown(image)
        before = now
        if event.becomes is not None:
            now = event.becomes
        now = now.with_bytes(event.changed)
        sights.append(Sight(before, now, event.becomes is not None))
    return sights


def _events(steps: list[Step], now: Image) -> dict[int, _Events]:
    """By step, what happens there."""
    events: dict[int, _Events] = defaultdict(_Events)
    last = 0  # the step that showed the packet's addresses, or a tunnel's end
    for place, step in enumerate(steps):
        shown = shown_by(step)
        if shown is None:
            continue
        crossed = next((at for at in range(last, place) if steps[at].family == "tunnel"), None)
        if crossed is not None:
            now = _across(now, steps[crossed]).overlaid(shown)
            events[crossed].becomes, last = now, crossed + 1
        else:
            for link, at, octet in now.differences(shown):
                owned = owner(steps, last, place, _kind(now, shown, link, at))
                events[_index(steps, owned)].changed.append((link, at, octet))
            events[place].learned.append(shown)
            now = now.overlaid(shown)
        if "src" in step.seen:
            last = max(last, place)
    return events


def _index(steps: list[Step], wanted: Step) -> int:
    return next(number for number, step in enumerate(steps) if step is wanted)


def _kind(now: Image, shown: Image, link: bool, at: int) -> str:
    """`source` for what a translation changes, as the story calls it; anything else for what other nodes do."""
    if link:
        return "MAC"
    known: Octets = now.overlaid(shown).network
    name = next((place.name for place in places(known) if place.at <= at < place.at + place.size), "")
    header, _, part = name.partition(" ")
    translated = part in ADDRESSES or (part == "checksum" and header != "ip")
    return "source" if translated and name != "ip id" else "ttl"


def _across(now: Image, step: Step) -> Image:
    """The packet behind a tunnel's node, as far as that follows from what it was before."""
    if "encap" in step.node:
        inner = [*now.link, *now.network] if now.link else []
        return Image([], [*[None] * TUNNEL_HEADERS, *inner] if inner else [])
    inner = now.network[TUNNEL_HEADERS:]
    if any(octet is None for octet in inner[:14]) or len(inner) < 14:
        return Image()
    return Image.of(bytes(octet or 0 for octet in inner)) if None not in inner else Image(inner[:14], inner[14:])
