"""The browser on the whole screen: panes, keys, the filter line."""

from collections.abc import Callable

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.data_structures import Point
from prompt_toolkit.filters import Condition, has_focus
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import (
    BufferControl,
    Dimension,
    FormattedTextControl,
    HSplit,
    Layout,
    ScrollOffsets,
    VSplit,
    Window,
)
from prompt_toolkit.output import Output
from prompt_toolkit.styles import Style

from . import render
from .model import Browser

STYLE = Style.from_dict(
    {
        "title": "reverse",
        "chosen": "bold",
        "number": "ansicyan",
        "flow": "bold",
        "faint": "ansibrightblack",
        "sent": "ansigreen",
        "bad": "ansired bold",
        "where": "bold underline",
        "node": "bold",
        "here": "reverse bold",
        "changed": "ansiyellow bold",
        "note": "italic",
        "old": "underline",
        "new": "bold reverse",
        "key": "reverse",
    }
)
LEFT_WIDTH = 50  # columns
AHEAD = 4  # lines that are seen beyond the one that matters
LEAST_LOWER, MOST_LOWER = 6, 24  # lines of the pane below
PAGE = 10  # packets
LINE = "\N{BOX DRAWINGS LIGHT VERTICAL}"

Pane = Callable[[Browser], tuple[render.Fragments, int]]
Reload = Callable[[], Browser]


class Screen:
    """The browser, shown.

    Args:
        browser: what is shown.
        reload: reads the trace anew; None where it cannot change.
        keys, screen: the terminal, unless said otherwise.
    """

    def __init__(
        self, browser: Browser, reload: Reload | None = None, keys: Input | None = None, screen: Output | None = None
    ) -> None:
        self.browser = browser
        self._reload = reload
        self._wrapped = True
        self._scrolled = 0  # lines that the pane below was moved by hand
        self._line = Buffer(multiline=False, on_text_changed=lambda buffer: self.browser.sift(buffer.text))
        self._list = self._pane(render.packets, focusable=True)
        filter_line = Window(BufferControl(self._line), height=1, dont_extend_width=False)
        self._filter_line = filter_line
        self._app: Application[None] = Application(
            layout=Layout(self._arranged(), self._list),
            key_bindings=self._bindings(),
            style=STYLE,
            full_screen=True,
            input=keys,
            output=screen,
        )

    def run(self) -> None:
        """Until the user leaves."""
        self._app.run()

    # ---- panes

    def _pane(self, pane: Pane, focusable: bool = False) -> Window:
        """A window that follows the line that matters."""

        def point() -> Point:
            return Point(0, pane(self.browser)[1])

        control = FormattedTextControl(
            lambda: FormattedText(pane(self.browser)[0]),
            focusable=focusable,
            show_cursor=False,
            get_cursor_position=point,
        )
        wrapped = Condition(lambda: self._wrapped and not focusable)
        offsets = ScrollOffsets(top=1, bottom=AHEAD)
        return Window(control, wrap_lines=wrapped, always_hide_cursor=True, scroll_offsets=offsets)

    def _lower(self) -> tuple[render.Fragments, int]:
        """The pane below, and its first line that is to be seen."""
        size = self._app.output.get_size()
        fragments, line = render.lower(self.browser, size.columns - self._left_width() - 1)
        last = max(sum(text.count("\n") for _, text in fragments) - 1, 0)
        top = max(0, min(max(0, line - AHEAD) + self._scrolled, last))
        self._scrolled = top - max(0, line - AHEAD)
        return fragments, top

    def _lower_pane(self) -> Window:
        control = FormattedTextControl(
            lambda: FormattedText(self._lower()[0]),
            show_cursor=False,
            get_cursor_position=lambda: Point(0, self._lower()[1]),
        )
        return Window(
            control,
            height=self._lower_height,
            wrap_lines=Condition(lambda: self._wrapped),
            always_hide_cursor=True,
            get_vertical_scroll=lambda window: self._lower()[1],
        )

    def _left_width(self) -> int:
        return min(LEFT_WIDTH, self._app.output.get_size().columns * 9 // 20)

    def _arranged(self) -> HSplit:
        left = HSplit([self._list], width=lambda: Dimension.exact(self._left_width()))
        right = HSplit(
            [
                self._pane(render.trace),
                self._bar(lambda: render.lower_title(self.browser)),
                self._lower_pane(),
            ]
        )
        asked = VSplit(
            [
                Window(FormattedTextControl([("class:key", " filter "), ("", " ")]), width=9, height=1),
                self._filter_line,
                Window(_text(lambda: render.filter_note(self.browser)), height=1),
            ]
        )
        return HSplit(
            [
                self._bar(lambda: render.title(self.browser)),
                VSplit([left, Window(width=1, char=LINE), right]),
                asked,
                Window(_text(render.keys), height=1),
            ]
        )

    def _lower_height(self) -> Dimension:
        rows = self._app.output.get_size().rows * 2 // 5
        return Dimension.exact(max(LEAST_LOWER, min(rows, MOST_LOWER)))

    def _bar(self, text: Callable[[], render.Fragments]) -> Window:
        return Window(_text(text), height=1, style="class:title")

    # ---- keys

    def _bindings(self) -> KeyBindings:
        bindings = KeyBindings()
        typing = has_focus(self._line)
        at_rest = ~typing
        moves: dict[tuple[str, ...], Callable[[], object]] = {
            ("up", "k"): lambda: self._choose(-1),
            ("down", "j"): lambda: self._choose(1),
            ("pageup",): lambda: self._choose(-PAGE),
            ("pagedown", "space"): lambda: self._choose(PAGE),
            ("home", "g"): lambda: self._choose(-len(self.browser.shown)),
            ("end", "G"): lambda: self._choose(len(self.browser.shown)),
            ("left", "h", "s-tab"): lambda: self._go(-1),
            ("right", "l", "tab"): lambda: self._go(1),
            ("c", "n"): lambda: self._jumped(self.browser.next_change()),
            ("a",): lambda: self._jumped(self.browser.jump("rule")),
            ("s",): lambda: self._jumped(self.browser.jump("session")),
            ("r", "f"): lambda: self._jumped(self.browser.jump("route")),
            ("enter",): lambda: self._jumped(self.browser.jump()),
            ("d",): self._diff,
            ("[",): lambda: self._scroll(-3),
            ("]",): lambda: self._scroll(3),
            ("w",): self._wrap,
            ("/",): lambda: self._app.layout.focus(self._line),
            ("q", "c-c", "c-d"): lambda: self._app.exit(),
        }
        if self._reload is not None:
            moves["u", "f5"] = self._again
        for names, does in moves.items():
            for name in names:
                bindings.add(name, filter=at_rest)(lambda event, does=does: does())

        @bindings.add("enter", filter=typing)
        @bindings.add("down", filter=typing)
        @bindings.add("c-c", filter=typing)
        @bindings.add("escape", filter=typing, eager=True)
        def leave_filter(event: KeyPressEvent) -> None:
            """Back to the packets; escape and Ctrl-C take the filter away."""
            if event.key_sequence[0].key in ("escape", "c-c"):
                self._line.text = ""
            self._app.layout.focus(self._list)

        @bindings.add("escape", filter=at_rest & Condition(lambda: self.browser.decision is not None), eager=True)
        def leave_decision(event: KeyPressEvent) -> None:
            self._diff()

        return bindings

    def _choose(self, by: int) -> None:
        self.browser.choose(self.browser.chosen + by)
        self._scrolled = 0

    def _go(self, by: int) -> None:
        self.browser.go(self.browser.step + by)
        self._scrolled = 0

    def _diff(self) -> None:
        self.browser.decision = None
        self._scrolled = 0

    def _wrap(self) -> None:
        self._wrapped = not self._wrapped

    def _scroll(self, by: int) -> None:
        self._scrolled += by

    def _jumped(self, there: bool) -> None:
        self._scrolled = 0
        if not there:
            self._app.output.bell()

    def _again(self) -> None:
        """Read the trace anew, and keep filter and place as far as they are still there."""
        assert self._reload is not None
        before = self.browser
        self.browser = self._reload()
        self.browser.sift(before.filter)
        self.browser.choose(before.chosen)
        self.browser.go(before.step)


def _text(fragments: Callable[[], render.Fragments]) -> FormattedTextControl:
    return FormattedTextControl(lambda: FormattedText(fragments()))
