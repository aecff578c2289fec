"""The interactive console: prompt, bottom line, paste, pager. What a line means is the engine's business."""

import contextlib
import os
import re
import sys
from collections.abc import Callable, Generator, Iterator

from prompt_toolkit import PromptSession
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import History
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPress, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import Output, create_output

from .client import Client, RemoteError, UnreachableError
from .completion import TERMINAL, EngineCompleter, with_own_words
from .diagram.command import is_browse
from .history import open_history
from .lab import Session
from .pager import Pager
from .pipes import PipeError, Pipeline, parse
from .replaying import parse as parse_replay
from .replaying import replay
from .standing import Standing
from .style import STYLE, LineLexer, Words, coloured, warning
from .talk import REFUSED, Notice, Talk
from .watch import Watch

LEAVE = {"quit", "q", "exit"}
BANNER = (
    "    _______    _        _   _____  ___ \n"
    " __/ __/ _ \\  (_)__    | | / / _ \\/ _ \\\n"
    " _/ _// // / / / _ \\   | |/ / ___/ ___/\n"
    " /_/ /____(_)_/\\___/   |___/_/  /_/    \n"
    "\n"
)
REFRESH = 1.0  # seconds between two looks at the bottom line

_TERMINAL = re.compile(r"set?\s+(?:ter|term|termi|termin|termina|terminal)\b\s*(.*)")


class Pasted(str):
    """Several lines at once, and what was typed before them."""


class Console:
    """A conversation with an engine.

    Args:
        client: the connection to it, or the session with a lab's nodes.
        keys, screen: where keys come from and text goes; the terminal, unless said otherwise.
        history: the lines typed before.
        strict: whether to warn of what VPP swallows silently.
    """

    def __init__(
        self,
        client: Client | Session,
        keys: Input | None = None,
        screen: Output | None = None,
        history: History | None = None,
        strict: bool = True,
    ) -> None:
        self._client = client
        self._screen = screen or create_output()
        self._typed: list[str] = []
        self._words: Words | None = None
        self._colour = "NO_COLOR" not in os.environ
        self._warnings: list[Notice] = []
        self._refused = False
        self._early: list[KeyPress] = []
        self._replayed: dict[str, str] = {}
        self._talk = Talk(client, strict, self._warnings.append)
        self._standing = Standing(client)
        self._session: PromptSession[str] = PromptSession(
            completer=EngineCompleter(client),
            complete_while_typing=False,
            lexer=LineLexer(self._known_words),
            style=STYLE,
            key_bindings=_bindings(),
            bottom_toolbar=lambda: FormattedText(self._standing.line()),
            refresh_interval=REFRESH,
            enable_history_search=True,
            history=history or open_history(),
            input=keys,
            output=self._screen,
        )
        self._pager = Pager(self._session.input, self._screen)

    def run(self) -> int:
        """Read and run lines until the user leaves. Exit status: 0, or 1 when the engine has gone."""
        self._write(BANNER)
        begun = ""
        while True:
            self._session.app.erase_when_done = False
            try:
                typed = self._session.prompt(self._client.prompt, default=begun, pre_run=self._type_early)
            except KeyboardInterrupt:
                continue
            except EOFError:
                return 0
            begun = ""
            if typed.strip() in LEAVE:
                return 0
            try:
                if isinstance(typed, Pasted):
                    begun = self._run_pasted(typed)
                else:
                    self._run_line(typed.strip())
            except UnreachableError as error:
                print(f"vppsh: {error}", file=sys.stderr)
                return 1

    def _type_early(self) -> None:
        """Hand over the keys that a pager or a watch read and did not need."""
        early = [*self._early, *self._pager.left_over()]
        self._early = []
        if early:
            self._session.app.key_processor.feed_multiple(early)
            self._session.app.key_processor.process_keys()

    # ---- lines

    def _run_line(self, line: str) -> None:
        """Run a line; Ctrl-C ends it, not the console."""
        if line and self._typed[-1:] != [line]:
            self._typed.append(line)
        try:
            self._run(line)
        except KeyboardInterrupt:
            self._refused = True
            self._write("^C\n")

    def _run_pasted(self, text: str) -> str:
        """Run the whole lines of what was pasted, up to the first that is refused; returns what the last begins."""
        whole, _, begun = text.rpartition("\n")
        lines = self._client.rpc.call("split_lines", text=whole)
        for number, line in lines:
            self._write(f"{self._client.prompt}{line}\n")
            self._session.history.append_string(line)
            if line in LEAVE:
                return ""
            self._run_line(line)
            if self._refused:
                left = sum(later > number for later, _ in lines)
                self._write(self._marked(f"pasted line {number} was refused, {left} behind it were not run\n"))
                return ""
        return begun

    def _run(self, line: str) -> None:
        self._refused = False
        terminal = _TERMINAL.fullmatch(line)
        if not line:
            return
        if line == "history":
            self._pager.show("".join(f"{number}  {typed}\n" for number, typed in enumerate(self._typed, 1)))
        elif terminal:
            self._set_terminal(terminal[1].split())
        elif line.split()[0] == "replay":
            self._show(line, None, lambda: self._replay(line))
        elif is_browse(line):
            self._browse()
        else:
            self._run_pipeline(line)

    def _browse(self) -> None:
        """The trace browser, with the frames of what was replayed here."""
        from .browser.command import browse

        try:
            browse(self._client.rpc, "", self._replayed, self._session.input, self._screen)
        except RemoteError as error:
            self._refused = True
            self._write(f"{error}\n")

    def _replay(self, line: str) -> Iterator[str]:
        """Replay, and remember the captures: their frames have bytes that no trace shows."""
        client, node = self._here()
        plan = parse_replay(line.partition(" ")[2])
        self._replayed |= {f"{node}:{name}" if node else name: path for name, path in plan.inputs.items()}
        return replay(client, node, plan, self._screen)

    def _here(self) -> tuple[Client, str | None]:
        return self._client.rpc, self._client.node

    def _run_pipeline(self, line: str) -> None:
        try:
            pipeline = parse(line)
        except PipeError as error:
            self._refused = True
            self._write(f"{error}\n")
            return
        if pipeline.watch is not None:
            watch = Watch(self._talk, pipeline, self._session.input, self._screen)
            watch.run()
            self._early = watch.left_over
        else:
            self._show(line, pipeline, lambda: self._talk.pipe(pipeline, go_on=True))

    def _set_terminal(self, words: list[str]) -> None:
        match words:
            case [what, "on" | "off" as state] if what in TERMINAL:
                on = state == "on"
                if what == "strict":
                    self._talk.strict = on
                elif what == "pager":
                    self._pager.on = on
                else:
                    self._colour = on
            case _:
                self._refused = True
                self._write(f"set terminal: expected {'|'.join(TERMINAL)} on|off\n")

    # ---- output

    def _show(self, line: str, pipeline: Pipeline | None, start: Callable[[], Iterator[str]]) -> None:
        pieces = self._told(line, pipeline, start)
        with contextlib.closing(pieces):
            self._pager.show(pieces)

    def _told(
        self, line: str, pipeline: Pipeline | None, start: Callable[[], Iterator[str]]
    ) -> Generator[str, None, None]:
        """The output, then what was refused, pointed at, and what was swallowed."""
        self._warnings.clear()
        silent = True
        try:
            for piece in start():
                silent = silent and not piece
                yield coloured(piece) if self._colour else piece
        except REFUSED as error:
            self._refused = True
            caret = _caret(line, pipeline, error)
            width = len(self._client.prompt) + len(line)
            if caret is not None and silent and width < self._screen.get_size().columns:
                yield self._marked(" " * (len(self._client.prompt) + caret) + "^\n")
                caret = None
            yield f"{error}\n"
            if caret is not None:
                yield self._marked(f"  {line}\n  {' ' * caret}^\n")
        for notice in self._warnings:
            yield self._marked(f"{notice}\n")

    def _marked(self, text: str) -> str:
        return warning(text) if self._colour else text

    def _known_words(self) -> Words:
        """The tree of command words, asked for once."""
        if self._words is None:
            try:
                engine = self._client.rpc.call("command_words")
            except (UnreachableError, RemoteError):
                return {}
            self._words = with_own_words(engine)
            for word in ("watch", "node"):  # a command follows behind a word
                self._words.setdefault(word, {})
        return self._words

    def _write(self, text: str) -> None:
        self._screen.write_raw(text)
        self._screen.flush()


def _caret(line: str, pipeline: Pipeline | None, error: Exception) -> int | None:
    """The column of the offending word in the line; None when it is not known."""
    if not isinstance(error, RemoteError) or pipeline is None:
        return None
    command = pipeline.command.removesuffix(" | json")
    start = line.find(command)
    if error.file is not None or start < 0:
        return None
    unread = error.unread
    if unread is None:  # what the message quotes
        quoted = re.search(r"[`'](.+?)(?:\.\.\.)?'$", str(error))
        found = command.rfind(quoted[1]) if quoted else -1
        return start + found if found >= 0 else None
    unread = unread.strip()
    if not command.endswith(unread):
        return None
    return start + len(command) - len(unread)


def _bindings() -> KeyBindings:
    bindings = KeyBindings()

    @bindings.add(Keys.BracketedPaste)
    def paste(event: KeyPressEvent) -> None:
        """Several lines end the prompt, to be run one by one; a single one is typed."""
        text = event.data.replace("\r\n", "\n").replace("\r", "\n")
        buffer = event.current_buffer
        if "\n" not in text:
            buffer.insert_text(text)
            return
        before, after = buffer.document.text_before_cursor, buffer.document.text_after_cursor
        buffer.reset()
        event.app.erase_when_done = True  # each line is shown again when it runs
        event.app.exit(result=Pasted(before + text + after))

    return bindings
