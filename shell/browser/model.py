"""What the browser knows and what is chosen in it; nothing of screens and keys."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ..diagram.headers import flow
from ..diagram.story import Path, Step
from .decision import Ask, Decision, decide, kind_of, question
from .images import Sight, images
from .shown import Image
from .sieve import FilterError, Sieve, sieve

Asking = Callable[[str], Ask | None]  # the name of a vswitch, "" where it is alone: whom to ask about it


@dataclass
class Item:
    """A packet: its ways through one vswitch after the other. frame: as it was received, where a capture has it."""

    journey: Sequence[Path]
    frame: bytes | None = None

    @property
    def number(self) -> int:
        """Of the packet, in the first vswitch's trace."""
        return self.journey[0].number

    @cached_property
    def places(self) -> list[tuple[Path, Step]]:
        """All steps, with the path that each is of."""
        return [(path, step) for path in self.journey for step in path.steps]

    @cached_property
    def sights(self) -> list[Sight]:
        """The packet before and after every step; what crosses a wire is known at its other end."""
        found: list[Sight] = []
        now = None if self.frame is None else Image.of(self.frame)
        for path in self.journey:
            found += images(path, now)
            now = found[-1].after if found else None
        return found

    def frames(self) -> list[tuple[bytes, int]]:
        """The packet at every stage at which something of its IP header is known, with its whole length."""
        return list(self._frames)

    @cached_property
    def _frames(self) -> dict[tuple[bytes, int], None]:
        stages = (image for sight in self.sights for image in (sight.before, sight.after))
        return {(image.frame(), image.length()): None for image in stages if any(image.network)}

    def text(self) -> str:
        """All that its trace says, and the ends of its way."""
        return self._text

    @cached_property
    def _text(self) -> str:
        ways = (f"{path.where} {path.enters} {path.leaves} {path.verdict} {path.reason}" for path in self.journey)
        return "\n".join([*ways, *(f"{step.node}\n{step.text}" for _, step in self.places)])

    @property
    def before(self) -> str:
        """Its 5-tuple as it came."""
        return flow(self.journey[0].before) or "not IP"

    @property
    def after(self) -> str:
        """Its 5-tuple as it left."""
        return flow(self.journey[-1].after) or "not IP"

    @property
    def end(self) -> Path:
        """The last part of its way, which has its verdict."""
        return self.journey[-1]


@dataclass
class Browser:
    """The packets, which of them pass the filter, which packet and step are chosen, and what decided there."""

    journeys: Sequence[Sequence[Path]]
    asking: Asking = lambda where: None
    title: str = ""
    items: list[Item] = field(init=False)
    shown: list[Item] = field(init=False)
    chosen: int = 0  # among those shown
    step: int = 0  # of the packet chosen
    filter: str = ""
    note: str = ""  # what is to say of the filter
    wrong: bool = False  # the filter makes no sense, the one before holds
    decision: Decision | None = None

    def __post_init__(self) -> None:
        self.items = [Item(journey) for journey in self.journeys]
        self.shown = list(self.items)
        self._sieve = Sieve(lambda packet: True)

    @property
    def item(self) -> Item | None:
        """The packet chosen; None when none passes the filter."""
        return self.shown[self.chosen] if self.shown else None

    @property
    def place(self) -> tuple[Path, Step] | None:
        """The step chosen, and its path."""
        return self.item.places[self.step] if self.item else None

    @property
    def sight(self) -> Sight | None:
        """The packet before and after the step chosen."""
        return self.item.sights[self.step] if self.item else None

    # ---- choosing

    def choose(self, number: int) -> None:
        """A packet by its place among those shown; beyond the ends, the last at that end."""
        number = max(0, min(number, len(self.shown) - 1))
        if number != self.chosen:
            node = self.place[1].node if self.place else ""
            self.chosen, self.decision = number, None
            nodes = [step.node for _, step in self.item.places] if self.item else []
            self.step = nodes.index(node) if node in nodes else 0  # so that packets compare at one node

    def go(self, step: int) -> None:
        """A step of the packet chosen."""
        if self.item:
            step = max(0, min(step, len(self.item.places) - 1))
            if step != self.step:
                self.step, self.decision = step, None

    def go_to(self, wanted: Callable[[int], bool]) -> bool:
        """The next step that is wanted, from the one chosen on and round; False when there is none."""
        n = len(self.item.places) if self.item else 0
        for step in [*range(self.step + 1, n), *range(min(self.step + 1, n))]:
            if wanted(step):
                self.go(step)
                return True
        return False

    def next_change(self) -> bool:
        """The next node that changed the packet, or ended it."""
        item = self.item
        if item is None:
            return False
        return self.go_to(lambda step: changed(item, step) or item.places[step][1].bad)

    def jump(self, kind: str | None = None) -> bool:
        """Ask what decided: at the step chosen if that is of the kind, or else at the next one that is.

        kind: rule, session or route; None for whatever it is at the step chosen. False when there is none.
        """
        item = self.item
        if item is None:
            return False
        here = kind_of(item.places[self.step][1])
        stay = here is not None and (kind is None or (here == kind and self.decision is None))
        if not stay and (kind is None or not self.go_to(lambda step: kind_of(item.places[step][1]) == kind)):
            return False
        path, step = item.places[self.step]
        asked = question(step, item.sights[self.step])
        self.decision = decide(asked, self.asking(path.where)) if asked else None
        return self.decision is not None

    # ---- the filter

    def sift(self, text: str) -> None:
        """Show only packets that pass a filter. While it makes no sense, as while it is typed, the last one holds."""
        self.filter, self.wrong = text, False
        try:
            self._sieve = sieve(text, any(item.frames() for item in self.items) if text.strip() else True)
        except FilterError as error:
            self.note, self.wrong = str(error), True
            return
        self.note = self._sieve.note
        kept = self.item
        self.shown = [item for item in self.items if self._sieve.lets(item)]
        self.chosen = next((number for number, item in enumerate(self.shown) if item is kept), 0)
        if self.item is not kept:
            self.step, self.decision = 0, None


def changed(item: Item, step: int) -> bool:
    """Whether a node changed the packet, as far as is known."""
    sight = item.sights[step]
    return sight.crossed or bool(item.places[step][1].changes) or any(True for _ in sight.changes())


def attach(items: Iterable[Item], frames: Mapping[str, Sequence[bytes]]) -> int:
    """Give packets the captured frames they were: by interface (`node:interface` in a lab), in their order.

    Returns how many were found.
    """
    taken = dict.fromkeys(frames, 0)
    found = 0
    for item in items:
        path = item.journey[0]
        name = f"{path.where}:{path.enters}" if path.where else path.enters
        captured, known = frames.get(name, ()), _first_known(item)
        at = next((at for at in range(taken.get(name, 0), len(captured)) if known.agrees(captured[at])), None)
        if at is not None:
            item.frame = captured[at]
            taken[name] = at + 1
            item.__dict__.pop("sights", None)
            item.__dict__.pop("_frames", None)
            found += 1
    return found


def _first_known(item: Item) -> Image:
    """What is known of a packet before any node changed it."""
    known = Image()
    for sight in item.sights:
        known = known.with_unknown(sight.before)
        if sight.crossed or any(True for _ in sight.changes()):
            break
    return known
